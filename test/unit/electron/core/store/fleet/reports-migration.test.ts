import { expect, it } from 'vitest'
import { openReportTable } from '../../../../../../electron/core/store/fleet/reports.ts'
import { fleetStore, T0 } from '../../../../../harness/fleet.ts'

const question = { kind: 'fleet' as const, query: '', model: null, rollout: null, from: T0, through: T0 + 1, zone: 'UTC' }
const order = { kind: 'fleet' as const, question, schedule: null, askedAt: T0, askedBy: 'kim', title: 'Fleet report' }

it('finds the report of a file, and those of a schedule, by index', () => {
  const { db } = fleetStore()
  const plan = (sql: string): string => JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
  expect(plan("SELECT * FROM report_file WHERE sha256 = 'x'")).toContain('report_file_by_hash')
  expect(plan("SELECT * FROM report WHERE schedule = 'x' AND state = 'made' ORDER BY id DESC")).toContain('report_by_schedule')
})

it('keeps each hash that was handed out, and forgets them with their report', () => {
  const { reports } = fleetStore()
  const id = reports.add(order)
  const file = { report: id, format: 'html' as const, bytes: 1, writtenAt: T0 }
  reports.putFile({ ...file, sha256: 'a' })
  reports.putFile({ ...file, sha256: 'b', writtenAt: T0 + 1 })
  expect([reports.fileByHash('a')?.report, reports.fileByHash('b')?.report]).toEqual([id, id])
  expect(reports.remove(id)).toBe(true)
  expect(reports.fileByHash('a')).toBeNull()
})

it('never gives a number twice, and fails what a console that was killed was making', () => {
  const store = fleetStore()
  const first = store.reports.add(order)
  store.reports.remove(first)
  const second = store.reports.add(order)
  expect(second).toBe(first + 1)
  expect(openReportTable(store.db).find(second)).toMatchObject({ state: 'failed', problem: 'The console ended before it was made.' })
})
