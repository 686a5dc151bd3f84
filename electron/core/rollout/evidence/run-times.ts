import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { mergeSketch } from '../../store/telemetry/minute-sums.ts'
import type { ShadowArm } from '../../store/telemetry/shadow-arms.ts'

/** Run times of a shadow and of the active bundle for the same requests on one device. */
export interface RunTimes {
  device: string
  shadow: LatencySketch
  active: LatencySketch
}

/**
 * Run times of both, device by device. What a client waits for is more than a run (queue, pipeline) or none (cache), so a shadow, which only runs, is never
 * compared with that. Devices whose agents do not tell the run time of the active bundle are left out.
 */
export function runTimesOf(shadows: readonly ShadowArm[]): RunTimes[] {
  const times = new Map<string, RunTimes>()
  for (const { device, sums } of shadows) {
    const { latency, activeLatency } = sums
    if (activeLatency === null || activeLatency.count === 0 || latency.count === 0) continue
    const own = times.get(device) ?? { device, shadow: LatencySketch.empty(), active: LatencySketch.empty() }
    mergeSketch(own.shadow, latency.state())
    mergeSketch(own.active, activeLatency.state())
    times.set(device, own)
  }
  return [...times.values()]
}
