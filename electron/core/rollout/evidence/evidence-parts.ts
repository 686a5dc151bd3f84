import type { JudgedMetric } from '../../../../shared/domain/rollout/judge.ts'
import type { Cut, PartKey, Slice, SliceReader } from '../../store/telemetry/slice.ts'
import type { TelemetryQueries } from '../../store/telemetry/queries.ts'
import type { QualityState } from '../../../../shared/stats/quality/quality-state.ts'
import type { WatchedBundle } from '../../monitor/watched-bundle.ts'
import type { EvidenceQuestion } from './evidence.ts'
import type { Scope } from './scope.ts'
import type { TrafficWindow } from './traffic.ts'
import type { ShadowArm } from '../../store/telemetry/shadow-arms.ts'

/** What evidence is read from. */
export interface EvidenceParts {
  slices: SliceReader
  shadowArms: TelemetryQueries['shadowArms']
  deviceMemory: TelemetryQueries['deviceMemory']
  /** Settled labels of the desk, without the rows that devices have labels of. */
  deskQuality(slice: Slice, cut: Cut): { key: PartKey; state: QualityState }[]
  bundle(digest: string): WatchedBundle | null
  nameOf(digest: string): { model: string; version: string } | null
}

/** One look at a version: what was asked, and what all metrics share. */
export interface Look {
  parts: EvidenceParts
  question: EvidenceQuestion
  scope: Scope
  windows: readonly TrafficWindow[]
  /** Of the candidate as a shadow. */
  shadows: readonly ShadowArm[]
}

/** How one metric is judged. */
export interface MetricRule {
  metric: JudgedMetric
  role: 'required' | 'guard'
  margin: number
  /** Its share of the alpha of the whole. */
  alpha: number
  leastRequests: number
}
