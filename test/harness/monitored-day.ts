import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { assign } from '../../electron/core/deployments/assign.ts'
import { tabularOf } from '../../electron/core/registry/describe.ts'
import { startEvaluator } from '../../electron/core/registry/evaluator.ts'
import { openRegistry, type RegisteredVersion } from '../../electron/core/registry/registry.ts'
import { createRowRunner, type RanRows } from '../../electron/core/registry/row-runner.ts'
import { openFleet } from '../../electron/core/store/fleet/open.ts'
import { openFleetStore, type FleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { openKeyring } from '../../electron/core/trust/keys.ts'
import type { Baseline } from '../../shared/domain/bundle.ts'
import { plainData, tensorFromPlain } from '../../shared/inference/tensor.ts'
import { reportedMessage } from '../../shared/protocol/reported.ts'
import { fillDay } from './monitored-telemetry.ts'
import { wineBundle, wineRows, type WineRows } from './wine-stream.ts'

const FLEET = 'cellar'
const DAY_MS = 86_400_000

/** A stream with what the model says of each row. */
export interface SaidStream {
  stream: WineRows
  /** Of the rows from `at` on. */
  said(at: number, rows: number): Pick<RanRows, 'inputs' | 'outputs' | 'outcomes'>
}

/** A day of five devices that serve wine, as `fillMonitoredDay` made it. */
export interface MonitoredDay {
  devices: readonly string[]
  digest: string
}

/**
 * Fills an empty data directory with a day of five devices, through the stores of the product and while no console runs: 26 hours of the
 * stable stream, the last five of them of the drifted one. What is counted is counted by the agent's own code; only time is played.
 */
export async function fillMonitoredDay(dataDirectory: string, now = Date.now()): Promise<MonitoredDay> {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const devices = ['sensor-1', 'sensor-2', 'sensor-3', 'sensor-4', 'sensor-5']
  const db = openFleet(join(dataDirectory, 'fleet.db'))
  try {
    const store = openFleetStore(db)
    store.transact(() => {
      store.settings.set('fleet', FLEET)
      store.settings.set('fleetName', 'Cellar')
      store.settings.set('isSetUp', true)
    })
    const keyring = openKeyring(join(dataDirectory, 'keys'))
    const workDirectory = join(dataDirectory, 'work')
    const registry = openRegistry({
      ...{ db, keyring, workDirectory, artifactDirectory: join(dataDirectory, 'artifacts'), now: () => now - 2 * DAY_MS },
    })
    const bundlePath = join(dataDirectory, 'wine-bundle.json')
    writeFileSync(bundlePath, JSON.stringify(wineBundle()))
    const signal = new AbortController().signal
    const { digest } = await registry.import({
      ...{
        modelPath: 'build/samples/wine/wine-1.0.0.onnx',
        modelFileName: 'wine-1.0.0.onnx',
        bundlePath,
        signal,
        progress: () => undefined,
      },
      ...{ trainPath: 'build/samples/wine/train.csv', holdoutPath: 'build/samples/wine/holdout.csv', holdoutName: 'holdout.csv' },
    })
    const one = registry.version('wine', '1.0.0')
    const baseline = registry.contents.baseline(one.manifest)
    await registry.stop()
    const parts = { store, fleet: FLEET, keyring, reference: (of: string) => registry.reference(of) }
    store.transact(() => {
      for (const [i, device] of devices.entries()) {
        enrol(store, device, { site: i < 3 ? 'lyon' : 'oslo', at: now - 3 * DAY_MS })
        const order = { device, deployment: 'wine', digest, model: 'wine', version: '1.0.0', orderedAt: now - 2 * DAY_MS }
        store.deployments.put({ ...order, asked: null, terms: {}, beside: null })
        assign(parts, device, { now: now - 2 * DAY_MS })
        report(store, device, { digest, at: now - 60_000 })
      }
      // The devices are not there to fetch them, and the reports say that they have them.
      db.exec('DELETE FROM outbox')
    })
    const streams = await saidStreams(one, workDirectory)
    fillDay(join(dataDirectory, 'telemetry.db'), { devices, now, ...bundleOf(one, baseline), ...streams })
    return { devices, digest }
  } finally {
    db.close()
  }
}

function bundleOf({ manifest, digest }: RegisteredVersion, baseline: Baseline | null) {
  return { manifest, baseline, subject: { deployment: 'wine', digest, model: manifest.model, version: manifest.version } }
}

async function saidStreams({ manifest }: RegisteredVersion, workDirectory: string): Promise<{ stable: SaidStream; drifted: SaidStream }> {
  const signal = new AbortController().signal
  const evaluator = await startEvaluator({ modelPath: resolve('build/samples/wine/wine-1.0.0.onnx'), workDirectory, signal })
  try {
    const runner = createRowRunner({ rules: manifest, tabular: tabularOf(manifest)!, evaluator, what: 'Stream' })
    const said = async (file: 'stream-stable' | 'stream-drifted'): Promise<SaidStream> => {
      const stream = wineRows(file)
      const rows = stream.rows.map((row, i) => ({ row: i + 1, line: i + 2, values: row.map((value) => value ?? Number.NaN), target: null }))
      const ran: RanRows[] = []
      for (const row of rows) ran.push(await runner.run([row]))
      return { stream, said: (at, count) => joined(Array.from({ length: count }, (_, i) => ran[(at + i) % ran.length]!)) }
    }
    return { stable: await said('stream-stable'), drifted: await said('stream-drifted') }
  } finally {
    await evaluator.stop()
  }
}

/** Answers of single rows as the answer of one request. */
function joined(parts: readonly RanRows[]): Pick<RanRows, 'inputs' | 'outputs' | 'outcomes'> {
  const together = (of: (one: RanRows) => RanRows['inputs']): RanRows['inputs'] =>
    of(parts[0]!).map(({ name, datatype, shape }, k) => {
      const values = parts.flatMap((one) => plainData(of(one)[k]!))
      return tensorFromPlain(name, datatype, [parts.length, ...shape.slice(1)], values)
    })
  return {
    inputs: together(({ inputs }) => inputs),
    outputs: together(({ outputs }) => outputs),
    outcomes: parts.flatMap(({ outcomes }) => outcomes),
  }
}

function enrol(store: FleetStore, device: string, { site, at }: { site: string; at: number }): void {
  store.devices.enrol({ device, secretHash: createHash('sha256').update(device).digest('hex'), labels: { site }, enrolledAt: at })
}

function report(store: FleetStore, device: string, { digest, at }: { digest: string; at: number }): void {
  const active = { digest, model: 'wine', version: '1.0.0', since: at - DAY_MS }
  const state = { state: 'active', active, candidate: null, lastGood: active, progress: null, problem: null }
  const message = reportedMessage.parse({
    ...{ v: 1, sentAt: at, device, boot: 'boot-1', sequence: 1, assignmentProblem: null, deployments: { wine: state } },
    assignmentCounter: store.deployments.assignment(device)!.counter,
    facts: {
      ...{ os: 'linux', arch: 'arm64', hostname: `host-${device}`, cpus: 4, memoryBytes: 4e9, diskFreeBytes: 8e9, agentVersion: '0.1.0' },
      ...{ runtimeVersion: '1.30.0', executionProviders: ['cpu'], httpUrl: null },
    },
  })
  store.devices.noteReport(message, at)
}
