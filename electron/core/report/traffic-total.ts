import { LatencySketch } from '../../../shared/stats/latency-sketch.ts'
import { emptyQuality, mergeQuality, type QualityState } from '../../../shared/stats/quality/quality-state.ts'
import { addCauses, addCounts, type Causes } from '../store/telemetry/minute-sums.ts'
import type { TrafficState } from '../store/telemetry/slice.ts'

/** Traffic and labels that add without loss: over pages of devices, over versions, over time. */
export class TrafficTotal {
  requests = 0
  /** Rows that were predicted: what labels are a share of. */
  rows = 0
  errors = 0
  cacheHits = 0
  cpuMs = 0
  causes: Causes = {}
  readonly latency = LatencySketch.empty()
  quality: QualityState = emptyQuality()
  /** False: nothing was counted, which is not zero. */
  hasTraffic = false

  addTraffic(state: Pick<TrafficState, 'requests' | 'rows' | 'errors' | 'cacheHits' | 'cpuMs' | 'causes' | 'latency'>): void {
    this.hasTraffic = true
    this.requests = addCounts(this.requests, state.requests)
    this.rows = addCounts(this.rows, state.rows)
    this.errors = addCounts(this.errors, state.errors)
    this.cacheHits = addCounts(this.cacheHits, state.cacheHits)
    this.cpuMs += state.cpuMs
    if (state.errors > 0) this.causes = addCauses(this.causes, state.causes)
    this.latency.merge(state.latency)
  }

  addQuality(state: QualityState): void {
    this.quality = this.quality.rows === 0 ? state : mergeQuality(this.quality, state)
  }

  merge(other: TrafficTotal): void {
    if (other.hasTraffic) this.addTraffic(other)
    if (other.quality.rows > 0) this.addQuality(other.quality)
  }
}
