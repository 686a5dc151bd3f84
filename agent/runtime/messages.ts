import type { Manifest, Task } from '../../shared/domain/bundle.ts'
import type { ProblemReport } from '../../shared/domain/problem.ts'
import type { RuntimeConfig } from '../../shared/protocol/assignment.ts'
import type { RecordKind } from '../../shared/protocol/telemetry.ts'

/** A deployment that a generation serves. */
export interface RuntimeDeployment {
  deployment: string
  digest: string
  manifest: Manifest
  modelPath: string
  /** Golden set to run before the generation is ready; null: load and warm up only. */
  goldenPath: string | null
  /** True for a bundle that has not passed probation yet. */
  isCandidate: boolean
}

/** What feedback needs of a bundle that was served here once: a label for one of its predictions may come days later. */
export interface KnownBundle {
  deployment: string
  digest: string
  model: string
  version: string
  task: Task
  labels: string[]
}

/** A prediction under an id that the client chose, and the token that stands for it. */
export interface CarriedPrediction {
  deployment: string
  id: string
  token: string
}

/** Bounds of the local API of a generation. */
export interface ServeLimits {
  /** Largest request body, bytes; more is answered with 413. */
  maxBodyBytes: number
  /** Inference requests worked on at once; more are answered with 503. */
  maxInFlight: number
  /** Bytes of all request bodies held at once; more are answered with 503. */
  maxBufferedBytes: number
  /** Open connections; more are answered with 503 and closed. */
  maxConnections: number
  /** Rows of one inference request. */
  maxRows: number
  /** Time from the first byte of a request to its last, ms; slower ones are answered with 408. */
  requestTimeoutMs: number
}

/** What a generation needs to start. */
export interface LoadMessage {
  type: 'load'
  generation: number
  deployments: RuntimeDeployment[]
  known: KnownBundle[]
  config: RuntimeConfig
  tokenKey: string
  agentVersion: string
  /** True if only loopback `Host` names may be asked for: the API is bound to loopback. */
  isLoopbackOnly: boolean
  limits: ServeLimits
}

/** Supervisor → runtime generation. Connections arrive as `process.on('message', (message, socket))` with `{type: 'connection'}`. */
export type ToRuntime =
  | LoadMessage
  | { type: 'connection'; key: number }
  /** This generation is the serving one from now on. */
  | { type: 'serve' }
  | { type: 'configure'; config: RuntimeConfig }
  /** Predictions that a draining generation hands over. */
  | { type: 'carried'; predictions: CarriedPrediction[] }
  /** Take no new connection, answer with `Connection: close`, then flush windows and say `drained`. */
  | { type: 'drain'; graceMs: number }
  /** Records of a `records` message are committed to the spool (or refused). */
  | { type: 'stored'; id: number; problem: ProblemReport | null }

/** Result of loading and probing one deployment. */
export interface ProbeResult {
  deployment: string
  digest: string
  problem: ProblemReport | null
  cases: number
  /** Median of warm single-case runs, ms; null if there was no golden set. */
  medianMs: number | null
}

/** A record before the spool gives it a sequence number. */
export interface UnspooledRecord {
  kind: RecordKind
  /** Device clock, epoch ms. */
  measuredAt: number
  /** Matches the schema of its kind in `shared/protocol/telemetry.ts`. */
  body: unknown
}

/** Runtime generation → supervisor. */
export type FromRuntime =
  | { type: 'booted' }
  /** The load of this deployment begins: if the process dies now, it is the one to blame. */
  | { type: 'loading'; deployment: string }
  | { type: 'probed'; result: ProbeResult }
  /** Every deployment has its result; connections may come. */
  | { type: 'loaded' }
  /** The connection is held here now; until then the supervisor keeps it and can give it to another generation. */
  | { type: 'accepted'; key: number }
  | { type: 'records'; id: number; records: UnspooledRecord[] }
  | { type: 'carried'; predictions: CarriedPrediction[] }
  /** Everything is answered; `unsent` are windows and samples that the spool refused. */
  | { type: 'drained'; unsent: UnspooledRecord[] }
  | { type: 'heartbeat'; rssBytes: number; cpuMicros: number; openConnections: number; inFlight: number }
