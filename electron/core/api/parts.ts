import type { ChangeTopic } from '../../../shared/rpc/frames.ts'
import type { openApprovals } from '../approval/open-approvals.ts'
import type { ConfigKeeper } from '../config/keeper.ts'
import type { CostBook } from '../costs/costs.ts'
import type { AssignParts } from '../deployments/assign.ts'
import type { HubProcess } from '../hub/hub-process.ts'
import type { BrokerOptions } from '../hub/messages.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Desk } from '../labelling/desk.ts'
import type { Alerts } from '../monitor/alerts/alerts.ts'
import type { Monitor } from '../monitor/monitor.ts'
import type { MonitoringScreens } from '../monitor/screens.ts'
import type { OrderBook } from '../orders/book.ts'
import type { BundleSize } from '../orders/device-state.ts'
import type { RateMeter } from '../rate-meter.ts'
import type { Registry } from '../registry/registry.ts'
import type { Rollouts } from '../rollout/open-rollouts.ts'
import type { SampleFleet } from '../sample-fleet/sample-fleet.ts'
import type { Uploads } from '../serve/uploads.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'

/** What handlers work with. Built once, in core.ts. */
export interface ApiParts extends AssignParts {
  telemetry: TelemetryQueries
  registry: Registry
  book: OrderBook
  /** Verdicts on models in service: the same for screens, command line and rules of alerts. */
  monitor: Monitor
  monitoring: MonitoringScreens
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
  /** Brings signed configurations to what the rules say. */
  config: ConfigKeeper
  uploads: Uploads
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
  /** Devices that the hub must know anew, or forget. */
  onDevicesChanged(upsert: string[], remove: string[]): void
  onCodesChanged(): void
  onOutbox(): void
  /** Tells every view what to ask again. */
  changed(...topics: ChangeTopic[]): void
}
