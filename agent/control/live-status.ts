import { musterVersion } from '../../shared/domain/version.ts'
import type { AgentConfig } from '../config.ts'
import type { Convergence } from '../converge/converge.ts'
import type { Detectors } from '../detect/detectors.ts'
import type { Passport } from '../identity/passport.ts'
import type { Identity } from '../identity.ts'
import type { Connection } from '../mqtt/connection.ts'
import type { Generations } from '../supervise/generations.ts'
import { enclosureOf } from '../supervise/sandbox.ts'
import type { Sender } from '../telemetry/sender.ts'
import type { Spool } from '../telemetry/spool.ts'
import type { Witness } from '../witness/witness.ts'
import type { ServedBook } from './served-counts.ts'
import type { AgentStatus } from './status.ts'

/** The parts of a running agent that its status is made from. */
export interface StatusParts {
  identity: Identity
  passport: Passport
  startedAt: number
  generations: Generations
  connection: Connection
  running: Convergence
  spool: Spool
  sender: Sender
  served: ServedBook
  detectors: Detectors
  witness: Witness
  config: AgentConfig
}

/** The status of an agent that runs. */
export function statusOf({
  identity,
  passport,
  config,
  startedAt,
  generations,
  connection,
  running,
  spool,
  sender,
  served,
  detectors,
  witness,
}: StatusParts): AgentStatus {
  return {
    running: true,
    fleet: identity.fleet,
    device: identity.device,
    agentVersion: musterVersion,
    pid: process.pid,
    startedAt,
    httpUrl: generations.address.url,
    broker: { url: identity.brokerUrl, ...connection.state },
    certificate: passport.summary(),
    order: { counter: running.orderCounter, problem: running.orderProblem() },
    spool: { ...spool.backlog, lastAckAt: sender.lastAckAt, problem: null },
    deployments: running.deployments(),
    lock: running.currentLock(),
    halts: running.halts(),
    checkpoints: witness.checkpoints(),
    machine: machineOf(generations.usage(), config),
    served: served.counts(),
    detectors: detectors.status(),
  }
}

function machineOf(runtime: { rssBytes: number; cpuMicros: number }, config: AgentConfig): AgentStatus['machine'] {
  const own = process.cpuUsage()
  return {
    enclosure: enclosureOf(config.isolation).enclosure,
    rssBytes: process.memoryUsage.rss() + runtime.rssBytes,
    cpuSeconds: (own.user + own.system + runtime.cpuMicros) / 1e6,
    spoolMaxBytes: config.spoolMaxBytes,
  }
}
