import { describe, expect, it } from 'vitest'
import { copiedTables } from '../../../../../../shared/domain/forward.ts'
import { lateCopies } from '../../../../../../electron/core/store/telemetry/copies.ts'
import { T0 } from '../../../../../harness/fleet.ts'
import { monitoredStore, type Given } from '../../../../../harness/monitored-store.ts'
import { telemetryRecord } from '../../../../../harness/telemetry.ts'

const of = (kind: Given['kind'], body: object = {}): Given => ({
  ...{ kind, at: T0 },
  body: { ...(telemetryRecord({ seq: 1, kind })['body'] as object), ...body },
})

describe('records in the order of their arrival', () => {
  it('come page by page, each with the device, spool and number that name it everywhere', () => {
    const { queries, give } = monitoredStore()
    give('cam-1', [of('event', { message: 'one' }), of('event', { message: 'two' })], T0)
    give('cam-2', [of('event', { message: 'three' })], T0 + 1)
    const first = queries.copies.page('events', 0, 2)
    expect(first.rows.map(({ device, seq, message }) => [device, seq, message])).toEqual([
      ['cam-1', 1, 'one'],
      ['cam-1', 2, 'two'],
    ])
    const second = queries.copies.page('events', first.place, 2)
    expect(second).toMatchObject({ rows: [{ device: 'cam-2', spool: 'spool-cam-2', seq: 1, message: 'three', detail: { slot: 'a' } }] })
    expect(queries.copies.page('events', second.place, 2)).toEqual({ rows: [], place: second.place, record: null })
    expect(queries.copies.newest('events')).toBe(second.place)
    expect(queries.copies.next('events', first.place)).toEqual({ place: second.place, receivedAt: T0 + 1 })
  })

  it('tell a place that holds another record than it did', () => {
    const { queries, give } = monitoredStore()
    give('cam-1', [of('event'), of('event')], T0)
    const { place, record } = queries.copies.page('events', 0, 10)
    expect(record).toBe('cam-1/spool-cam-1/2')
    expect(queries.copies.isStill('events', place, record!)).toBe(true)
    expect(queries.copies.isStill('events', place, 'cam-9/spool-cam-9/2')).toBe(false)
    // Nothing is left there, and what is left is older: the store was put back.
    expect(queries.copies.isStill('events', place + 5, record!)).toBe(false)
  })

  it('are none before there is a store', () => {
    const none = lateCopies(() => null)
    for (const table of copiedTables)
      expect([none.page(table, 7, 10), none.newest(table), none.next(table, 0)]).toEqual([{ rows: [], place: 7, record: null }, 0, null])
    expect(none.isStill('events', 3, 'x')).toBe(true)
  })

  it('show a latency that nothing was measured for as unknown, never as 0', () => {
    const { queries, give } = monitoredStore()
    const empty = { accuracy: 0.01, count: 0, zero: 0, sum: 0, min: null, max: null, collapsed: false, bins: [] }
    give('cam-1', [of('window', { latencyMs: empty, requests: 0, rows: 0, errors: {} })], T0)
    expect(queries.copies.page('windows', 0, 1).rows).toMatchObject([{ latency_p50_ms: null, latency_p95_ms: null, requests: 0 }])
  })
})
