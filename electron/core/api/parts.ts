import type { ChangeTopic } from '../../../shared/rpc/frames.ts'
import type { AssignParts } from '../deployments/assign.ts'
import type { HubProcess } from '../hub/hub-process.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Registry } from '../registry/registry.ts'
import type { Uploads } from '../serve/uploads.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'

/** What handlers work with. Built once, in core.ts. */
export interface ApiParts extends AssignParts {
  telemetry: TelemetryQueries
  registry: Registry
  jobs: Jobs
  uploads: Uploads
  hub(): HubProcess
  version: string
  dataDirectory: string
  startedAt: number
  brokerKind: 'embedded' | 'external'
  now(): number
  /** Address that devices connect to. */
  brokerUrl(): string
  /** Devices that the hub must know anew, or forget. */
  onDevicesChanged(upsert: string[], remove: string[]): void
  onCodesChanged(): void
  onOutbox(): void
  /** Tells every view what to ask again. */
  changed(...topics: ChangeTopic[]): void
}
