import type { ChangeTopic } from '../../../shared/rpc/frames.ts'
import type { openApprovals } from '../approval/open-approvals.ts'
import type { AuditDesk } from '../audit/open-audit.ts'
import type { BackupKeeper } from '../backup/keeper.ts'
import type { ConfigKeeper } from '../config/keeper.ts'
import type { CostBook } from '../costs/costs.ts'
import type { AssignParts } from '../deployments/assign.ts'
import type { Forwarding } from '../forward/forwarding.ts'
import type { HubProcess } from '../hub/hub-process.ts'
import type { BrokerOptions } from '../hub/messages.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Desk } from '../labelling/desk.ts'
import type { Alerts } from '../monitor/alerts/alerts.ts'
import type { Metrics } from '../metrics/open-metrics.ts'
import type { Monitor } from '../monitor/monitor.ts'
import type { MonitoringScreens } from '../monitor/screens.ts'
import type { OrderBook } from '../orders/book.ts'
import type { BundleSize } from '../orders/device-state.ts'
import type { PrivacyOffice } from '../privacy/office.ts'
import type { People } from '../people/open-people.ts'
import type { DeviceTrust } from '../certificates/device-trust.ts'
import type { EnrolRequestMessage } from '../../../shared/protocol/enrolment.ts'
import type { Log } from '../log.ts'
import type { Reports } from '../report/open-reports.ts'
import type { RateMeter } from '../rate-meter.ts'
import type { Registry } from '../registry/registry.ts'
import type { Sources } from '../registry/sources/sources.ts'
import type { Rollouts } from '../rollout/open-rollouts.ts'
import type { SampleFleet } from '../sample-fleet/sample-fleet.ts'
import type { Trust } from '../trust/open-trust.ts'
import type { Uploads } from '../serve/uploads.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'

/** What handlers work with. Built once, in core.ts. */
export interface ApiParts extends AssignParts {
  /** Keys, trust metadata, and the list of guards. */
  trust: Trust
  telemetry: TelemetryQueries
  registry: Registry
  book: OrderBook
  /** Verdicts on models in service: the same for screens, command line and rules of alerts. */
  monitor: Monitor
  monitoring: MonitoringScreens
  /** Metrics of the console: scraped, shown and exported. */
  metrics: Metrics
  alerts: Alerts
  /** Labels that people give. */
  desk: Desk
  /** Whether versions may be released, and who decided so. */
  approvals: ReturnType<typeof openApprovals>
  /** What sending and running costs, and the budget of the month. */
  costs: CostBook
  /** Releases that go wave by wave. */
  rollouts: Rollouts
  /** Bytes and blocks of a bundle. */
  sizeOf(digest: string): BundleSize
  jobs: Jobs
  /** Makes backups, and knows how they do. */
  backups: BackupKeeper
  /** Sends data out. */
  forwarding: Forwarding
  /** Makes, writes and verifies reports. */
  reports: Reports
  /** Takes people out of what is stored. */
  privacy: PrivacyOffice
  /** The audit log: signed, kept by devices, verified. */
  audit: AuditDesk
  /** Brings signed configurations to what the rules say. */
  config: ConfigKeeper
  /** Places that models come from. */
  sources: Sources
  uploads: Uploads
  /** Who may come in. */
  people: People
  hub(): HubProcess
  version: string
  dataDirectory: string
  startedAt: number
  now(): number
  /** Records per second that are stored. */
  ingestRate: RateMeter
  sampleFleet(): SampleFleet
  /** The broker that counts now: of the flags, else the stored one. */
  broker(): BrokerOptions
  /** The flags of this start decide the broker. */
  hasBrokerFlags: boolean
  /** Somebody has answered the questions of the first run. */
  isSetUp(): boolean
  /** The hub must be started anew: the broker or the id of the fleet is another one. */
  onHubOptions(): void
  /** Address that devices connect to. */
  brokerUrl(): string
  /** Address at which devices enrol: the same, but for an external broker with a listener of its own for that. */
  enrolUrl(): string
  /** Where a device connects once it has a certificate; null: where it enrolled. */
  deviceUrl(): string | null
  /** Who may come in, by what. */
  deviceTrust: DeviceTrust
  log: Log
  /** A person has decided about a device that waits: it is answered. */
  onEnrolDecided(request: EnrolRequestMessage): void
  /** Devices that the hub must know anew, or forget. */
  onDevicesChanged(upsert: string[], remove: string[]): void
  onCodesChanged(): void
  onOutbox(): void
  /** Tells every view what to ask again. */
  changed(...topics: ChangeTopic[]): void
}
