import { join } from 'node:path'
import { messageOf } from '../../shared/domain/problem.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import { createDispatch } from '../../shared/rpc/dispatch.ts'
import type { ChangeTopic } from '../../shared/rpc/frames.ts'
import { createHandlers } from './api/handlers.ts'
import type { ApiParts } from './api/parts.ts'
import { commandRunner } from './api/run-command.ts'
import { openApprovals } from './approval/open-approvals.ts'
import { auditGuard } from './audit/audit-guard.ts'
import { openAuditDesk } from './audit/open-audit.ts'
import { openBackupKeeper } from './backup/keeper.ts'
import { noteTelemetryBegun } from './backup/restore/prepare-stores.ts'
import { settleRestore } from './backup/restore/settle.ts'
import { addDeviceGuards } from './certificates/device-guards.ts'
import { openDeviceTrust } from './certificates/device-trust.ts'
import { openCertificateOffice } from './certificates/office.ts'
import { openPreparation } from './certificates/preparation.ts'
import { startServerRenewal } from './certificates/server-renewal.ts'
import { createChangeFeed } from './change-feed.ts'
import { openConfigKeeper } from './config/keeper.ts'
import type { CoreOptions } from './core-options.ts'
import { openCosts } from './costs/open-costs.ts'
import { fetchable } from './deployments/fetchable.ts'
import { act, enrol } from './devices/act.ts'
import { startIntake } from './devices/intake-queue.ts'
import { guestCodes } from './enrolment/codes.ts'
import { openBrokerAddresses } from './hub/broker-addresses.ts'
import { startForwarding, type Forwarding } from './forward/forwarding.ts'
import { startHubProcess, type HubProcess } from './hub/hub-process.ts'
import type { BrokerOptions } from './hub/messages.ts'
import { startJobs } from './jobs/jobs.ts'
import { openDesk } from './labelling/desk.ts'
import { type LogQueue } from './metrics/log-queue.ts'
import { openMetrics } from './metrics/open-metrics.ts'
import { startAlerts, type Alerts } from './monitor/alerts/alerts.ts'
import { openMonitoring } from './monitor/open-monitoring.ts'
import { openOrderBook } from './orders/book.ts'
import { startOutbox, type Outbox } from './outbox/outbox.ts'
import { ownCaller } from './own-call.ts'
import { createRateMeter } from './rate-meter.ts'
import { openPeople } from './people/open-people.ts'
import { openReports } from './report/open-reports.ts'
import { openRegistry } from './registry/registry.ts'
import { openSources } from './registry/sources/sources.ts'
import { openSampleFleet, type SampleFleet } from './sample-fleet/sample-fleet.ts'
import { openFrameLinks, type FrameLink, type FrameLinks } from './serve/frame-links.ts'
import { builtPage, openPageFiles } from './serve/page-files.ts'
import { openEvidence } from './rollout/evidence/open-evidence.ts'
import { openHaltList } from './rollout/halt-list.ts'
import { openRollouts, type Rollouts } from './rollout/open-rollouts.ts'
import { openOfferTimes } from './rollout/offer-times.ts'
import { rolloutParts } from './rollout/rollout-parts.ts'
import { serve, type Served } from './serve/serve.ts'
import { openUploads } from './serve/uploads.ts'
import { defaultBroker } from './setup/broker-setting.ts'
import { removeConsoleAddress, writeConsoleAddress } from './setup/console-address.ts'
import { isSetUp } from './setup/first-start.ts'
import { tolerate } from './setup/tolerate.ts'
import { openWindows } from './rollout/planning/windows.ts'
import { type FleetStore } from './store/fleet/fleet-store.ts'
import { type TelemetryQueries } from './store/telemetry/queries.ts'
import { onlyCurrent } from './people/only-current.ts'
import { markDeclared } from './privacy/declared.ts'
import { openPrivacyOffice } from './privacy/office.ts'
import { privacyGuard } from './privacy/privacy-guard.ts'
import { peopleGuard } from './people/people-guard.ts'
import { openConsoleKey } from './people/console-key.ts'
import { openKeyring } from './trust/keys.ts'
import { openTrust } from './trust/open-trust.ts'
import { resignOrders } from './trust/resign-orders.ts'
import { openSecretBox } from './trust/secret-box.ts'

export interface Core {
  readonly url: string
  /** The token of the interface at the start; the first account makes another one. */
  readonly token: string
  /** What the desktop sends files with. */
  readonly uploadKey: string
  readonly brokerUrl: string
  /** There were accounts at the start: people sign in, and the token opens no page. */
  readonly isGuarded: boolean
  readonly fleet: string
  /** Serves RPC on a port of the desktop; whoever hands it in vouches for the caller. */
  readonly connect: FrameLinks['connect']
  /** Serves RPC on a port of the desktop's page; once there are accounts, the person signs in there. @param person the account of this machine */
  connectPage(link: FrameLink, person: string | null): void
  stop(): Promise<void>
}

/** What the start has opened, in the order in which it is closed again. */
export interface Begun {
  store: FleetStore
  telemetry: TelemetryQueries
  /** Log entries that wait to be exported. */
  logs: LogQueue
  stops: (() => Promise<void> | void)[]
  stop(): Promise<void>
}

/** Builds and connects the parts of the product: the only place that does. */
export async function assemble(options: CoreOptions, { store, telemetry, logs, stops, stop }: Begun): Promise<Core> {
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
  // Where devices trust keys already, none is made in silence in the place of one that is lost.
  const isNew = store.trust.newest('root') === null
  const box = openSecretBox(options.keyFilesKey ?? null)
  const keyring = openKeyring(join(dataDirectory, 'keys'), box, now, isNew)
  const registry = openRegistry({
    ...{ db: store.db, artifactDirectory, workDirectory: join(dataDirectory, 'work'), keyring, now },
    authorise: (digest, sizeBytes) => trust.authorise(digest, sizeBytes),
    onRecorded: (manifest) => markDeclared(store, manifest, now()),
  })
  stops.push(() => registry.stop())
  const sizeOf = (digest: string) => registry.sizeOf(digest)
  const book = openOrderBook({ store, now, sizeOf })
  const jobs = startJobs({ onChange: () => changed('jobs'), now })
  const uploads = openUploads(join(dataDirectory, 'uploads'), now)
  stops.push(() => uploads.close())
  let served: Served | null = null
  let links: FrameLinks | null = null
  let fleet = store.settings.get('fleet')!
  const trust = openTrust({
    ...{ store, keyring, dataDirectory, now, log, fleet: () => fleet, resign: () => resignOrders(parts, halts, now()) },
    ...{ onOutbox: () => outbox.kick(), changed: () => changed('trust', 'models') },
  })
  stops.push(trust.stop)
  const ingestRate = createRateMeter(() => clock.monotonic())

  const broker = (): BrokerOptions => options.broker ?? store.settings.get('broker') ?? defaultBroker
  const addresses = openBrokerAddresses({ broker, hub: () => hub, enrolListener: () => store.settings.get('enrolListener') })
  const office = openCertificateOffice({ directory: join(dataDirectory, 'certificates'), box, fleet: () => fleet, now })
  const bundles = (device: string): string[] => fetchable(store.deployments.ofDevice(device))
  const deviceTrust = openDeviceTrust({
    ...{ store, keyring, office, broker, now, log, changed, fleet: () => fleet },
    publish: (message) => hub.publish(message),
    onDevices: (devices) => parts.onDevicesChanged(devices, []),
    onCodes: () => parts.onCodesChanged(),
  })
  const timeWindows = openWindows()
  const desk = openDesk({ store, telemetry, registry, now })
  const consoleKey = openConsoleKey(store, { isNew: options.isNewToken === true, onRenewed: () => writeAddress() })
  const people = openPeople({ store, now, consoleKey, url: () => served?.url ?? null, listeners: () => [served, links] })
  stops.push(people.stop)
  trust.guards.add(() => peopleGuard(store))
  addDeviceGuards(trust.guards, { store, deviceTrust, broker, now })
  const audit = openAuditDesk({
    ...{ store, keyring, keysDirectory: join(dataDirectory, 'keys'), now, log },
    ...{ changed: () => changed('audit', 'alerts'), onOutbox: () => outbox.kick() },
    get fleet() {
      return fleet
    },
  })
  stops.push(audit.stop)
  trust.guards.add(() => auditGuard(audit.status(), audit.unsignedForMs()))
  trust.guards.add(() => privacyGuard(store))
  const parts: ApiParts = {
    store,
    audit,
    people,
    get fleet() {
      return fleet
    },
    ...{ keyring, trust },
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
    metrics: openMetrics({
      ...{ store, telemetry, logs, log, now, version: musterVersion, startedAt: now(), random: () => Math.random() },
      ...{ hub: () => hub, backups: () => parts.backups, fleet: () => fleet, url: () => served?.url ?? null },
      changed: () => changed('metrics'),
    }),
    get forwarding() {
      return forwarding
    },
    sizeOf,
    jobs,
    backups: openBackupKeeper({
      ...{ store, keyring, jobs, dataDirectory, now, log, version: musterVersion, changed: () => changed('backups', 'jobs') },
      fleet: () => fleet,
    }),
    config: openConfigKeeper({
      ...{ store, keyring, jobs, now, changed, reference: (digest) => registry.reference(digest), onOutbox: () => outbox.kick() },
      get fleet() {
        return fleet
      },
    }),
    privacy: openPrivacyOffice(() => parts),
    reports: openReports(() => parts),
    sources: openSources({
      ...{ store, registry, jobs, dataDirectory, now, log, changed, random: () => Math.random() },
      requireKeys: () => void keyring.targets(),
      fleetName: () => store.settings.get('fleetName') ?? fleet,
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
    ...{ brokerUrl: addresses.brokerUrl, enrolUrl: addresses.enrolUrl, deviceUrl: addresses.deviceUrl, deviceTrust, log },
    onEnrolDecided(request) {
      const publish: HubProcess['publish'] = (message) => hub.publish(message)
      enrol(parts, request, publish).catch((error: unknown) => log('warn', 'an enrolment was not answered', { reason: messageOf(error) }))
    },
    onHubOptions() {
      fleet = store.settings.get('fleet') ?? fleet
      trust.renamed()
      store.devices.noteAllOffline()
      hub.restart().catch((error: unknown) => log('error', 'the hub does not start with the new settings', { reason: messageOf(error) }))
    },
    onDevicesChanged(upsert, remove) {
      const known = upsert.flatMap((device) => deviceTrust.hubDevice(device, bundles) ?? [])
      const gone = upsert.filter((device) => !known.some((one) => one.device === device))
      hub.updateDevices(known, [...remove, ...gone])
      sampleFleet.onRemoved(remove)
      book.settle(remove)
      parts.config.note(upsert)
      rollouts.note([...upsert, ...remove])
    },
    onCodesChanged: () => hub.updateEnrolmentCodes(guestCodes(store, now())),
    onOutbox: () => outbox.kick(),
    changed,
  }
  stops.push(() => parts.metrics.stop())
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
  settleRestore(parts, halts, now())
  trust.start()
  book.refresh()
  const preparation = openPreparation(office, broker)
  await preparation.prepare()
  const hub: HubProcess = startHubProcess({
    prepare: preparation.prepare,
    options: () => ({
      fleet,
      broker: broker(),
      telemetryFile: join(dataDirectory, 'telemetry.db'),
      artifactDirectory,
      devices: deviceTrust.hubDevices(bundles),
      enrolmentCodes: guestCodes(store, now()),
      ...{ tls: office.hubTls(), tlsProblem: preparation.problem(), isOldPlaintext: options.broker === null },
      limitBytesPerSecond: store.settings.get('limitBytesPerSecond') ?? null,
      retention: store.settings.get('retention') ?? {},
    }),
    onMessages: (messages) => intake.add(messages),
    onReady() {
      halts.resend(now())
      trust.resend()
      audit.checkpoints.resend(now())
      outbox.kick()
      sampleFleet.onBroker()
    },
    onIngest() {
      ingestRate.note(hub.counters.records)
      parts.metrics.noteIngest()
      changed('telemetry')
    },
    onTransfers: () => changed('transfers'),
    onBroker: () => {
      if (broker().kind === 'embedded' && hub.broker.state !== 'running') store.devices.noteAllOffline()
      outbox.kick()
      changed('system', 'devices')
    },
    onRefusals: deviceTrust.noteRefusals,
    onClone: deviceTrust.noteClone,
    ...{ onCertificateUsed: deviceTrust.noteUse, onCut: deviceTrust.noteCut },
    log,
  })
  stops.push(() => hub.stop())
  stops.push(startServerRenewal({ office, broker, show: (tls) => hub.setTls(tls), remind: () => deviceTrust.remindAll(), log }).stop)
  const outbox: Outbox = startOutbox({ table: store.outbox, publish: (message) => hub.publish(message), log })
  stops.push(() => outbox.stop())
  stops.push(() => jobs.stop())
  stops.push(parts.sources.start())
  const alerts: Alerts = startAlerts({
    ...{ store, monitor: parts.monitor, telemetry, now, log, changed: () => changed('alerts'), random: () => Math.random() },
    fleet: () => ({ id: fleet, name: store.settings.get('fleetName') ?? fleet }),
    isListening: () => hub.broker.state === 'running',
  })
  stops.push(() => alerts.stop())
  const forwarding: Forwarding = startForwarding({
    ...{ store, copies: telemetry.copies, now, log, random: () => Math.random() },
    fleet: () => fleet,
    onChange: () => changed('forward'),
  })
  stops.push(() => forwarding.stop())
  const answered = createDispatch({
    handlers: createHandlers(parts),
    runCommand: commandRunner(store, now),
    checksOutput: options.checksOutput,
    onInternal: (error, method) =>
      log('error', 'a call failed', { method, reason: messageOf(error), stack: error instanceof Error ? (error.stack ?? '') : '' }),
  })
  const dispatch = onlyCurrent(answered, people)
  const sampleFleet: SampleFleet = openSampleFleet({
    ...{ store, registry, jobs, now, log, call: ownCaller(dispatch, 'sample-fleet'), directory: join(dataDirectory, 'sample-fleet') },
    fleet: () => fleet,
    broker: addresses.agentBroker,
    monotonic: () => clock.monotonic(),
    changedModels: () => changed('models'),
    onChange: () => changed('sampleFleet'),
  })
  stops.push(() => sampleFleet.close())
  await hub.ready.then(
    () => noteTelemetryBegun(store),
    (error: unknown) => tolerate(error, { hasBrokerFlags: options.broker !== null, log }),
  )
  outbox.kick()
  const page = openPageFiles(options.pageDirectory ?? builtPage)
  const server = await serve({
    ...{ ...options.http, access: people.access, dispatch, uploads, page, log },
    scrape: (accept) => parts.metrics.scrape(accept),
  })
  served = server
  stops.push(() => server.stop())
  const windows = openFrameLinks({ dispatch, access: people.access, log })
  links = windows
  stops.push(windows.stop)
  const writeAddress = (): void => writeConsoleAddress(dataDirectory, { url: server.url, token: consoleKey.current(), pid: process.pid })
  writeAddress()
  stops.push(() => removeConsoleAddress(dataDirectory))
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
  stops.push(parts.backups.start(trust.guards), parts.privacy.start(), parts.reports.start())
  parts.metrics.start()
  // The first page waits for nothing that can be read before it is opened: the roster of a large fleet takes half a second.
  await ownCaller(dispatch, 'warm-up')('overview.show', {}).catch((error: unknown) =>
    log('warn', 'the overview could not be read at the start', { reason: messageOf(error) }),
  )
  return {
    ...{
      url: server.url,
      token: consoleKey.current(),
      uploadKey: consoleKey.uploads,
      isGuarded: store.accounts.any(),
      connect: windows.connect,
      stop,
    },
    connectPage: (link, person) => windows.connect(link, people.access.window(person)),
    get brokerUrl() {
      return addresses.brokerUrl()
    },
    get fleet() {
      return fleet
    },
  }
}
