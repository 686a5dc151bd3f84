import type { Retention } from '../../../shared/domain/retention.ts'
import type { ProblemReport } from '../../../shared/domain/problem.ts'
import type { CarriedBatch, ErasureAnswer } from '../ingest/messages.ts'
import type { ErasedSubjects } from '../privacy/erase-rows.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'

/** How the hub reaches the devices. */
export type BrokerOptions =
  | { kind: 'embedded'; host: string; port: number; tls?: EmbeddedTls }
  | { kind: 'external'; url: string; username: string | null; password: string | null }

/** The embedded broker over TLS: devices come in with certificates of the fleet. */
export interface EmbeddedTls {
  /** Further names and addresses that devices reach it by; those of this machine are known. */
  names: string[]
  /** Port without TLS on loopback, for agents on this machine; 0: any free one. */
  localPort: number
}

/** Key and certificate of the hub, PEM, and the authority of the fleet. */
export interface HubTls {
  key: string
  certificate: string
  ca: string
}

/** A certificate that lets a device in. */
export interface HubCertificate {
  /** Hex, lower case. */
  serial: string
  /** Epoch ms. */
  notAfter: number
}

/** A device as the hub must know it: to let it in, and to know what it may fetch. */
export interface HubDevice {
  device: string
  /** Hex SHA-256 of the connection secret. */
  secretHash: string
  /** Digests of the bundles that are assigned to it. */
  bundles: string[]
  certificates?: HubCertificate[]
  /** It may connect, is told nothing and is not listened to. */
  isQuarantined?: boolean
}

export interface HubOptions {
  fleet: string
  broker: BrokerOptions
  /** Left out or null: the broker is without TLS, or an external one that knows the console by name and password. */
  tls?: HubTls | null
  /** Why there is no certificate to show: the broker does not start. */
  tlsProblem?: ProblemReport | null
  /** A listener off loopback without TLS that an earlier version has stored: it is served until a person switches TLS on. */
  isOldPlaintext?: boolean
  telemetryFile: string
  /** Folder of the content-addressed store: `<directory>/<sha256>`. */
  artifactDirectory: string
  devices: HubDevice[]
  /** Public parts of the codes that may enrol now. */
  enrolmentCodes: string[]
  limitBytesPerSecond: number | null
  /** Days that telemetry is kept; what is left out is kept as usual. */
  retention?: Partial<Retention>
}

/** Core → hub, over the IPC channel of the child process (structured clone). */
export type ToHub =
  | { type: 'start'; options: HubOptions }
  | { type: 'devices'; upsert: HubDevice[]; remove: string[] }
  | { type: 'enrolmentCodes'; codes: string[] }
  | { type: 'publish'; id: number; topic: string; payload: Uint8Array; qos: 0 | 1; retain: boolean }
  | { type: 'limit'; bytesPerSecond: number | null }
  | { type: 'retention'; days: Partial<Retention> }
  | { type: 'ask'; id: number; ask: InferenceAsk }
  | { type: 'erase'; id: number; erased: ErasedSubjects }
  | { type: 'tls'; tls: HubTls }
  /** Telemetry that a person carried here, and that was checked: it goes the way of all telemetry into the store. */
  | { type: 'carried'; id: number; device: string; payload: Uint8Array }
  | { type: 'stop' }

/** An inference that is asked of a device as a message. */
export interface InferenceAsk {
  device: string
  deployment: string
  /** In the JSON form of the Open Inference Protocol v2. */
  request: Record<string, unknown>
  /** Who asks waits so long, ms. */
  timeoutMs: number
}

/** What the device answered: status and body as its local API would have them. */
export interface InferenceAnswer {
  status: number
  response: Record<string, unknown>
}

/** What devices say that the core must know; telemetry and block requests stay in the hub. */
export interface ForwardedMessage {
  name: 'presence' | 'reported' | 'enrolRequest' | 'certificateRequest' | 'trustWant'
  /** Device id, or the request id of an enrolment; taken from the topic, never from the payload. */
  sender: string
  json: string
  receivedAt: number
}

export interface IngestCounters {
  batches: number
  records: number
  duplicates: number
  quarantined: number
  /** Batches that could not be read or spoke for another device: neither stored nor acknowledged. */
  refused: number
  pending: number
  problem: ProblemReport | null
}

export type TransferSnapshot = OutputOf<'transfers.list'>['transfers'][number]

/** Refusals of one kind, counted: what is wrong is told once, however often it is tried. */
export interface Refusal {
  /** The client id or user name that was claimed; null: the connection did not come so far. */
  client: string | null
  address: string
  reason: string
  count: number
  firstAt: number
  lastAt: number
}

/** Hub → core. */
export type FromHub =
  | { type: 'started'; url: string; localUrl: string }
  | { type: 'refusals'; refusals: Refusal[] }
  | { type: 'clone'; device: string; why: string; at: number }
  /** The connection of a device that was revoked or removed was ended. */
  | { type: 'cut'; device: string; at: number }
  | { type: 'certificateUsed'; device: string; serial: string; at: number }
  | { type: 'failed'; problem: ProblemReport }
  | { type: 'broker'; state: 'running' | 'unreachable'; problem: ProblemReport | null }
  | { type: 'messages'; messages: ForwardedMessage[] }
  | { type: 'published'; id: number; problem: ProblemReport | null }
  | { type: 'answered'; id: number; answer: InferenceAnswer | ProblemReport }
  | { type: 'erased'; id: number; answer: ErasureAnswer }
  | { type: 'carried'; id: number; settled: CarriedBatch['settled']; problem: ProblemReport | null }
  | { type: 'ingest'; counters: IngestCounters }
  | { type: 'transfers'; transfers: TransferSnapshot[] }
  | { type: 'memory'; residentBytes: number }
  | { type: 'stopped' }
