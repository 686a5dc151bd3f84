import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectConsole } from '../../electron/core/cli/connect.ts'
import { startCore, type Core } from '../../electron/core/core.ts'
import type { InputOf, MethodName, OutputOf } from '../../shared/rpc/contract.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import { hostileTexts } from '../harness/hostile-texts.ts'
import { bringOnline, fillFleet, type LargeFleet } from '../harness/large-fleet.ts'

const DEVICES = 10_000
const CALLS = 30

let directory: string
let core: Core
let rpc: RpcClient
let fleet: LargeFleet

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-large-'))
  fleet = await fillFleet(directory, { devices: DEVICES, hostile: true })
  core = await startCore({
    dataDirectory: directory,
    broker: { kind: 'embedded', host: '127.0.0.1', port: 0 },
    http: { host: '127.0.0.1', port: 0 },
    fleetName: null,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    log: () => undefined,
    // What handlers return is checked against the contract in the calls of this test, not in those that are timed.
    checksOutput: false,
  })
  bringOnline(directory, fleet.online)
  rpc = await connectConsole({ data: directory, url: core.url, token: core.token })
}, 180_000)
afterAll(async () => {
  rpc?.close()
  await core?.stop()
  rmSync(directory, { recursive: true, force: true })
})

/**
 * Calls a method several times; prints how long answers took to be on this side of the socket, parsed and checked, and how much processor
 * time of this process that was: where other work runs beside the test, only the second says what the method costs.
 */
async function timed<Name extends MethodName>(name: Name, inputs: readonly InputOf<Name>[]): Promise<OutputOf<Name>[]> {
  const answers: OutputOf<Name>[] = []
  const took: number[] = []
  const worked: number[] = []
  await rpc.call(name, inputs[0]!)
  for (let i = 0; i < CALLS; i += 1) {
    const [before, used] = [performance.now(), process.cpuUsage()]
    answers.push(await rpc.call(name, inputs[i % inputs.length]!))
    took.push(performance.now() - before)
    const { user, system } = process.cpuUsage(used)
    worked.push((user + system) / 1000)
  }
  const at = (times: readonly number[], share: number): string =>
    times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * share)]!.toFixed(1)
  process.stdout.write(
    `${name} over ${fleet.devices.length} devices: p50 ${at(took, 0.5)} ms, p95 ${at(took, 0.95)} ms; processor p50 ${at(worked, 0.5)} ms, p95 ${at(worked, 0.95)} ms\n`,
  )
  return answers.slice(0, inputs.length)
}

describe('10,000 devices', () => {
  test('the table is filtered, sorted and paged', async () => {
    const [failed, labelled, all] = await timed('devices.table', [
      { query: 'health = failed', sort: { column: 'label.line', descending: true }, limit: 100 },
      { query: 'site = "site-0*" and agent >= 0.2 and not tag:camera', sort: { column: 'agentVersion', descending: false }, limit: 200 },
      { sort: { column: 'diskFreeBytes', descending: true }, offset: 5000, limit: 500 },
    ])
    expect(failed).toMatchObject({ total: 100, counts: { ok: 0, working: 0, attention: 0, failed: 100, offline: 0 }, fleet: 10_005 })
    const lines = failed!.rows.map(({ labels }) => Number(labels['line']))
    expect(lines).toEqual(lines.toSorted((one, other) => other - one))
    expect(failed!.rows[0]).toMatchObject({ health: 'failed', deployments: [{ deployment: 'digits', state: 'rejected' }] })
    expect(failed!.rows[0]!.sentence).toContain('Row 3 of the golden set answers 7, not 1. (probe.golden-mismatch)')
    const versions = labelled!.rows.map(({ agentVersion }) => agentVersion)
    expect([...new Set(versions)]).toEqual(['0.2.0', '0.10.0'].filter((version) => versions.includes(version)))
    expect(labelled!.rows.every(({ site, labels }) => site!.startsWith('site-0') && !Object.hasOwn(labels, 'camera'))).toBe(true)
    expect([all!.total, all!.rows.length]).toEqual([10_005, 500])
    expect(all!.counts).toEqual({ ok: 9000, working: 500, attention: 80, failed: 100, offline: 325 })
  })

  test('the strip has a cell for each device', async () => {
    const [cells] = await timed('devices.cells', [{}])
    const letters = cells!.groups.map(({ devices, health }) => [devices.length, health.length])
    expect(letters.every(([devices, health]) => devices === health)).toBe(true)
    expect(cells!.groups.flatMap(({ devices }) => devices).length).toBe(10_005)
    const all = cells!.groups.map(({ health }) => health).join('')
    expect(all.replaceAll(/[^f]/g, '').length).toBe(100)
  })

  test('the overview says what needs attention, ranked', async () => {
    const [overview] = await timed('overview.show', [{}, { period: '1h' }])
    expect(overview!.sentence.map(({ text }) => text).slice(0, 2)).toEqual(['9,000 of 10,005 devices healthy', '500 working'])
    expect(overview!.needsAttention.map(({ kind }) => kind)).toEqual([
      'refused',
      'refused',
      'deployment-problem',
      'deployment-problem',
      'disk-low',
      'offline',
      'never-seen',
    ])
    expect(overview!.needsAttention.reduce((sum, { devices }) => sum + devices, 0)).toBe(100 + 80 + 325)
    expect(overview!.figures.requestsPerSecond.value).toBeGreaterThan(1)
    expect(overview!.figures.requestsPerSecond.sparkline.filter((value) => value === null).length).toBeLessThan(3)
    expect(overview!.figures.accuracy.low).toBeLessThan(overview!.figures.accuracy.value!)
    expect(overview!.versionsOverTime.series.map(({ version }) => version).toSorted()).toEqual(['1.0.0', '1.1.0'])
    expect(overview!.recentEvents.length).toBe(20)
  })

  test('series of the fleet over a day', async () => {
    const now = Date.now()
    const [all, hour] = await timed('telemetry.fleetSeries', [
      { from: now - 86_400_000, through: now, buckets: 288, by: 'version' },
      { from: now - 3_600_000, through: now, buckets: 60 },
    ])
    expect(all!.series.map(({ model, version }) => `${model}@${version}`).toSorted()).toEqual(['digits@1.0.0', 'digits@1.1.0'])
    expect(all!.series[0]!.requests.filter((count) => count === null).length).toBeLessThan(3)
    expect(hour!.series[0]!.totals.latencyMs!.p95).toBeGreaterThan(hour!.series[0]!.totals.latencyMs!.p50)
  })

  test('search finds devices by id, host name and label, hostile ones as text', async () => {
    const [byId, byLabel] = await timed('search.all', [{ text: 'dev-0123' }, { text: '<img' }, { text: 'digits' }])
    expect(byId!.results.slice(0, 10).every(({ kind, title }) => kind === 'device' && title.startsWith('dev-0123'))).toBe(true)
    expect(byLabel!.results[0]).toMatchObject({ kind: 'device', target: { page: 'device' } })
    expect(byLabel!.results[0]!.detail).toContain(hostileTexts.markup)
  })

  test('a change of one device is seen by the next question', async () => {
    const before = await rpc.call('devices.table', { query: 'site = moved', limit: 0 })
    await rpc.call('devices.setLabels', { query: 'id = dev-00100', labels: { site: 'moved' } })
    expect([before.total, (await rpc.call('devices.table', { query: 'site = moved', limit: 0 })).total]).toEqual([0, 1])
  })
})
