import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProgram } from '../../build/demo/child.ts'
import { connectConsole } from '../../electron/core/cli/connect.ts'
import { startCore, type Core } from '../../electron/core/core.ts'
import { openRegistry } from '../../electron/core/registry/registry.ts'
import { openFleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../electron/core/store/fleet/open.ts'
import { openKeyring } from '../../electron/core/trust/keys.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { monitoredReferences, type MonitoredReferences } from '../../shared/stats/reference/monitored.ts'
import { countRows, type Row } from '../harness/counted-slices.ts'
import { distributionGiven, openGiver, type Given } from '../harness/monitored-store.ts'
import { wineRows } from '../harness/wine-stream.ts'

/** Records of devices in a real store, asked over the interface of the console and its command line; no agent runs. */
const HOUR = 3_600_000
const NOW = Math.floor(Date.now() / HOUR) * HOUR
const HOURS = 10
const ROWS = 260
const devices = ['press-1', 'press-2', 'press-3', 'press-4', 'press-5'] as const
const bundle = { deployment: 'wine', model: 'wine', version: '1.0.0' } as const
const period = { from: NOW - 12 * HOUR, through: NOW }

let directory: string
let core: Core
let rpc: RpcClient

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-monitor-'))
  await fill(directory)
  core = await startCore({
    dataDirectory: directory,
    broker: { kind: 'embedded', host: '127.0.0.1', port: 0 },
    http: { host: '127.0.0.1', port: 0 },
    fleetName: null,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    log: () => undefined,
    checksOutput: true,
  })
  rpc = await connectConsole({ data: directory, url: core.url, token: core.token })
}, 120_000)
afterAll(async () => {
  rpc?.close()
  await core?.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** Press 1 sees the drifted stream, the others the stable one. */
async function fill(data: string): Promise<void> {
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const db = openFleet(join(data, 'fleet.db'))
  const store = openFleetStore(db)
  store.transact(() => {
    store.settings.set('fleet', 'monitor')
    store.settings.set('isSetUp', true)
  })
  const registry = openRegistry({
    ...{ db, keyring: openKeyring(join(data, 'keys')), now: () => NOW },
    ...{ artifactDirectory: join(data, 'artifacts'), workDirectory: join(data, 'work') },
  })
  const wine = { modelPath: 'build/samples/wine/wine-1.0.0.onnx', modelFileName: 'wine-1.0.0.onnx' }
  const data0 = { trainPath: 'build/samples/wine/train.csv', holdoutPath: 'build/samples/wine/holdout.csv' }
  const { digest } = await registry.import({ ...wine, ...data0, signal: new AbortController().signal, progress: () => undefined })
  const manifest = registry.manifest(digest)!
  const references = monitoredReferences(manifest, registry.contents.baseline(manifest))
  await registry.stop()
  store.transact(() => {
    for (const device of devices) {
      const secretHash = createHash('sha256').update(device).digest('hex')
      store.devices.enrol({ device, secretHash, labels: { site: device === 'press-1' ? 'lyon' : 'graz' }, enrolledAt: NOW - 100 * HOUR })
    }
  })
  db.close()
  const giver = openGiver(join(data, 'telemetry.db'))
  for (const [number, device] of devices.entries()) giver.give(device, recordsOf({ digest, number, references }), NOW)
  giver.close()
}

function recordsOf(of: { digest: string; number: number; references: MonitoredReferences }): Given[] {
  const { digest, number, references } = of
  const subject = { ...bundle, digest }
  const { features, rows, classes } = wineRows(number === 0 ? 'stream-drifted' : 'stream-stable')
  return Array.from({ length: HOURS }, (_, hour) => hour).flatMap((hour): Given[] => {
    const at = NOW - (12 - hour) * HOUR
    const places = Array.from({ length: ROWS }, (_, i) => (number * 37 + hour * ROWS + i) % rows.length)
    const counted = places.map((place): Row =>
      Object.fromEntries(features.map((name, i) => [name, rows[place]![i] === null ? null : Math.fround(rows[place]![i]!)])),
    )
    const body = { ...subject, startedAt: at, endedAt: at + HOUR, coveredMs: HOUR, requests: ROWS, rows: ROWS, errors: {} }
    const latencyMs = { accuracy: 0.01, count: ROWS, zero: 0, sum: 2 * ROWS, min: 2, max: 2, collapsed: false, bins: [[35, ROWS]] }
    // Every tenth row gets its label; press 1 is wrong in every second of them.
    const items = places.slice(0, ROWS / 10).map((place, i) => ({
      ...{ id: `p-${hour}-${i}`, row: 0, predictedAt: at + i, actual: `class_${classes[place]!}`, confidence: 0.9 },
      predicted: number === 0 && i % 2 === 0 ? 'class_9' : `class_${classes[place]!}`,
    }))
    return [
      { kind: 'window', at: at + HOUR, body: { ...body, latencyMs } },
      distributionGiven({ subject, at, lengthMs: HOUR, counts: countRows(references, counted) }),
      { kind: 'labels', at: at + HOUR, body: { ...subject, items } },
    ]
  })
}

const states = (of: OutputOf<'monitoring.drift'>): Record<string, string> =>
  Object.fromEntries(of.features.filter(({ state }) => state !== 'ok').map(({ name, state }) => [name, state]))

describe('the interface of the console', () => {
  test('drift names what changed on the device that changed, and the fleet without it is quiet', async () => {
    const one = await rpc.call('monitoring.drift', { ...bundle, ...period, device: 'press-1' })
    expect(states(one)).toEqual({ alcohol: 'alarm', flavanoids: 'alarm' })
    expect(one.features[0]!.sentence).toMatch(
      /has drifted: adjusted PSI .* over 13 features, 3 of the last 3 windows, .* against training \(110 rows\)\.$/,
    )
    expect(states(await rpc.call('monitoring.drift', { ...bundle, ...period, query: 'site = graz' }))).toEqual({})
  })

  test('peers find it too, and quality is measured', async () => {
    const { deployments } = await rpc.call('monitoring.peers', { device: 'press-1', ...period })
    expect(deployments).toHaveLength(1)
    expect(deployments[0]).toMatchObject({ peers: 4, drift: { state: 'alarm' } })
    expect(deployments[0]!.figures.find(({ measure }) => measure === 'accuracy')).toMatchObject({ state: 'differs', device: 0.5, peers: 1 })
    const quality = await rpc.call('monitoring.quality', { ...bundle, ...period, device: 'press-1', buckets: 12 })
    expect(quality).toMatchObject({
      labelled: 260,
      coverage: 0.1,
      accuracy: { state: 'measured', value: 0.5, n: 260 },
      sources: { feedback: 260, desk: 0 },
    })
    expect(quality.series.measured.filter(({ state }) => state === 'measured')).toHaveLength(HOURS)
  })

  test('data quality: ash goes missing, proline has outliers', async () => {
    const { rates } = await rpc.call('monitoring.dataQuality', { ...bundle, ...period, device: 'press-1' })
    const alarms = rates.filter(({ state }) => state === 'alarm').map(({ name, cause }) => `${name} ${cause}`)
    expect(alarms).toEqual(expect.arrayContaining(['ash missing', 'proline outlier']))
    const healthy = await rpc.call('monitoring.dataQuality', { ...bundle, ...period, device: 'press-2' })
    expect(healthy.rates.filter(({ state }) => state === 'alarm')).toEqual([])
  })

  test('health has a row per version or device; a feature lies over its reference and names who pulls it', async () => {
    const { rows } = await rpc.call('monitoring.health', period)
    expect(rows).toMatchObject([
      { ...bundle, device: null, devices: 5, task: 'classification', labelled: 1300, traffic: { requests: 13_000 } },
    ])
    const each = await rpc.call('monitoring.health', { ...period, by: 'device' })
    expect(each).toMatchObject({ total: 5 })
    expect(each.rows.find(({ device }) => device === 'press-1')!.drift).toMatchObject({ state: 'alarm' })
    const feature = await rpc.call('monitoring.feature', { ...bundle, ...period, feature: 'alcohol' })
    expect(feature.bins.reduce((sum, bin) => sum + bin.current, 0)).toBe(13_000)
    expect(feature.bins.reduce((sum, bin) => sum + bin.reference, 0)).toBe(110)
    expect(feature.devices[0]).toMatchObject({ device: 'press-1', state: 'alarm' })
    await expect(rpc.call('monitoring.feature', { ...bundle, ...period, feature: 'alcool' })).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining("Did you mean 'alcohol'?") as string,
    })
  })

  test('references: training, a baseline that is set and forgotten, peers; a season is not there yet', async () => {
    const asked = { ...bundle, ...period, device: 'press-2' }
    const { references } = await rpc.call('monitoring.references', asked)
    expect(references.map(({ kind, state }) => [kind, state])).toEqual([
      ['training', 'ready'],
      ['device-baseline', 'ready'],
      ['same-season', 'insufficient data'],
      ['peers', 'ready'],
    ])
    const at = { device: 'press-2', deployment: 'wine', from: NOW - 6 * HOUR, through: NOW - 4 * HOUR }
    const { reference } = await rpc.call('monitoring.setBaseline', at)
    expect(reference).toMatchObject({ state: 'ready', rows: 2 * ROWS })
    const drift = await rpc.call('monitoring.drift', { ...asked, reference: 'device-baseline' })
    expect(drift.reference.id).toBe(reference.id)
    await expect(rpc.call('monitoring.setBaseline', { ...at, device: 'press-1' })).rejects.toMatchObject({ code: 'input.invalid' })
    await rpc.call('monitoring.setBaseline', { ...at, from: null, through: null })
    const after = await rpc.call('monitoring.drift', { ...asked, reference: 'device-baseline' })
    expect(after).toMatchObject({ features: [], reference: { state: 'insufficient data' } })
  })
})

describe('the command line', () => {
  const muster = async (...args: string[]): Promise<{ code: number | string; output: string }> => {
    const program = startProgram('electron/core/cli.ts', [...args, '--data', directory])
    const code = await program.ended
    return { code, output: program.output() }
  }

  test('prints tables and verdicts, and ends with 1 where a pipeline shall stop', async () => {
    const drift = ['monitor', 'drift', 'wine', 'wine@1.0.0', '--since', '13h', '--device']
    const drifted = await muster(...drift, 'press-1', '--fail-on', 'alarm')
    expect(drifted.code).toBe(1)
    expect(drifted.output).toMatch(/alcohol +feature +alarm/)
    expect(drifted.output).toContain('has drifted')
    expect((await muster(...drift, 'press-2', '--fail-on', 'warn')).code).toBe(0)
    const health = await muster('monitor', '--json', '--since', '13h')
    expect((JSON.parse(health.output) as OutputOf<'monitoring.health'>).rows).toHaveLength(1)
    const rates = await muster('monitor', 'data-quality', 'wine', 'wine@1.0.0', '--device', 'press-1', '--since', '13h')
    expect(rates.output).toMatch(/ash +missing +alarm/)
  })

  test('quality, feature, peers, references and baseline, and its mistakes', async () => {
    const since = ['--since', '13h', '--device', 'press-1']
    expect((await muster('monitor', 'quality', 'wine', 'wine@1.0.0', ...since)).output).toMatch(/accuracy +0\.5000 \(95 %/)
    expect((await muster('monitor', 'feature', 'wine', 'wine@1.0.0', 'alcohol', ...since)).output).toMatch(/Wasserstein/)
    expect((await muster('monitor', 'peers', 'press-1', '--since', '13h', '--fail-on', 'alarm')).code).toBe(1)
    expect((await muster('monitor', 'references', 'wine', 'wine@1.0.0', ...since)).output).toMatch(/training +ready/)
    expect((await muster('monitor', 'baseline', 'press-3', 'wine', '--from', '9h', '--through', '5h')).output).toMatch(
      /The baseline is press-3/,
    )
    expect((await muster('monitor', 'baseline', 'press-3', 'wine')).code).toBe(2)
    expect((await muster('monitor', 'drift', 'wine', 'wine@1.0.0', '--reference', 'moon')).code).toBe(2)
    expect((await muster('monitor', 'drift', 'wine', 'wine@9.9.9')).code).toBe(4)
  })
})
