import type { PacingRules } from '../../../../../shared/domain/rollout/plan.ts'

type Ramp = NonNullable<PacingRules['perMinute']>

/** A moment of a ramp: so many devices were offered the version after so many minutes. */
export interface RampPoint {
  minutes: number
  devices: number
}

/** Steps beyond this are drawn as one: the ramp is at its top long before. */
const MOST_STEPS = 200

/**
 * How a ramp goes if every device commits at once: the earliest that it can be. Rate at step k is min(max, base x factor^k), and a step is `every`
 * committed devices.
 */
export function rampOf({ base, factor, every, max }: Ramp, devices: number): RampPoint[] {
  const points: RampPoint[] = [{ minutes: 0, devices: 0 }]
  let done = 0
  let minutes = 0
  for (let step = 0; done < devices; step += 1) {
    const rate = Math.min(max, base * factor ** Math.min(step, 1000))
    const isLast = step >= MOST_STEPS || rate >= max || factor === 1
    const many = isLast ? devices - done : Math.min(every, devices - done)
    done += many
    minutes += many / rate
    points.push({ minutes, devices: done })
  }
  return points
}
