import { formatDuration, plural } from '../../../../components/format.ts'
import type { PacingRules } from '../../../../../shared/domain/rollout/plan.ts'
import { rampOf } from '../plan/ramp.ts'
import styles from '../wizard.module.css'

const WIDTH = 420
const HEIGHT = 72

/** Devices over time as the ramp lets them, if each commits at once. */
export function RampChart({ ramp, devices }: { ramp: NonNullable<PacingRules['perMinute']>; devices: number }) {
  const points = rampOf(ramp, devices)
  const end = points.at(-1)!
  const x = (minutes: number): number => (end.minutes === 0 ? 0 : (minutes / end.minutes) * WIDTH)
  const y = (count: number): number => HEIGHT - 2 - (count / devices) * (HEIGHT - 6)
  const sentence = `All ${plural(devices, 'device')} after ${formatDuration(end.minutes * 60_000)} at the earliest, gates and windows left out.`
  return (
    <figure className={styles.ramp}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`Devices over time: ${sentence}`}>
        <line x1="0" x2={WIDTH} y1={HEIGHT - 2} y2={HEIGHT - 2} className={styles.rampBase} />
        <polyline points={points.map(({ minutes, devices: count }) => `${x(minutes)},${y(count)}`).join(' ')} className={styles.rampLine} />
      </svg>
      <figcaption>{sentence}</figcaption>
    </figure>
  )
}
