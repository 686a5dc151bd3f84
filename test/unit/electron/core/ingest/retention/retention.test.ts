import { describe, expect, test } from 'vitest'
import { openKeeper } from '../../../../../../electron/core/ingest/retention/retention.ts'
import { LEVELS } from '../../../../../../electron/core/store/telemetry/levels.ts'
import { retentionOf, type Retention } from '../../../../../../shared/domain/retention.ts'
import { sliceDesk, type SliceDesk } from '../../../../../harness/slice-desk.ts'

const [FIVE, HOUR, DAY] = LEVELS
/** A day at noon, long after the first records. */
const NOW = 1000 * DAY + 12 * HOUR

function keep(desk: SliceDesk, days: Partial<Retention> = {}, now = NOW): number {
  const keeper = openKeeper(desk.db)
  let steps = 0
  while (keeper.step(retentionOf(days), now)) steps += 1
  return steps
}

const count = (desk: SliceDesk, table: string): unknown => desk.db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
const window = (startedAt: number) => ({ kind: 'window' as const, body: { startedAt, endedAt: startedAt + 1000, requests: 1 } })
const requests = (desk: SliceDesk, from: number, through: number, bucketMs: number | null = null): unknown[] =>
  desk.slices
    .traffic({ devices: null, from, through }, { bucketMs, by: 'all' })
    .map(({ key, state }) => [(key.bucket - from) / FIVE, state.requests])

describe('what is older than its days', () => {
  test('goes, and its sums answer at the grain that is left', () => {
    const desk = sliceDesk()
    const old = NOW - 20 * DAY
    for (const at of [old, old + 1000, old + FIVE, old + HOUR + 1]) desk.take('cam-1', [window(at)], at)
    desk.take('cam-1', [window(NOW)], NOW)
    desk.fold()
    expect(requests(desk, old, old + 1001)).toEqual([[0, 2]])
    keep(desk)
    expect([count(desk, 'window'), desk.db.prepare('SELECT device, stored FROM spool').raw().all()]).toEqual([1, [['cam-1', 5]]])
    // The five minutes are still there: the bucket that begins within the period is all that can be said.
    expect(requests(desk, old, old + 1001)).toEqual([[0, 2]])
    expect(requests(desk, old + 1000, old + 1001)).toEqual([])
    expect(requests(desk, old, old + 2 * HOUR, 1000)).toEqual([
      [0, 2],
      [1, 1],
      [12, 1],
    ])
    keep(desk, { fiveMinutes: 10, minutes: 10 })
    expect([count(desk, 'minute_traffic'), requests(desk, old, old + 2 * HOUR, FIVE)]).toEqual([
      1,
      [
        [0, 3],
        [12, 1],
      ],
    ])
    keep(desk, { hours: 10 })
    // Noon is within a day that began before the period.
    expect([requests(desk, old, old + 2 * HOUR, FIVE), requests(desk, old - 12 * HOUR, NOW + 1)]).toEqual([[], [[0, 5]]])
  })

  test('stays while no sum holds it, and the newest row of a table stays for ever', () => {
    const desk = sliceDesk()
    desk.take('cam-1', [window(1000), window(2000), window(3000)], 5000)
    keep(desk)
    expect(count(desk, 'window')).toBe(3)
    desk.fold()
    keep(desk)
    expect(desk.db.prepare('SELECT id, seq FROM window').raw().all()).toEqual([[3, 3]])
    desk.take('cam-1', [window(NOW)], NOW)
    desk.fold()
    expect(desk.db.prepare('SELECT id, seq FROM window').raw().all()).toEqual([
      [3, 3],
      [4, 4],
    ])
    expect(requests(desk, 0, NOW + 1)).toEqual([[0, 4]])
  })

  test('counts by its arrival: what came late stays as long as anything else', () => {
    const desk = sliceDesk()
    desk.take('cam-1', [window(NOW - 100 * DAY)], NOW - DAY)
    desk.take('cam-1', [window(NOW)], NOW)
    desk.fold()
    keep(desk)
    expect(count(desk, 'window')).toBe(2)
  })

  test('a late window for sums that are gone is in the coarser ones, and in no answer twice', () => {
    const desk = sliceDesk()
    const old = Math.floor((NOW - 100 * DAY) / DAY) * DAY
    desk.take('cam-1', [window(old)], old)
    desk.take('cam-1', [window(NOW)], NOW)
    desk.fold()
    keep(desk)
    desk.take('cam-2', [window(old + 1)], NOW)
    for (const _ of [0, 1]) {
      expect([requests(desk, old, old + HOUR), requests(desk, old, old + DAY), requests(desk, old, old + HOUR, FIVE)]).toEqual([
        [[0, 2]],
        [[0, 2]],
        [[0, 2]],
      ])
      desk.fold()
    }
    keep(desk)
    expect(requests(desk, old, old + HOUR, FIVE)).toEqual([[0, 2]])
  })

  test('goes in steps of some hundred rows, of every kind by its own days', () => {
    const desk = sliceDesk()
    const kinds = ['sample', 'event', 'resources', 'shadow', 'ledger', 'drop', 'labels'] as const
    for (let i = 0; i < 4; i += 1)
      desk.take(
        'cam-1',
        Array.from({ length: 300 }, () => ({ kind: 'event' as const, body: {} })),
        1000,
      )
    for (const at of [1000, NOW - 20 * DAY, NOW])
      desk.take(
        'cam-1',
        kinds.map((kind) => ({ kind, body: {} })),
        at,
      )
    desk.fold()
    const tables = ['sample', 'event', 'resources', 'shadow', 'ledger', 'dropped', 'labels']
    expect(tables.map((table) => count(desk, table))).toEqual([3, 1203, 3, 3, 3, 3, 3])
    expect(keep(desk)).toBeGreaterThan(4)
    expect(tables.map((table) => count(desk, table))).toEqual([2, 2, 1, 1, 2, 2, 2])
    keep(desk, { samples: 10, events: 10, usage: 10, labels: 10 })
    expect(tables.map((table) => count(desk, table))).toEqual([1, 1, 1, 1, 1, 1, 1])
    expect(desk.slices.traffic({ devices: null, from: 0, through: NOW }, { bucketMs: null, by: 'all' })).toEqual([])
  })
})

test('labels go with their hours, the sums of their days stay, and a late label changes nothing of them', () => {
  const desk = sliceDesk()
  const old = Math.floor((NOW - 500 * DAY) / DAY) * DAY
  const label = (id: string, predictedAt: number, actual = '3') => ({
    kind: 'labels' as const,
    body: { items: [{ id, row: 0, predictedAt, predicted: '3', actual, confidence: null }] },
  })
  const right = (from: number, through: number): unknown =>
    desk.slices.quality({ devices: null, from, through }, { bucketMs: null, by: 'all' }).map(({ state }) => [state.rows, state.right])
  desk.take('cam-1', [label('a', old + 1), label('b', old + HOUR, '4'), label('c', old + DAY - 1)], old + DAY)
  desk.take('cam-1', [label('d', NOW - 1)], NOW)
  desk.fold()
  expect(right(old, old + HOUR)).toEqual([[1, 1]])
  keep(desk)
  expect([count(desk, 'label'), right(old, old + DAY), right(old, NOW)]).toEqual([1, [[3, 2]], [[4, 3]]])
  desk.take('cam-1', [label('a', old + 1, '9'), label('e', old + 2)], NOW)
  for (const _ of [0, 1]) {
    desk.fold()
    expect([right(old, old + DAY), count(desk, 'label')]).toEqual([[[3, 2]], 1])
    keep(desk)
  }
})
