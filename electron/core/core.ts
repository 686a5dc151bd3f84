import * as fs from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import { createDispatch } from '../../shared/rpc/dispatch.ts'
import type { ChangeTopic } from '../../shared/rpc/frames.ts'
import { lockDirectory } from '../../shared/store/directory-lock.ts'
import { replaceFile } from '../../shared/store/durable-file.ts'
import { createHandlers } from './api/handlers.ts'
import type { ApiParts } from './api/parts.ts'
import { commandRunner } from './api/run-command.ts'
import { openApprovals } from './approval/open-approvals.ts'
import { createChangeFeed } from './change-feed.ts'
import { openConfigKeeper } from './config/keeper.ts'
import { openCosts } from './costs/open-costs.ts'
import { act } from './devices/act.ts'
import { watchDropping } from './devices/dropping.ts'
import { startIntake } from './devices/intake-queue.ts'
import { startHubProcess, type HubProcess } from './hub/hub-process.ts'
import type { BrokerOptions, HubDevice } from './hub/messages.ts'
import { startJobs } from './jobs/jobs.ts'
import { openDesk } from './labelling/desk.ts'
import type { Log } from './log.ts'
import { startAlerts, type Alerts } from './monitor/alerts/alerts.ts'
import { openMonitoring } from './monitor/open-monitoring.ts'
import { openOrderBook } from './orders/book.ts'
import { startOutbox, type Outbox } from './outbox/outbox.ts'
import { ownCaller } from './own-call.ts'
import { createRateMeter } from './rate-meter.ts'
import { openRegistry } from './registry/registry.ts'
import type { AgentBroker } from './sample-fleet/sample-identity.ts'
import { openSampleFleet, type SampleFleet } from './sample-fleet/sample-fleet.ts'
import { openFrameLinks, type FrameLinks } from './serve/frame-links.ts'
import { builtPage, openPageFiles } from './serve/page-files.ts'
import { openEvidence } from './rollout/evidence/open-evidence.ts'
import { openHaltList } from './rollout/halt-list.ts'
import { openRollouts, type Rollouts } from './rollout/open-rollouts.ts'
import { openOfferTimes } from './rollout/offer-times.ts'
import { rolloutParts } from './rollout/rollout-parts.ts'
import { serve, type Served } from './serve/serve.ts'
import { openUploads } from './serve/uploads.ts'
import { defaultBroker, embeddedUrl, localUrl, reachableUrl, withoutCredentials } from './setup/broker-setting.ts'
import { consoleToken, firstStart, isSetUp, prepareDirectory } from './setup/first-start.ts'
import { openWindows } from './rollout/planning/windows.ts'
import type { DeploymentRow } from './store/fleet/deployments.ts'
import { openFleetStore, type FleetStore } from './store/fleet/fleet-store.ts'
import { openFleet } from './store/fleet/open.ts'
import { openTelemetryQueries, type TelemetryQueries } from './store/telemetry/queries.ts'
import { openKeyring } from './trust/keys.ts'
import { openSecretBox } from './trust/secret-box.ts'

export interface CoreOptions {
  dataDirectory: string
  /** As the flags say; null: the stored one, else the default. */
  broker: BrokerOptions | null
  http: { host: string; port: number }
  /** Name of the fleet, of the flags; counts at the first start only. */
  fleetName: string | null
  /** Makes another token: whoever has the old one is out. */
  isNewToken?: boolean
  /** Key that seals secret settings, base64; the desktop keeps it with the system's help. */
  secretKey?: string | null
  /** Folder of the built UI; else the one beside this program. */
  pageDirectory?: string
  clock: Clock
  log: Log
  checksOutput: boolean
}

export interface Core {
  readonly url: string
  readonly token: string
  readonly brokerUrl: string
  readonly fleet: string
  /** Serves RPC on a port of the desktop; whoever hands it in vouches for the caller. */
  readonly connect: FrameLinks['connect']
  stop(): Promise<void>
}

/** Where a running console is found: `<data>/console.json`, readable by its user only. */
export interface ConsoleAddress {
  url: string
  token: string
  pid: number
}

/**
 * Starts the product in plain Node: the only place that builds its parts.
 * @throws Problem `data-directory.in-use`, `data-directory.read-only`, `store.*`, `port.in-use`
 */
export async function startCore(options: CoreOptions): Promise<Core> {
  const { dataDirectory, log } = options
  const stops: (() => Promise<void> | void)[] = []
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one()
  }
  try {
    prepareDirectory(dataDirectory)
    stops.push(lockDirectory((file) => new Database(file), join(dataDirectory, 'console.lock'), dataDirectory))
    const db = openFleet(join(dataDirectory, 'fleet.db'))
    stops.push(() => void db.close())
    const telemetry = openTelemetryQueries(join(dataDirectory, 'telemetry.db'))
    stops.push(() => telemetry.close())
    const store = openFleetStore(
      db,
      watchDropping(telemetry, () => options.clock.now()),
      openSecretBox(options.secretKey ?? null),
    )
    firstStart(store, options)
    return await build(options, { store, telemetry, stops, stop })
  } catch (error) {
    await stop().catch((failure: unknown) => log('error', 'the console did not stop cleanly', { reason: messageOf(failure) }))
    throw error
  }
}

interface Begun {
  store: FleetStore
  telemetry: TelemetryQueries
  stops: (() => Promise<void> | void)[]
  stop(): Promise<void>
}

async function build(options: CoreOptions, { store, telemetry, stops, stop }: Begun): Promise<Core> {
  const { dataDirectory, clock, log } = options
  const now = (): number => clock.now()
  const artifactDirectory = join(dataDirectory, 'artifacts')
  const feed = createChangeFeed((changed) => {
    served?.broadcast({ event: 'changed', topics: changed })
    links?.broadcast({ event: 'changed', topics: changed })
  })
  stops.push(feed.stop)
  const changed = (...what: ChangeTopic[]): void => {
    feed.note(what)
    // What holds a rollout, or lets it begin, may be another thing now.
    if (what.some((topic) => topic === 'approvals' || topic === 'alerts' || topic === 'costs')) rollouts.glance()
  }
  const keyring = openKeyring(join(dataDirectory, 'keys'))
  const registry = openRegistry({ db: store.db, artifactDirectory, workDirectory: join(dataDirectory, 'work'), keyring, now })
  stops.push(() => registry.stop())
  const sizeOf = (digest: string) => registry.sizeOf(digest)
  const book = openOrderBook({ store, now, sizeOf })
  const jobs = startJobs({ onChange: () => changed('jobs'), now })
  const uploads = openUploads(join(dataDirectory, 'uploads'), now)
  stops.push(() => uploads.close())
  let served: Served | null = null
  let links: FrameLinks | null = null
  let fleet = store.settings.get('fleet')!
  const ingestRate = createRateMeter(() => clock.monotonic())

  const hubDevice = (device: string): HubDevice[] => {
    const row = store.devices.find(device)
    return row === null ? [] : [{ device, secretHash: row.secretHash, bundles: bundlesOf(store.deployments.ofDevice(device)) }]
  }
  const broker = (): BrokerOptions => options.broker ?? store.settings.get('broker') ?? defaultBroker
  /** Where the broker listens, or will. */
  const listeningUrl = (): string => {
    const wanted = broker()
    if (wanted.kind === 'external') return withoutCredentials(wanted.url)
    return hub.url === '' ? embeddedUrl(wanted) : hub.url
  }
  const brokerUrl = (): string => reachableUrl(listeningUrl())
  const timeWindows = openWindows()
  const desk = openDesk({ store, telemetry, registry, now })
  const parts: ApiParts = {
    store,
    get fleet() {
      return fleet
    },
    keyring,
    reference: (digest) => registry.reference(digest),
    telemetry,
    registry,
    book,
    desk,
    approvals: openApprovals(store),
    costs: openCosts({ store, registry, telemetry, windows: timeWindows, now, ...openOfferTimes(store, () => rollouts) }),
    get rollouts() {
      return rollouts
    },
    ...openMonitoring({ store, slices: telemetry.slices, registry, desk, now, levels: () => alerts.thresholds() }),
    get alerts() {
      return alerts
    },
    sizeOf,
    jobs,
    config: openConfigKeeper({
      ...{ store, keyring, jobs, now, changed, reference: (digest) => registry.reference(digest), onOutbox: () => outbox.kick() },
      get fleet() {
        return fleet
      },
    }),
    uploads,
    hub: () => hub,
    version: musterVersion,
    dataDirectory,
    startedAt: now(),
    now,
    ingestRate,
    broker,
    hasBrokerFlags: options.broker !== null,
    isSetUp: () => isSetUp(store),
    sampleFleet: () => sampleFleet,
    brokerUrl,
    onHubOptions() {
      fleet = store.settings.get('fleet') ?? fleet
      store.devices.noteAllOffline()
      hub.restart().catch((error: unknown) => log('error', 'the hub does not start with the new settings', { reason: messageOf(error) }))
    },
    onDevicesChanged(upsert, remove) {
      hub.updateDevices(upsert.flatMap(hubDevice), remove)
      sampleFleet.onRemoved(remove)
      book.settle(remove)
      parts.config.note(upsert)
      rollouts.note([...upsert, ...remove])
    },
    onCodesChanged: () => hub.updateEnrolmentCodes(store.enrolment.guests(now())),
    onOutbox: () => outbox.kick(),
    changed,
  }
  const halts = openHaltList({
    ...{ store, keyring },
    get fleet() {
      return fleet
    },
  })
  const evidence = openEvidence({ telemetry, desk, registry, now })
  const rollouts: Rollouts = openRollouts(rolloutParts(parts, { windows: timeWindows, evidence, halts, log }))
  stops.push(() => rollouts.stop())
  const intake = startIntake({ store, log, onTaken: (result) => act(parts, result, { publish: (message) => hub.publish(message), log }) })
  stops.push(intake.stop)
  store.devices.noteAllOffline()
  book.refresh()
  const hub: HubProcess = startHubProcess({
    options: () => ({
      fleet,
      broker: broker(),
      telemetryFile: join(dataDirectory, 'telemetry.db'),
      artifactDirectory,
      devices: store.devices.all().flatMap((row) => hubDevice(row.device)),
      enrolmentCodes: store.enrolment.guests(now()),
      limitBytesPerSecond: store.settings.get('limitBytesPerSecond') ?? null,
      retention: store.settings.get('retention') ?? {},
    }),
    onMessages: (messages) => intake.add(messages),
    onReady() {
      halts.resend(now())
      outbox.kick()
      sampleFleet.onBroker()
    },
    onIngest() {
      ingestRate.note(hub.counters.records)
      changed('telemetry')
    },
    onTransfers: () => changed('transfers'),
    onBroker: () => {
      if (broker().kind === 'embedded' && hub.broker.state !== 'running') store.devices.noteAllOffline()
      outbox.kick()
      changed('system', 'devices')
    },
    log,
  })
  stops.push(() => hub.stop())
  const outbox: Outbox = startOutbox({ table: store.outbox, publish: (message) => hub.publish(message), log })
  stops.push(() => outbox.stop())
  stops.push(() => jobs.stop())
  const alerts: Alerts = startAlerts({
    ...{ store, monitor: parts.monitor, telemetry, now, log, changed: () => changed('alerts'), random: () => Math.random() },
    fleet: () => ({ id: fleet, name: store.settings.get('fleetName') ?? fleet }),
    isListening: () => hub.broker.state === 'running',
  })
  stops.push(() => alerts.stop())
  const dispatch = createDispatch({
    handlers: createHandlers(parts),
    runCommand: commandRunner(store, now),
    checksOutput: options.checksOutput,
    onInternal: (error, method) =>
      log('error', 'a call failed', { method, reason: messageOf(error), stack: error instanceof Error ? (error.stack ?? '') : '' }),
  })
  const sampleFleet: SampleFleet = openSampleFleet({
    ...{ store, registry, jobs, now, log, call: ownCaller(dispatch, 'sample-fleet'), directory: join(dataDirectory, 'sample-fleet') },
    fleet: () => fleet,
    broker: () => agentBroker(broker(), listeningUrl()),
    monotonic: () => clock.monotonic(),
    changedModels: () => changed('models'),
    onChange: () => changed('sampleFleet'),
  })
  stops.push(() => sampleFleet.close())
  await hub.ready.catch((error: unknown) => tolerate(error, options, log))
  outbox.kick()
  const token = consoleToken(store, { isNew: options.isNewToken === true })
  const page = openPageFiles(options.pageDirectory ?? builtPage)
  const server = await serve({ ...options.http, token, dispatch, uploads, page, log })
  served = server
  stops.push(() => server.stop())
  const windows = openFrameLinks({ dispatch, log })
  links = windows
  stops.push(windows.stop)
  const address: ConsoleAddress = { url: server.url, token, pid: process.pid }
  replaceFile(fs, { directory: dataDirectory, name: 'console.json' }, Buffer.from(`${JSON.stringify(address)}\n`))
  stops.push(() => fs.rmSync(join(dataDirectory, 'console.json'), { force: true }))
  parts.config.noteAll()
  rollouts.start()
  const measuring = new AbortController()
  stops.push(() => measuring.abort())
  registry
    .measureTravel(measuring.signal)
    .catch((error: unknown) =>
      log('warn', 'blocks of older versions were not measured; forecasts count their bytes on the disk', { reason: messageOf(error) }),
    )
  sampleFleet.resume()
  // The first page waits for nothing that can be read before it is opened: the roster of a large fleet takes half a second.
  await ownCaller(dispatch, 'warm-up')('overview.show', {}).catch((error: unknown) =>
    log('warn', 'the overview could not be read at the start', { reason: messageOf(error) }),
  )
  return {
    ...{ url: server.url, token, connect: windows.connect, stop },
    get brokerUrl() {
      return brokerUrl()
    },
    get fleet() {
      return fleet
    },
  }
}

/** A broker that was chosen in the UI and cannot start, as on a port that is taken by now, must not keep the person from choosing another. */
function tolerate(error: unknown, options: CoreOptions, log: Log): void {
  const isChoice = error instanceof Problem && (error.code === 'port.in-use' || error.code === 'input.invalid')
  if (options.broker !== null || !isChoice) throw error
  log('error', 'the broker does not start; choose another one in the settings', { reason: error.message })
}

/** What a device may fetch: what is ordered, also beside the active version. */
function bundlesOf(orders: readonly DeploymentRow[]): string[] {
  return [...new Set(orders.flatMap(({ digest, beside }) => (beside === null ? [digest] : [digest, beside.digest])))]
}

/** How agents on this machine reach the broker: an external one with the account of the console. */
function agentBroker(broker: BrokerOptions, url: string): AgentBroker {
  if (broker.kind === 'embedded') return { url: localUrl(url), username: null, password: null }
  return { url, username: broker.username, password: broker.password }
}
