import type { Manifest, Task } from '../../shared/domain/bundle.ts'
import type { ProblemReport } from '../../shared/domain/problem.ts'
import type { RuntimeConfig, ServingRules } from '../../shared/protocol/assignment.ts'
import type { ApplicationLock } from '../../shared/protocol/reported.ts'
import type { RecordKind } from '../../shared/protocol/telemetry.ts'

/** What a bundle does in a generation: answer, answer a share of the keys, or only see what the active one answers. */
export type RuntimeRole =
  | { kind: 'active' }
  | { kind: 'split'; percent: number }
  | { kind: 'shadow'; cpuShare: number; samplesPerWindow: number }

/**
 * A bundle that a generation loads. A deployment has exactly one with the role `active`, and at most one beside it, which comes after it
 * in the set.
 */
export interface RuntimeDeployment {
  deployment: string
  digest: string
  manifest: Manifest
  modelPath: string
  /** Golden set to run before the generation is ready; null: load and warm up only. */
  goldenPath: string | null
  /** Baseline whose bins values are counted in; null: the bundle has none. */
  baselinePath: string | null
  /** True for a bundle that has not passed probation yet. */
  isCandidate: boolean
  role: RuntimeRole
  serving: ServingRules
  /** Budget of the median of the golden set, ms; null: none. Only for candidates. */
  latencyBudgetMs: number | null
}

/** What feedback needs of a bundle that was served here once: a label for one of its predictions may come days later. */
export interface KnownBundle {
  deployment: string
  digest: string
  model: string
  version: string
  task: Task
  labels: string[]
  /** Fields whose masks are those of a label; left out: written by an agent of before, no mask counts. */
  fields?: LabelFields
}

/** Fields of a bundle that a label tells of. */
export interface LabelFields {
  /** The output that says the outcome, and the column of the true one. */
  outcome: string[]
  /** The output with the probabilities. */
  confidence: string | null
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
  /** This generation is the serving one from now on; it also ends `park`. */
  | { type: 'serve' }
  /**
   * Another generation serves, this one stays loaded in case it must come back: connections end as with `drain`, client ids are carried
   * over, windows and heartbeats go on. `serve` or `drain` may follow at any time.
   */
  | { type: 'park'; graceMs: number }
  | { type: 'configure'; config: RuntimeConfig }
  /** Rules of serving changed, or the share of a split or shadow; the bundles are the same. Matched by deployment and digest. */
  | { type: 'tune'; deployments: Pick<RuntimeDeployment, 'deployment' | 'digest' | 'role' | 'serving'>[] }
  /** An inference that came as a message. `request` is a JSON request of the Open Inference Protocol. */
  | { type: 'infer'; id: number; deployment: string; request: unknown }
  /** Answer to `ask`: what the local API says then. */
  | { type: 'told'; id: number; status: number; body: object }
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
  /** Resident memory that loading and probing added, bytes; 0 if it cannot be told. */
  memoryBytes: number
  /** Why its values are not counted in the bins of its baseline, though it serves; left out: they are. */
  uncounted?: ProblemReport
}

/** What one bundle did since its generation serves: the watch judges it. */
export interface Vital {
  deployment: string
  digest: string
  /** Requests that reached the model: bad input and overload are not its fault and not counted. */
  inferences: number
  /** Of these, failed in the model or past the deadline. */
  failed: number
  /** Of these, answered with NaN or infinity. */
  notFinite: number
  /** Median of the run times, ms; null before the first. */
  medianMs: number | null
}

/** What the local API asks the supervisor, which alone knows: answered with `told`. */
export type LocalAsk =
  | { kind: 'status' }
  | { kind: 'lock'; lock: Pick<ApplicationLock, 'reason' | 'until'> }
  | { kind: 'unlock' }
  | { kind: 'revert'; deployment: string; reason: string }

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
  | { type: 'heartbeat'; rssBytes: number; cpuMicros: number; openConnections: number; inFlight: number; vitals: Vital[] }
  | { type: 'ask'; id: number; ask: LocalAsk }
  /** Answer to `infer`: status and body as HTTP would have them. */
  | { type: 'inferred'; id: number; status: number; body: object }
