import type { QualityState } from '../../../shared/stats/quality/quality-state.ts'
import type { DeviceBaselineTable } from '../store/fleet/device-baselines.ts'
import type { Cut, PartKey, Slice, SliceReader } from '../store/telemetry/slice.ts'
import type { WatchedBundle } from './watched-bundle.ts'

/** What monitoring works with. */
export interface MonitorParts {
  slices: SliceReader
  bundle(digest: string): WatchedBundle | null
  /** What a bundle is called here; what records call it is the word of a device. */
  nameOf(digest: string): { model: string; version: string } | null
  baselines: DeviceBaselineTable
  /** Settled labels of the desk, without the rows that devices have labels of. */
  deskQuality(slice: Slice, cut: Cut): { key: PartKey; state: QualityState }[]
  /** Levels that follow from the budget of false alarms. */
  levels(): { q: number; rateAlpha: number }
  /** True while an alert fires for the device in the deployment. */
  isAlerted(device: string, deployment: string): boolean
  isEnrolled(device: string): boolean
  now(): number
}
