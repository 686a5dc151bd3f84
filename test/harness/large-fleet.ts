import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { assign } from '../../electron/core/deployments/assign.ts'
import { openRegistry } from '../../electron/core/registry/registry.ts'
import { openFleet } from '../../electron/core/store/fleet/open.ts'
import { openFleetStore, type FleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { openKeyring } from '../../electron/core/trust/keys.ts'
import { presenceMessage } from '../../shared/protocol/presence.ts'
import { reportedMessage } from '../../shared/protocol/reported.ts'
import { hostileText, hostileTexts } from './hostile-texts.ts'
import { fillTelemetry } from './large-fleet-telemetry.ts'

export interface LargeFleetOptions {
  devices: number
  /** Adds devices whose labels, host names and events try to do harm; see `hostileTexts`. */
  hostile?: boolean
  /** The newest moment of the fleet; default: now. */
  now?: number
  /** Minutes of telemetry before that moment; default: a day and an hour. */
  minutes?: number
}

export interface LargeFleet {
  fleet: string
  devices: string[]
  /** Devices that `bringOnline` connects: all but some in a hundred. */
  online: string[]
  deployment: string
  versions: { version: string; digest: string }[]
}

const FLEET = 'large'
const SITES = 40
const BOOT = 'boot-1'
const AGENTS = ['0.1.0', '0.1.1', '0.2.0', '0.10.0']

/** What a device of the fleet is like, by its number: the same for every run. */
export type Mood = 'as-ordered' | 'fetching' | 'refused' | 'troubled' | 'disk-low' | 'offline' | 'never-seen'

export function moodOf(number: number): Mood {
  const place = number % 1000
  if (place < 30) return 'offline'
  if (place < 32) return 'never-seen'
  if (place < 42) return 'refused'
  if (place < 47) return 'troubled'
  if (place < 50) return 'disk-low'
  return place < 100 ? 'fetching' : 'as-ordered'
}

/**
 * Fills an empty data directory with a fleet, through the stores of the product and while no console runs: two sample versions that are
 * really imported, devices with signed orders and reports, and a day of telemetry. Start a console on it, then call `bringOnline`.
 */
export async function fillFleet(dataDirectory: string, options: LargeFleetOptions): Promise<LargeFleet> {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const now = options.now ?? Date.now()
  const db = openFleet(join(dataDirectory, 'fleet.db'))
  try {
    const store = openFleetStore(db)
    store.transact(() => {
      store.settings.set('fleet', FLEET)
      store.settings.set('fleetName', 'Large fleet')
      store.settings.set('isSetUp', true)
    })
    const keyring = openKeyring(join(dataDirectory, 'keys'))
    const registry = openRegistry({
      ...{ db, keyring, now: () => now },
      ...{ artifactDirectory: join(dataDirectory, 'artifacts'), workDirectory: join(dataDirectory, 'work') },
    })
    const versions: LargeFleet['versions'] = []
    for (const version of ['1.0.0', '1.1.0']) {
      const { digest } = await registry.import({
        modelPath: `build/samples/digits/digits-${version}.onnx`,
        modelFileName: `digits-${version}.onnx`,
        trainPath: 'build/samples/digits/train.csv',
        holdoutPath: 'build/samples/digits/holdout.csv',
        signal: new AbortController().signal,
        progress: () => undefined,
      })
      versions.push({ version, digest })
    }
    await registry.stop()
    const names = Array.from({ length: options.devices }, (_, i) => `dev-${String(i).padStart(5, '0')}`)
    const hostile = options.hostile === true ? Object.keys(hostileTexts).map((kind) => `hostile-${kind.toLowerCase()}`) : []
    const parts = { store, fleet: FLEET, keyring, reference: (digest: string) => registry.reference(digest) }
    store.transact(() => {
      for (const [i, device] of [...names, ...hostile].entries()) {
        enrol(store, { device, number: i, at: now - 30 * 86_400_000 + i })
        // Two in three have the newer version: an update that is under way.
        const { version, digest } = versions[i % 3 === 0 ? 0 : 1]!
        store.deployments.put({
          device,
          deployment: 'digits',
          digest,
          model: 'digits',
          version,
          orderedAt: now - 3_600_000,
          asked: null,
          terms: {},
          beside: null,
        })
        assign(parts, device, { now: now - 3_600_000 })
        if (moodOf(i) === 'never-seen') continue
        connect(store, device, { at: now - 60_000, agentVersion: agentOf(i) })
        report(store, { device, number: i, at: now - 60_000, versions })
      }
      // The devices are not there to fetch them, and the reports say that they have them.
      db.exec('DELETE FROM outbox')
    })
    const devices = [...names, ...hostile]
    fillTelemetry(join(dataDirectory, 'telemetry.db'), { devices, hostile, versions, now, minutes: options.minutes ?? 1500 })
    const online = devices.filter((_, i) => !['offline', 'never-seen'].includes(moodOf(i)))
    return { fleet: FLEET, devices, online, deployment: 'digits', versions }
  } finally {
    db.close()
  }
}

/** Connects devices in the store of a running console: nothing but real connections would do it otherwise. */
export function bringOnline(dataDirectory: string, devices: readonly string[], now = Date.now()): void {
  const db = openFleet(join(dataDirectory, 'fleet.db'))
  try {
    const store = openFleetStore(db)
    store.transact(() => {
      for (const device of devices) connect(store, device, { at: now, agentVersion: store.devices.find(device)?.agentVersion ?? '0.1.0' })
    })
  } finally {
    db.close()
  }
}

function connect(store: FleetStore, device: string, { at, agentVersion }: { at: number; agentVersion: string }): void {
  const message = { v: 1, sentAt: at, device, status: 'online', boot: BOOT, agentVersion }
  store.devices.notePresence(presenceMessage.parse(message), at)
}

function agentOf(number: number): string {
  return AGENTS[number % AGENTS.length]!
}

function enrol(store: FleetStore, { device, number, at }: { device: string; number: number; at: number }): void {
  const harm = hostileText(number)
  const usual = {
    site: `site-${String(number % SITES).padStart(2, '0')}`,
    line: String(number % 7),
    ...(number % 2 === 0 ? { camera: '' } : {}),
  }
  const labels = device.startsWith('hostile-') ? { site: harm, note: harm } : usual
  store.devices.enrol({ device, secretHash: createHash('sha256').update(device).digest('hex'), labels, enrolledAt: at })
}

function report(
  store: FleetStore,
  { device, number, at, versions }: { device: string; number: number; at: number; versions: LargeFleet['versions'] },
): void {
  const mood = moodOf(number)
  const ordered = versions[number % 3 === 0 ? 0 : 1]!
  const content = ({ version, digest }: LargeFleet['versions'][number]) => ({ digest, model: 'digits', version, since: at - 3_000_000 })
  const isBehind = mood === 'fetching' || mood === 'refused'
  const other = versions.find((one) => one !== ordered)!
  const harm = hostileText(number)
  const problem = {
    code: 'probe.golden-mismatch',
    message: device.startsWith('hostile-') ? harm : 'Row 3 of the golden set answers 7, not 1.',
  }
  const message = reportedMessage.parse({
    ...{ v: 1, sentAt: at, device, boot: BOOT, sequence: 1 },
    assignmentCounter: store.deployments.assignment(device)!.counter,
    assignmentProblem: null,
    facts: {
      ...{
        os: 'linux',
        arch: number % 2 === 0 ? 'arm64' : 'x64',
        hostname: device.startsWith('hostile-') ? harm.slice(0, 255) : `host-${device}`,
      },
      ...{ cpus: 4, memoryBytes: (1 + (number % 8)) * 1e9, diskFreeBytes: mood === 'disk-low' ? 1e8 : 1e9 + number * 1e6 },
      ...{ agentVersion: agentOf(number), runtimeVersion: '1.22.0', executionProviders: ['cpu'], httpUrl: null },
    },
    deployments: {
      digits: {
        state: mood === 'fetching' ? 'fetching' : mood === 'refused' ? 'rejected' : 'active',
        active: content(isBehind ? other : ordered),
        candidate: mood === 'fetching' ? content(ordered) : null,
        lastGood: content(other),
        progress: mood === 'fetching' ? { blocksHave: number % 16, blocksTotal: 16, bytesReceived: (number % 16) * 4096 } : null,
        problem: mood === 'refused' || mood === 'troubled' ? problem : null,
      },
    },
  })
  store.devices.noteReport(message, at)
}
