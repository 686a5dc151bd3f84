import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { connectPostgres } from '../../electron/core/forward/postgres/connect.ts'
import { writeBatch } from '../../electron/core/forward/postgres/write.ts'
import type { CopiedTable } from '../../shared/domain/forward.ts'
import { until } from '../../build/demo/child.ts'
import { fleetCertificates } from '../harness/fleet-certificates.ts'
import { T0, temporaryDirectory } from '../harness/fleet.ts'
import { openForwardDesk } from '../harness/forward-desk.ts'
import type { Given } from '../harness/monitored-store.ts'
import { hasPostgres, startPostgres, type Postgres } from '../harness/postgres.ts'
import { telemetryRecord } from '../harness/telemetry.ts'

const kinds = ['window', 'event', 'resources', 'ledger', 'drop', 'shadow', 'sample', 'labels'] as const
const bodyOf = (kind: Given['kind'], body: object = {}): Given => ({
  ...{ kind, at: T0 },
  body: { ...(telemetryRecord({ seq: 1, kind })['body'] as object), ...body },
})
/** One record of each kind, so often. */
const records = (times: number): Given[] => Array.from({ length: times }, () => kinds.map((kind) => bodyOf(kind))).flat()

/** A database of its own schema per test: one server is enough for all. */
let server: Postgres
describe.skipIf(!hasPostgres)('the copy in PostgreSQL', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    server = await startPostgres()
  }, 120_000)
  afterAll(() => server?.remove())

  async function counts(schema: string): Promise<Partial<Record<CopiedTable, number>>> {
    const found: Partial<Record<CopiedTable, number>> = {}
    for (const table of ['windows', 'events', 'resources', 'ledgers', 'drops', 'shadows', 'quarantine'] as const)
      found[table] = Number((await server.query(`SELECT count(*) AS n FROM ${schema}.${table}`))[0]!['n'])
    return found
  }
  const all = (n: number) => ({ windows: n, events: n, resources: n, ledgers: n, drops: n, shadows: n, quarantine: 0 })

  it('holds what the store holds, column by column, and no samples or labels', async () => {
    const desk = openForwardDesk()
    desk.give('cam-1', records(2), T0 + 1500)
    const { forward } = await desk.call('forward.set', { set: { ...server.place, schema: 'whole' } })
    expect(await desk.call('forward.test', { forward })).toEqual({ works: true, problem: null })
    const status = await until('everything is copied', 120, async () => {
      const now = await desk.call('forward.status', { forward })
      return now.waiting === 0 && now
    })
    expect(status).toMatchObject({ state: 'running', problem: null, waitingSince: null, backfill: { done: 12, total: 12 } })
    expect(await counts('whole')).toEqual(all(2))
    const [window] = await server.query(`SELECT * FROM whole.windows ORDER BY seq LIMIT 1`)
    expect(window).toMatchObject({
      ...{ fleet: 'plant', device: 'cam-1', spool: 'spool-cam-1', seq: '1', deployment: 'digits', model: 'digits', version: '1.0.0' },
      ...{ boot: 'boot-1', started_at: new Date(1000), ended_at: new Date(2000), received_at: new Date(T0 + 1500) },
      ...{ requests: '12', rows: '10', errors: '3', errors_by_cause: { 'inference.bad-input': 2, 'inference.failed': 1 } },
      ...{ claimed_at: null, validation: {}, latency: { count: 1, bins: [[35, 1]] } },
    })
    expect(window!['latency_p95_ms']).toBeCloseTo(2, 1)
    const tables = await server.query(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'whole' ORDER BY 1`)
    expect(tables.map((row) => row['table_name'])).toEqual([
      'drops',
      'events',
      'ledgers',
      'muster_schema',
      'quarantine',
      'resources',
      'shadows',
      'windows',
    ])
  })

  it('goes on over a cut, and over a restart of the console, and has each record once', async () => {
    const desk = openForwardDesk()
    desk.give('cam-1', records(600), T0)
    const { forward } = await desk.call('forward.set', { set: { ...server.place, schema: 'cut' } })
    await until('the copy has begun', 120, async () =>
      (await desk.call('forward.status', { forward })).tables.some(({ copied }) => copied > 0),
    )
    await server.kill()
    desk.give('cam-2', records(700), T0 + 60_000)
    const cut = await until('the cut is noticed', 120, async () => {
      const now = await desk.call('forward.status', { forward })
      return now.problem !== null && now
    })
    expect(cut.problem).toMatchObject({ code: 'forward.unreachable' })
    expect(cut).toMatchObject({ state: 'running', waitingSince: expect.any(Number) as number })
    await desk.stop()
    await server.start()
    const again = openForwardDesk({ store: desk.store, telemetry: desk.telemetry })
    desk.give('cam-2', records(1), T0 + 61_000)
    await until('the rest is copied', 120, async () => {
      const now = await again.call('forward.status', { forward })
      return now.waiting === 0 && now.problem === null
    })
    expect(await counts('cut')).toEqual(all(1301))
    // Places that were lost, as after a restore of yesterday: everything goes again, and nothing is there twice.
    await again.stop()
    desk.store.transact(() => desk.store.forwards.setPlaces(forward, {}, null))
    const third = openForwardDesk({ store: desk.store, telemetry: desk.telemetry })
    await until('all was compared again', 120, async () => (await third.call('forward.status', { forward })).tables[0]!.copied >= 1301)
    await until('nothing waits', 120, async () => (await third.call('forward.status', { forward })).waiting === 0)
    expect(await counts('cut')).toEqual(all(1301))
  })

  it('waits while it is paused, and takes up what came meanwhile', async () => {
    const desk = openForwardDesk()
    const { forward } = await desk.call('forward.set', { set: { ...server.place, schema: 'paused' } })
    desk.give('cam-1', records(1), T0)
    await until('it is copied', 120, async () => (await desk.call('forward.status', { forward })).tables[0]!.copied === 1)
    expect(await desk.call('forward.pause', { forward })).toMatchObject({ state: 'paused' })
    desk.give('cam-1', records(2), T0 + 5000)
    const waits = await desk.call('forward.status', { forward })
    expect(waits).toMatchObject({ waiting: 12, waitingSince: T0 + 5000, backfill: null })
    expect(await counts('paused')).toEqual(all(1))
    await desk.call('forward.resume', { forward })
    await until('the rest is copied', 120, async () => (await desk.call('forward.status', { forward })).waiting === 0)
    expect(await counts('paused')).toEqual(all(3))
  })

  it('is not held up by what PostgreSQL cannot hold', async () => {
    const desk = openForwardDesk()
    const odd = bodyOf('event', { message: 'nul \0 and half \ud83d', detail: { 'key\0': 'value\0' } })
    desk.give('cam-1', [odd, bodyOf('event')], T0)
    const { forward } = await desk.call('forward.set', { set: { ...server.place, schema: 'odd' } })
    await until('everything is copied', 120, async () => (await desk.call('forward.status', { forward })).waiting === 0)
    const events = await server.query('SELECT message, detail FROM odd.events ORDER BY seq')
    expect(events[0]).toEqual({ message: 'nul \u{fffd} and half \u{fffd}', detail: { 'key\u{fffd}': 'value\u{fffd}' } })
    expect(events).toHaveLength(2)
    // No record that ingest lets through is beyond a column; one that is would be named, and the others stored.
    const client = await connectPostgres({ ...server.place, schema: 'odd' })
    const row = (seq: number, at: number) => ({
      ...{ device: 'cam-2', spool: 's', seq, received_at: T0, at },
      ...{ name: 'x', severity: 'info', code: null, message: 'x', detail: {} },
    })
    const written = await writeBatch(client, { schema: 'odd', fleet: 'plant' }, { events: [row(1, T0), row(2, 1e300), row(3, T0)] })
    await client.end()
    expect(written).toMatchObject({ made: { events: 2, quarantine: 0 }, refused: { events: 1 } })
    const named = await server.query(`SELECT seq, reason FROM odd.quarantine WHERE device = 'cam-2'`)
    expect(named).toEqual([{ seq: '2', reason: expect.stringContaining('PostgreSQL cannot hold it in events') as string }])
  })

  it('is encrypted, and goes to no server whose certificate is not of the authority', async () => {
    const papers = await fleetCertificates(temporaryDirectory())
    const other = await fleetCertificates(temporaryDirectory())
    const { key, certificate, ca } = papers.tls
    const secure = await startPostgres({ tls: { key, certificate } })
    onTestFinished(() => secure.remove())
    const desk = openForwardDesk()
    desk.give('cam-1', records(1), T0)
    const place = { ...secure.place, tls: 'verify' as const, ca }
    const { forward } = await desk.call('forward.set', { set: place })
    await until('everything is copied', 120, async () => (await desk.call('forward.status', { forward })).waiting === 0)
    const client = await connectPostgres(place)
    const { rows } = await client.query('SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    await client.end()
    expect(rows).toEqual([{ ssl: true, version: 'TLSv1.3' }])
    await expect(connectPostgres({ ...place, ca: other.tls.ca })).rejects.toMatchObject({ code: 'forward.insecure' })
    // The right authority, another name.
    await expect(connectPostgres({ ...place, host: '127.0.0.2' })).rejects.toMatchObject({
      code: expect.stringMatching(/forward\.(insecure|unreachable)/) as string,
    })
  })

  it('says what is wrong: password, database, TLS, a newer schema', async () => {
    const desk = openForwardDesk()
    const test = async (change: object) => {
      const { forward } = await desk.call('forward.set', { set: { ...server.place, schema: 'wrong', ...change } })
      const { problem } = await desk.call('forward.test', { forward })
      await desk.call('forward.remove', { forward })
      return problem?.code
    }
    expect(await test({ password: 'another' })).toBe('forward.refused')
    expect(await test({ database: 'nowhere' })).toBe('forward.refused')
    expect(await test({ tls: 'verify' })).toBe('forward.insecure')
    expect(await test({ port: 1 })).toBe('forward.unreachable')
    expect(await test({})).toBeUndefined()
    await server.query('INSERT INTO wrong.muster_schema (version) VALUES (1000)')
    expect(await test({})).toBe('forward.schema')
  })
})
