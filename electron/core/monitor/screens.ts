import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { ReferenceFacts } from '../../../shared/rpc/contract/monitoring.ts'
import type { CountedSubject } from '../store/telemetry/slice.ts'
import { createDeviceCounts } from './device-counts.ts'
import { featureOf, type FeatureQuestion } from './feature.ts'
import { healthOf, type HealthQuestion, type HealthRow } from './health.ts'
import type { MonitorParts } from './monitor-parts.ts'
import type { Monitor, Subject } from './monitor.ts'
import { peersOf } from './peers.ts'
import { qualitySeries } from './quality-series.ts'
import { forgetBaseline, setBaseline, type BaselineOrder } from './set-baseline.ts'

/** What only screens and the command line ask, beside what rules of alerts ask too. */
export interface MonitoringScreens {
  health(of: HealthQuestion): Promise<{ rows: HealthRow[]; total: number }>
  /** @throws Problem `input.invalid`, `model.not-found` */
  feature(of: Subject & { from: number }, asked: FeatureQuestion): ResultOf<'monitoring.feature'>
  qualitySeries(of: Subject & { from: number }, buckets: number): ResultOf<'monitoring.quality'>['series']
  peers(subject: CountedSubject, of: { device: string; from: number; through: number }): ResultOf<'monitoring.peers'>['deployments'][number]
  /** Call it in a transaction. @throws Problem `input.invalid` */
  setBaseline(order: BaselineOrder, period: { from: number; through: number }): ReferenceFacts
  /** Call it in a transaction. */
  forgetBaseline(order: BaselineOrder): ReferenceFacts
}

/** Binds the answers to their parts. */
export function openMonitoringScreens(parts: MonitorParts, monitor: Monitor): MonitoringScreens {
  const countDevices = createDeviceCounts((slice) => monitor.devicesOf(slice), parts.now)
  return {
    health: (of) => healthOf(parts, { monitor, countDevices }, of),
    feature: (of, asked) => featureOf(parts, monitor, of, asked),
    qualitySeries: (of, buckets) => qualitySeries(parts, of, buckets),
    peers: (subject, of) => peersOf(parts, monitor, subject, of),
    setBaseline: (order, period) => setBaseline(parts, order, period),
    forgetBaseline: (order) => forgetBaseline(parts, order),
  }
}
