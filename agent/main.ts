import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bootId } from '../shared/domain/ids.ts'
import { musterVersion } from '../shared/domain/version.ts'
import { runtimeConfig } from '../shared/protocol/assignment.ts'
import { deviceFilters, topicOf, topics } from '../shared/protocol/topics.ts'
import { openArtifactStore } from './artifact/store.ts'
import { systemClock } from './clock.ts'
import type { AgentConfig } from './config.ts'
import { startStatusSocket } from './control/socket.ts'
import type { AgentStatus } from './control/status.ts'
import { openBundles } from './converge/bundles.ts'
import { startConvergence, type Convergence } from './converge/converge.ts'
import { openJournal, type Journal } from './converge/journal.ts'
import { holdDirectory } from './directory.ts'
import { deviceFacts, runtimeVersion } from './facts.ts'
import type { Identity } from './identity.ts'
import type { Log } from './log.ts'
import { createBrokerBlockWire } from './mqtt/broker-block-wire.ts'
import { startConnection, type Connection } from './mqtt/connection.ts'
import { createInbox } from './mqtt/inbox.ts'
import { startReportOutbox } from './mqtt/outbox.ts'
import { createReporter, presenceOf, type Speaker } from './report.ts'
import type { UnspooledRecord } from './runtime/messages.ts'
import { startGenerations, type Generations } from './supervise/generations.ts'
import { preflight } from './supervise/preflight.ts'
import { startHousekeeping } from './telemetry/housekeeping.ts'
import { createEvents, type Events } from './telemetry/events.ts'
import { startSender, type Sender } from './telemetry/sender.ts'
import { openSpool, type Spool } from './telemetry/spool.ts'
import { trustedKeys } from './trust/verify.ts'

/** What is still to be said at the end gets so long; the spool keeps what was not taken. */
const LAST_WORDS_MS = 700

/** A running agent. */
export interface Agent {
  httpUrl: string
  status(): AgentStatus
  /** Drains, writes what is open to the spool, says goodbye. */
  stop(): Promise<void>
}

interface AgentOptions {
  /** Existing and writable. */
  directory: string
  identity: Identity
  config: AgentConfig
  log: Log
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
  const { directory, identity, log } = options
  const clock = systemClock
  const startedAt = clock.now()
  const speaker: Speaker = { device: identity.device, boot: bootId.parse(randomUUID()) }
  const { spool, events, append, setSender } = openTelemetry(options, speaker)
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
  const generations = await startRuntime(options, { journal, append, onCrash: (reason) => convergence?.crashed(reason) })
  undo.push(() => generations.stop())
  const connection = connect(options, speaker)
  undo.push(() => connection.stop(null))

  const { fleet, device } = identity
  const wire = createBrokerBlockWire({ fleet, device, connection })
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
  const running = startConvergence({
    ...{ fleet, device, wire, store, journal, clock, log, preflight },
    bundles: openBundles(store, trustedKeys(identity.trust.bundle)),
    runtime: generations,
    assignmentKeys: trustedKeys(identity.trust.assignment),
    tell: events.record,
    onChange: () => outbox.changed(),
  })
  convergence = running
  const onnxruntime = runtimeVersion()
  const report = createReporter(speaker, running, () =>
    deviceFacts({ directory, httpUrl: generations.address.url, runtimeVersion: onnxruntime }),
  )
  listen({ connection, identity, running, sender, wire, log })
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
    clock,
    log,
    usage: () => generations.usage(),
    windowSeconds: () => currentConfig(journal).windowSeconds,
  })
  const status = (): AgentStatus => statusOf({ identity, startedAt, generations, connection, running, spool, sender })
  const socket = await startStatusSocket(directory, status)
  events.record({
    name: 'agent.started',
    severity: 'info',
    message: `The agent ${musterVersion} started.`,
    detail: { version: musterVersion, node: process.version },
  })

  return {
    httpUrl: generations.address.url,
    status,
    async stop() {
      housekeeping.stop()
      await running.stop()
      await generations.stop()
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
    spool.append(records)
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
    setSender: (made: Sender): void => {
      sender = made
    },
  }
}

function startRuntime(
  { directory, config, log }: AgentOptions,
  parts: { journal: Journal; append(records: UnspooledRecord[]): void; onCrash(reason: string): void },
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
    clock: systemClock,
    log,
    spool: parts.append,
    onCrash: ({ serving, reason }) => {
      if (serving) parts.onCrash(reason)
    },
  })
}

function currentConfig(journal: Journal) {
  return runtimeConfig.parse(journal.state.order?.assignment.config ?? {})
}

function connect({ identity, log }: AgentOptions, speaker: Speaker): Connection {
  const { fleet, device } = identity
  const { qos, retain } = topics.presence
  return startConnection({
    dial: {
      url: identity.brokerUrl,
      clientId: device,
      username: identity.username,
      password: identity.secret,
      will: {
        topic: topicOf(fleet, 'presence', { device }),
        payload: Buffer.from(JSON.stringify(presenceOf(speaker, 'offline', systemClock.now()))),
        qos,
        retain,
      },
    },
    filters: deviceFilters(fleet, device),
    clock: systemClock,
    random: Math.random,
    log,
  })
}

interface ListenParts {
  connection: Connection
  identity: Identity
  running: Convergence
  sender: Sender
  wire: ReturnType<typeof createBrokerBlockWire>
  log: Log
}

function listen({ connection, identity, running, sender, wire, log }: ListenParts): void {
  const inbox = createInbox({
    fleet: identity.fleet,
    device: identity.device,
    handlers: {
      desired(message) {
        running.order(message)
        // Whoever sends orders also takes records.
        sender.consoleHeard()
      },
      telemetryAck: (message) => sender.acknowledged(message),
      block: (artifact, block, payload) => wire.deliver(artifact, block, payload),
      refused: (problem, topic) => log('warn', 'A message was not understood and is dropped.', { topic, problem }),
    },
  })
  connection.onMessage(inbox)
}

interface StatusParts {
  identity: Identity
  startedAt: number
  generations: Generations
  connection: Connection
  running: Convergence
  spool: Spool
  sender: Sender
}

function statusOf({ identity, startedAt, generations, connection, running, spool, sender }: StatusParts): AgentStatus {
  return {
    running: true,
    fleet: identity.fleet,
    device: identity.device,
    agentVersion: musterVersion,
    pid: process.pid,
    startedAt,
    httpUrl: generations.address.url,
    broker: { url: identity.brokerUrl, ...connection.state },
    order: { counter: running.orderCounter, problem: running.orderProblem() },
    spool: { ...spool.backlog, lastAckAt: sender.lastAckAt, problem: null },
    deployments: running.deployments(),
  }
}
