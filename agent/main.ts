import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bootId } from '../shared/domain/ids.ts'
import { Problem } from '../shared/domain/problem.ts'
import { musterVersion } from '../shared/domain/version.ts'
import { runtimeConfig } from '../shared/protocol/assignment.ts'
import { deviceFilters, topicOf, topics } from '../shared/protocol/topics.ts'
import { openArtifactStore, type ArtifactStore } from './artifact/store.ts'
import { systemClock } from './clock.ts'
import type { AgentConfig } from './config.ts'
import { startStatusSocket } from './control/socket.ts'
import { statusOf } from './control/live-status.ts'
import { openServedBook } from './control/served-counts.ts'
import type { AgentStatus } from './control/status.ts'
import { answerAsk } from './converge/answer-ask.ts'
import { openBundles, type Bundles } from './converge/bundles.ts'
import { startConvergence, type Convergence } from './converge/converge.ts'
import { openJournal, type Journal } from './converge/journal.ts'
import { setOf } from './converge/load-set.ts'
import { holdDirectory } from './directory.ts'
import { openDetectors, type Detectors } from './detect/detectors.ts'
import { openReferences } from './detect/read-references.ts'
import { deviceFacts, runtimeVersion } from './facts.ts'
import { openPassport, type Passport } from './identity/passport.ts'
import type { Identity } from './identity.ts'
import type { Log, LogLevel } from './log.ts'
import { createBrokerBlockWire } from './mqtt/broker-block-wire.ts'
import { startConnection, type Connection } from './mqtt/connection.ts'
import { listen } from './mqtt/listen.ts'
import { metered } from './mqtt/metered.ts'
import { startReportOutbox } from './mqtt/outbox.ts'
import { createReporter, presenceOf, type Speaker } from './report.ts'
import type { LocalAsk, UnspooledRecord } from './runtime/messages.ts'
import { startGenerations, type Beat, type Crash, type Generations } from './supervise/generations.ts'
import { preflight } from './supervise/preflight.ts'
import { enclosureOf } from './supervise/sandbox.ts'
import { openEraser } from './telemetry/eraser.ts'
import { startHousekeeping } from './telemetry/housekeeping.ts'
import { createEvents, type Events } from './telemetry/events.ts'
import { openLedger, type Ledger } from './telemetry/ledger.ts'
import { startSender, type Sender } from './telemetry/sender.ts'
import { openSpool } from './telemetry/spool.ts'
import { startTrust } from './trust/start-trust.ts'
import { trustedKeys } from './trust/verify.ts'
import { createCarriedWire } from './usb/carried-wire.ts'
import { openCarryDesk, type CarryDesk } from './usb/desk.ts'
import { openWitness } from './witness/witness.ts'

/** What is still to be said at the end gets so long; the spool keeps what was not taken. */
const LAST_WORDS_MS = 700

/** A running agent. */
export interface Agent {
  httpUrl: string
  status(): AgentStatus
  /** Takes in folders that a person carried here. */
  carry: CarryDesk
  /** Drains, writes what is open to the spool, says goodbye. */
  stop(): Promise<void>
}

interface AgentOptions {
  /** Existing and writable. */
  directory: string
  identity: Identity
  config: AgentConfig
  log: Log
  /** Told the level that an order asks for; null: as the device is set. */
  setLogLevel?(level: LogLevel | null): void
}

/**
 * Builds the parts of an agent and starts them.
 * @throws Problem `data-directory.in-use`, `port.in-use`, `store.*`
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const release = holdDirectory(options.directory)
  const undo: (() => unknown)[] = [release]
  try {
    return await assemble(options, undo)
  } catch (error) {
    for (const step of undo.toReversed()) await step()
    throw error
  }
}

async function assemble(options: AgentOptions, undo: (() => unknown)[]): Promise<Agent> {
  const { directory, identity, config, log } = options
  const clock = systemClock
  const startedAt = clock.now()
  const speaker: Speaker = { device: identity.device, boot: bootId.parse(randomUUID()) }
  const { spool, events, append, served, setSender, setLedger, setDetectors } = openTelemetry(options, speaker)
  undo.push(() => spool.close())
  const { journal, lost } = openJournal(directory, clock.now())
  if (lost !== null)
    events.record({
      name: 'journal.replaced',
      severity: 'error',
      message: `The journal was damaged; it was kept as ${lost.file}.`,
      problem: lost.problem,
    })
  let convergence: Convergence | null = null
  // The local API listens before there is anything to tell.
  let answer: (ask: LocalAsk) => object = () => {
    throw new Problem('runtime.not-ready', 'The agent is still starting.')
  }
  const generations = await startRuntime(options, {
    journal,
    append,
    onCrash: (crash) => convergence?.crashed(crash),
    onBeat: (beat) => convergence?.beat(beat),
    onAsk: (ask) => answer(ask),
  })
  undo.push(() => generations.stop())
  const { fleet, device } = identity
  const ledger = openLedger({ fleet, directory, clock, append, usage: () => generations.usage() })
  setLedger(ledger)
  const passport = openPassport({ directory, identity, clock, log })
  const connection = metered(connect(options, speaker, passport), ledger.traffic)
  undo.push(() => connection.stop(null))

  const wire = createBrokerBlockWire({ fleet, device, connection })
  const carriedWire = createCarriedWire(wire, () => bundles)
  const sender = startSender({
    device,
    spool,
    clock,
    log,
    send: (json) => connection.publish(topicOf(fleet, 'telemetry', { device }), json, topics.telemetry),
  })
  setSender(sender)
  const outbox = startReportOutbox({
    clock,
    report: () => JSON.stringify(report(clock.now())),
    send: (json) => connection.publish(topicOf(fleet, 'reported', { device }), json, topics.reported),
  })
  const store = openArtifactStore(directory)
  const { trust, trustFrom, ...trustWire } = startTrust({
    ...{ directory, identity, journal, connection, clock, log },
    onChange: () => convergence?.trustChanged(),
  })
  const bundles = openBundles(store, trustedKeys(identity.trust.bundle), (digest) => (trust.decides() ? trust.isBundle(digest) : null))
  const detectors = openDetectors({
    states: spool.detectors(),
    between: () => currentConfig(journal).detectorSamples,
    referencesOf: openReferences({ bundles, store, log }),
    log,
  })
  setDetectors(detectors)
  const eraser = openEraser({ directory, spool, log, onErased: () => outbox.changed() })
  eraser.ordered(currentConfig(journal))
  const running = startConvergence({
    ...{ fleet, device, store, journal, clock, log },
    wire: carriedWire,
    preflight: (path) =>
      preflight(path, {
        allow: config.allowOperators,
        memory: { limitBytes: config.runtimeMemoryBytes, others: () => loadedBeside(journal, bundles, store) },
      }),
    bundles,
    runtime: generations,
    get assignmentKeys() {
      return trust.assignmentKeys()
    },
    hardware: `${process.platform}-${process.arch}`,
    trustProblem: () => trust.problem(),
    hasRoot: () => trust.decides(),
    requireBundle: (digest, sizeBytes) => trust.requireBundle(digest, sizeBytes),
    tell: events.record,
    onChange: () => outbox.changed(),
    onConfig: (config) => {
      options.setLogLevel?.(config.logLevel)
      eraser.ordered(config)
    },
  })
  options.setLogLevel?.(currentConfig(journal).logLevel)
  convergence = running
  const witness = openWitness({ fleet, journal, assignmentKeys: () => trust.assignmentKeys(), tell: events.record })
  const status = (): AgentStatus =>
    statusOf({ identity, passport, config, startedAt, generations, connection, running, spool, sender, served, detectors, witness })
  answer = (ask) => answerAsk(ask, { convergence: running, status })
  const onnxruntime = runtimeVersion()
  const report = createReporter(speaker, running, {
    facts: () =>
      deviceFacts({
        ...{ directory, httpUrl: generations.address.url, runtimeVersion: onnxruntime },
        sandbox: enclosureOf(config.isolation).enclosure,
      }),
    ...{ trust: () => trust.reported(), erased: () => eraser.erased() },
    witness,
  })
  listen({
    connection,
    identity,
    running,
    sender,
    wire,
    log,
    clock,
    generations,
    trustWire,
    witness,
    passport,
    onChange: () => outbox.changed(),
  })
  passport.start(connection, () => trust.assignmentKeys())
  connection.onState((connected) => {
    if (connected) {
      const presence = JSON.stringify(presenceOf(speaker, 'online', clock.now()))
      // If the connection ends here, the next one says it.
      connection.publish(topicOf(fleet, 'presence', { device }), presence, topics.presence).catch(() => undefined)
      running.connected()
    }
    outbox.connected(connected)
    sender.connected(connected)
  })
  const housekeeping = startHousekeeping({
    directory,
    spool,
    events,
    append,
    ledger,
    clock,
    log,
    usage: () => generations.usage(),
    windowSeconds: () => currentConfig(journal).windowSeconds,
  })
  const carry = openCarryDesk({
    ...{ directory, identity, clock, journal, running, sender, spool, store, bundles, trust, trustFrom, witness, report },
    ...{ wire: carriedWire, hardware: `${process.platform}-${process.arch}` },
  })
  const socket = await startStatusSocket(directory, { status, answer, carry: (ask) => carry.answer(ask) })
  events.record({
    name: 'agent.started',
    severity: 'info',
    message: `The agent ${musterVersion} started.`,
    detail: { version: musterVersion, node: process.version },
  })

  return {
    httpUrl: generations.address.url,
    status,
    carry,
    async stop() {
      await carry.stop()
      passport.stop()
      housekeeping.stop()
      await running.stop()
      await generations.stop()
      housekeeping.lastEntry()
      events.record({ name: 'agent.stopped', severity: 'info', message: 'The agent was stopped.' })
      outbox.stop()
      await sender.drain(LAST_WORDS_MS)
      sender.stop()
      const farewell = Buffer.from(JSON.stringify(presenceOf(speaker, 'offline', clock.now())))
      await connection.stop({ topic: topicOf(fleet, 'presence', { device }), payload: farewell })
      await socket.stop()
      spool.close()
      undo[0]!()
    },
  }
}

function openTelemetry({ directory, config, log }: AgentOptions, { boot }: Speaker) {
  const replaced: Parameters<Parameters<typeof openSpool>[0]['onReplaced']>[0][] = []
  let isCopied = false
  let events: Events | null = null
  let sender: Sender | null = null
  let ledger: Ledger | null = null
  let detectors: Detectors | null = null
  const served = openServedBook()
  const tellReplaced = (lost: (typeof replaced)[number]): void =>
    events?.record({
      name: 'spool.replaced',
      severity: 'error',
      message: `The spool was damaged; it was kept as ${lost.file}.`,
      problem: lost.problem,
    })
  const spool = openSpool({
    file: join(directory, 'spool.db'),
    boot,
    clock: systemClock,
    maxBytes: config.spoolMaxBytes,
    maxAgeMs: config.spoolMaxAgeDays * 86_400_000,
    onCopied: () => {
      isCopied = true
    },
    // Not within the call: the spool is in the middle of starting its new file.
    onReplaced: (lost) => (events === null ? void replaced.push(lost) : void setImmediate(() => tellReplaced(lost))),
  })
  const append = (records: UnspooledRecord[]): void => {
    const found = detectors?.examine(records)
    spool.append([...records, ...(found?.events ?? []).map((event) => ({ kind: 'event' as const, ...event }))], found?.states)
    found?.commit()
    for (const { body } of found?.events ?? []) log('warn', body.message, { event: body.name, ...body.detail })
    ledger?.spooled(records)
    served.spooled(records)
    sender?.wake()
  }
  const made = createEvents({ append, clock: systemClock, log })
  events = made
  replaced.forEach(tellReplaced)
  if (isCopied)
    made.record({
      name: 'agent.copied',
      severity: 'warning',
      message:
        "This agent's folder is a copy, restored or cloned: its records get a spool of their own. Enrol a clone under an id of its own.",
    })
  return {
    spool,
    append,
    events: made,
    served,
    setSender: (made: Sender): void => {
      sender = made
    },
    setLedger: (opened: Ledger): void => {
      ledger = opened
    },
    setDetectors: (opened: Detectors): void => {
      detectors = opened
    },
  }
}

function startRuntime(
  { directory, config, log }: AgentOptions,
  parts: {
    journal: Journal
    append(records: UnspooledRecord[]): void
    onCrash(crash: Crash): void
    onBeat(beat: Beat): void
    onAsk(ask: LocalAsk): object
  },
): Promise<Generations> {
  const run = join(directory, 'run')
  mkdirSync(run, { recursive: true, mode: 0o700 })
  return startGenerations({
    directory: run,
    http: { host: config.httpHost, port: config.httpPort },
    config: currentConfig(parts.journal),
    tokenKey: parts.journal.state.tokenKey,
    agentVersion: musterVersion,
    memoryBytes: config.runtimeMemoryBytes,
    isolation: config.isolation,
    hidden: [directory],
    clock: systemClock,
    log,
    spool: parts.append,
    onCrash: (crash) => {
      if (crash.serving) parts.onCrash(crash)
    },
    onBeat: (beat) => parts.onBeat(beat),
    onAsk: (ask) => ({ status: 200, body: parts.onAsk(ask) }),
  })
}

/** A generation loads the whole set: what serves already is loaded once more beside the candidate. */
function loadedBeside(journal: Journal, bundles: Bundles, store: ArtifactStore): string[] {
  return setOf(journal.state).flatMap(({ content }) => {
    try {
      return [store.path(bundles.manifest(content.digest).artifacts.model.sha256)]
    } catch {
      // A damaged manifest is found, and told, when its bundle is served.
      return []
    }
  })
}

function currentConfig(journal: Journal) {
  return runtimeConfig.parse(journal.state.order?.assignment.config ?? {})
}

function connect({ identity, log }: AgentOptions, speaker: Speaker, passport: Passport): Connection {
  const { fleet, device } = identity
  const { qos, retain } = topics.presence
  const will = {
    topic: topicOf(fleet, 'presence', { device }),
    payload: Buffer.from(JSON.stringify(presenceOf(speaker, 'offline', systemClock.now()))),
    ...{ qos, retain },
  }
  return startConnection({
    dial() {
      const { url, login, tls } = passport.way()
      return { url, clientId: device, ...login, tls, will }
    },
    onDialled: (isThere) => passport.dialled(isThere),
    filters: deviceFilters(fleet, device),
    clock: systemClock,
    random: Math.random,
    log,
  })
}
