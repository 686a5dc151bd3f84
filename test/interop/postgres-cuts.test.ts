import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { openTelemetryReader } from '../../electron/core/store/telemetry/open.ts'
import type { PostgresForward } from '../../shared/domain/forward.ts'
import { startFaultProxy } from '../harness/fault-proxy.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { openGiver, type Given } from '../harness/monitored-store.ts'
import { hasPostgres, startPostgres, type Postgres } from '../harness/postgres.ts'
import { telemetryRecord } from '../harness/telemetry.ts'

const kinds = ['window', 'event', 'resources', 'ledger', 'drop', 'shadow'] as const
const devices = ['cam-1', 'cam-2', 'cam-3', 'cam-4']
const TIMES = 1500
const RECORDS = devices.length * TIMES * kinds.length

/** One record of each kind, so often, with figures of its own. */
function records(until: number): Given[] {
  return Array.from({ length: TIMES }, (_, i) => {
    const at = until - (TIMES - i) * 1000
    const span = { startedAt: at, endedAt: at + 1000 }
    const own = { window: { ...span, requests: i, rows: 2 * i, errors: {} }, ledger: { ...span, inferences: i }, drop: { records: i + 1 } }
    return kinds.map((kind): Given => {
      const sound = telemetryRecord({ seq: 1, kind })['body'] as object
      return { kind, at, body: { ...sound, ...(kind in own ? own[kind as keyof typeof own] : {}) } }
    })
  }).flat()
}

/** Of each table: its name in the store of the console, and figures that a record which is missing, or there twice, changes. */
const tables = {
  windows: ['window', 'sum(requests) AS requests, sum(rows) AS rows'],
  events: ['event', 'count(DISTINCT message) AS messages'],
  resources: ['resources', 'count(DISTINCT received_at) AS times'],
  ledgers: ['ledger', 'sum(inferences) AS inferences'],
  drops: ['dropped', 'sum(records) AS records'],
  shadows: ['shadow', 'count(DISTINCT deployment) AS deployments'],
} as const
const sums = (figures: string, from: string): string => `SELECT count(*) AS n, sum(seq) AS seqs, ${figures} FROM ${from}`
const asNumbers = (row: Record<string, unknown>): Record<string, number> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]))

function sumsInStore(file: string): Record<string, unknown> {
  const db = openTelemetryReader(file)
  try {
    return Object.fromEntries(
      Object.entries(tables).map(([table, [name, figures]]) => [
        table,
        asNumbers(db.prepare<[], Record<string, unknown>>(sums(figures, `"${name}"`)).get()!),
      ]),
    )
  } finally {
    db.close()
  }
}

let server: Postgres
describe.skipIf(!hasPostgres)('a console that copies to PostgreSQL', () => {
  beforeAll(async () => {
    server = await startPostgres()
  }, 120_000)
  afterAll(() => server?.remove())

  async function sumsInPostgres(schema: string): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {}
    for (const [table, [, figures]] of Object.entries(tables))
      found[table] = asNumbers((await server.query(sums(figures, `${schema}.${table}`)))[0]!)
    return found
  }

  const arrived = async (schema: string): Promise<number> => {
    try {
      const parts = Object.keys(tables).map((table) => `(SELECT count(*) FROM ${schema}.${table})`)
      return Number((await server.query(`SELECT ${parts.join(' + ')} AS n`))[0]!['n'])
    } catch {
      // The server is away, or the schema is not made yet.
      return 0
    }
  }

  it('has each record there once, over kills of the server and of itself and cuts of the network', { timeout: 300_000 }, async () => {
    const directory = temporaryDirectory()
    const host = await LocalConsole.start(directory, ['--fleet', 'plant', '--log-level', 'error'])
    onTestFinished(() => host.crash())
    await host.stop()
    const file = join(directory, 'telemetry.db')
    const giver = openGiver(file)
    const now = Date.now()
    for (const device of devices) giver.give(device, records(now), now)
    giver.close()
    await host.launch()
    const proxy = await startFaultProxy({ port: server.port })
    onTestFinished(() => proxy.stop())

    const set = async (of: Partial<PostgresForward>): Promise<string> =>
      (await host.rpc!.call('forward.set', { set: { ...server.place, ...of } })).forward
    const ready = (forward: string, more: number): Promise<unknown> =>
      until(`${more} records of ${forward}`, 120, async () => (await arrived(forward)) >= more)
    const complete = (forward: string): Promise<unknown> =>
      until(`all of ${forward}`, 120, async () => {
        const { waiting, problem } = await host.rpc!.call('forward.status', { forward })
        return waiting === 0 && problem === null
      })

    // Slow enough that each cut comes in the middle, whatever the machine.
    proxy.setBandwidth(2_000_000)
    const cut = await set({ name: 'cut', schema: 'cut', port: proxy.port })
    await ready(cut, 1)
    proxy.cutAll()
    await ready(cut, 7000)
    await server.kill()
    await server.start()
    await ready(cut, 13_000)
    await host.crash()
    await host.launch()
    await ready(cut, 19_000)
    const before = await arrived(cut)
    expect(before).toBeLessThan(RECORDS)
    proxy.cutAll()
    proxy.setRefusing(true)
    await until('the console sees that nobody answers', 60, async () => (await host.rpc!.call('forward.status', { forward: cut })).problem)
    proxy.setRefusing(false)
    proxy.setBandwidth(null)
    await complete(cut)
    expect(await sumsInPostgres('cut')).toEqual(sumsInStore(file))
    expect(await arrived(cut)).toBe(RECORDS)
    expect(await server.query('SELECT count(*) AS n FROM cut.quarantine')).toEqual([{ n: '0' }])

    const began = performance.now()
    const whole = await set({ name: 'whole', schema: 'whole' })
    await complete(whole)
    const seconds = (performance.now() - began) / 1000
    expect(await sumsInPostgres('whole')).toEqual(sumsInStore(file))
    process.stdout.write(`${RECORDS} records in PostgreSQL in ${seconds.toFixed(1)} s: ${Math.round(RECORDS / seconds)} a second\n`)
  })
})
