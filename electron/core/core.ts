import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Clock } from '../../shared/domain/clock.ts'
import { slug } from '../../shared/domain/ids.ts'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import type { EnrolRequestMessage } from '../../shared/protocol/enrolment.ts'
import { topicOf, topics } from '../../shared/protocol/topics.ts'
import { createDispatch } from '../../shared/rpc/dispatch.ts'
import type { ChangeTopic } from '../../shared/rpc/frames.ts'
import { lockDirectory } from '../../shared/store/directory-lock.ts'
import { replaceFile } from '../../shared/store/durable-file.ts'
import { storeProblem } from '../../shared/store/sqlite-rules.ts'
import { createHandlers } from './api/handlers.ts'
import type { ApiParts } from './api/parts.ts'
import { commandRunner } from './api/run-command.ts'
import { createChangeFeed } from './change-feed.ts'
import { resendDesired } from './deployments/assign.ts'
import { startIntake } from './devices/intake-queue.ts'
import type { IntakeResult } from './devices/intake.ts'
import { answerEnrolment } from './enrolment/enrol.ts'
import { startHubProcess, type HubProcess } from './hub/hub-process.ts'
import type { BrokerOptions, HubDevice } from './hub/messages.ts'
import { startJobs } from './jobs/jobs.ts'
import type { Log } from './log.ts'
import { startOutbox, type Outbox } from './outbox/outbox.ts'
import { openRegistry } from './registry/registry.ts'
import { serve, type Served } from './serve/serve.ts'
import { openUploads } from './serve/uploads.ts'
import { openFleetStore, type FleetStore } from './store/fleet/fleet-store.ts'
import { openFleet } from './store/fleet/open.ts'
import { openTelemetryQueries } from './store/telemetry/queries.ts'
import { openKeyring } from './trust/keys.ts'

export interface CoreOptions {
  dataDirectory: string
  broker: BrokerOptions
  http: { host: string; port: number }
  /** Name of the fleet; counts at the first start only. */
  fleetName: string
  clock: Clock
  log: Log
  checksOutput: boolean
}

export interface Core {
  readonly url: string
  readonly token: string
  readonly brokerUrl: string
  readonly fleet: string
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
    const store = openFleetStore(db)
    const fleet = firstStart(store, options.fleetName)
    return await build(options, { store, fleet, stops, stop })
  } catch (error) {
    await stop().catch((failure: unknown) => log('error', 'the console did not stop cleanly', { reason: messageOf(failure) }))
    throw error
  }
}

interface Begun {
  store: FleetStore
  fleet: string
  stops: (() => Promise<void> | void)[]
  stop(): Promise<void>
}

async function build(options: CoreOptions, { store, fleet, stops, stop }: Begun): Promise<Core> {
  const { dataDirectory, clock, log } = options
  const now = (): number => clock.now()
  const artifactDirectory = join(dataDirectory, 'artifacts')
  const feed = createChangeFeed((changed) => served?.broadcast({ event: 'changed', topics: changed }))
  stops.push(feed.stop)
  const changed = (...what: ChangeTopic[]): void => feed.note(what)
  const keyring = openKeyring(join(dataDirectory, 'keys'))
  const registry = openRegistry({ db: store.db, artifactDirectory, workDirectory: join(dataDirectory, 'work'), keyring, now })
  const telemetry = openTelemetryQueries(join(dataDirectory, 'telemetry.db'))
  stops.push(() => telemetry.close())
  const jobs = startJobs({ onChange: () => changed('jobs') })
  const uploads = openUploads(join(dataDirectory, 'uploads'), now)
  stops.push(() => uploads.close())
  let served: Served | null = null

  const hubDevice = (device: string): HubDevice[] => {
    const row = store.devices.find(device)
    return row === null
      ? []
      : [{ device, secretHash: row.secretHash, bundles: [...new Set(store.deployments.ofDevice(device).map((one) => one.digest))] }]
  }
  const brokerUrl = (): string => (options.broker.kind === 'external' ? withoutCredentials(options.broker.url) : hub.url)
  const parts: ApiParts = {
    store,
    fleet,
    keyring,
    reference: (digest) => registry.reference(digest),
    telemetry,
    registry,
    jobs,
    uploads,
    hub: () => hub,
    version: musterVersion,
    dataDirectory,
    startedAt: now(),
    brokerKind: options.broker.kind,
    now,
    brokerUrl,
    onDevicesChanged: (upsert, remove) => hub.updateDevices(upsert.flatMap(hubDevice), remove),
    onCodesChanged: () => hub.updateEnrolmentCodes(store.enrolment.guests(now())),
    onOutbox: () => outbox.kick(),
    changed,
  }
  const intake = startIntake({ store, log, onTaken: (result) => act(parts, result, { publish: (message) => hub.publish(message), log }) })
  stops.push(intake.stop)
  store.devices.noteAllOffline()
  const hub: HubProcess = startHubProcess({
    options: () => ({
      fleet,
      broker: options.broker,
      telemetryFile: join(dataDirectory, 'telemetry.db'),
      artifactDirectory,
      devices: store.devices.all().flatMap((row) => hubDevice(row.device)),
      enrolmentCodes: store.enrolment.guests(now()),
      limitBytesPerSecond: store.settings.get('limitBytesPerSecond') ?? null,
    }),
    onMessages: (messages) => intake.add(messages),
    onReady: () => outbox.kick(),
    onIngest: () => changed('telemetry'),
    onTransfers: () => changed('transfers'),
    onBroker: () => {
      if (options.broker.kind === 'embedded' && hub.broker.state !== 'running') store.devices.noteAllOffline()
      outbox.kick()
      changed('system', 'devices')
    },
    log,
  })
  stops.push(() => hub.stop())
  const outbox: Outbox = startOutbox({ table: store.outbox, publish: (message) => hub.publish(message), log })
  stops.push(() => outbox.stop())
  await hub.ready
  outbox.kick()
  stops.push(() => jobs.stop())

  const token = randomBytes(32).toString('base64url')
  const dispatch = createDispatch({
    handlers: createHandlers(parts),
    runCommand: commandRunner(store, now),
    checksOutput: options.checksOutput,
    onInternal: (error, method) =>
      log('error', 'a call failed', { method, reason: messageOf(error), stack: error instanceof Error ? (error.stack ?? '') : '' }),
  })
  const server = await serve({ ...options.http, token, dispatch, uploads, log })
  served = server
  stops.push(() => server.stop())
  const address: ConsoleAddress = { url: server.url, token, pid: process.pid }
  replaceFile(fs, { directory: dataDirectory, name: 'console.json' }, Buffer.from(`${JSON.stringify(address)}\n`))
  stops.push(() => fs.rmSync(join(dataDirectory, 'console.json'), { force: true }))
  return { url: server.url, token, brokerUrl: brokerUrl(), fleet, stop }
}

/** Acts on what devices said, after it is stored: re-sends desired state, answers enrolments, tells the views. */
function act(
  parts: ApiParts,
  result: IntakeResult,
  { publish, log }: { publish(message: { topic: string; payload: Uint8Array; qos: 0 | 1; retain: boolean }): Promise<void>; log: Log },
): void {
  const { store } = parts
  if (result.online.length > 0) {
    store.transact(() => {
      for (const device of new Set(result.online)) resendDesired(parts, device, parts.now())
    })
    parts.onOutbox()
  }
  for (const request of result.enrolments) {
    enrol(parts, request, publish).catch((error: unknown) =>
      log('warn', 'an enrolment was not answered; the device asks again', { reason: messageOf(error) }),
    )
  }
  if (result.changed || result.enrolments.length > 0) parts.changed('devices', 'deployments')
}

async function enrol(
  parts: ApiParts,
  request: EnrolRequestMessage,
  publish: (message: { topic: string; payload: Uint8Array; qos: 0 | 1; retain: boolean }) => Promise<void>,
): Promise<void> {
  const answer = answerEnrolment(parts.store, request, { fleet: parts.fleet, trust: parts.keyring.roots(), now: parts.now() })
  if (answer.ok) parts.onDevicesChanged([answer.device], [])
  const { qos, retain } = topics.enrolResult
  await publish({
    topic: topicOf(parts.fleet, 'enrolResult', { request: request.request }),
    payload: Buffer.from(JSON.stringify(answer)),
    qos,
    retain,
  })
  parts.onCodesChanged()
}

function prepareDirectory(directory: string): void {
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    fs.accessSync(directory, fs.constants.W_OK)
  } catch (error) {
    const problem = storeProblem(error, directory)
    if (problem instanceof Problem) throw problem
    throw new Problem('data-directory.read-only', `${directory} cannot be made: ${messageOf(error)}`, { cause: error })
  }
}

/** The fleet's id: made from its name at the first start, kept for ever. */
function firstStart(store: FleetStore, fleetName: string): string {
  const known = store.settings.get('fleet')
  if (known !== undefined) return known
  const fleet = slug(fleetName, 'fleet')
  store.transact(() => {
    store.settings.set('fleet', fleet)
    store.settings.set('fleetName', fleetName)
  })
  return fleet
}

function withoutCredentials(url: string): string {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  return parsed.href
}
