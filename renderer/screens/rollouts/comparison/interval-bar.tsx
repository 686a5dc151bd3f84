import { useMemo } from 'react'
import type { MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import { differenceText, isHigherBetter, sizeText, unitOf, verdictMarks } from '../live/rollout-words.ts'
import { intervalScene } from './interval-scene.ts'
import styles from './comparison.module.css'

const HEIGHT = 20

/** The difference with its interval as a bar: no difference is a thin line, what is accepted a dashed one, worse is beyond it. */
export function IntervalBar({ of, width = 150 }: { of: MetricEvidence; width?: number }) {
  const scene = useMemo(() => intervalScene({ ...of, isHigherBetter: isHigherBetter(of.metric, unitOf(of)) }, width), [of, width])
  const label = intervalText(of)
  return (
    <svg className={styles.interval} width={width} height={HEIGHT} role="img" aria-label={label} data-state={verdictMarks[of.verdict]}>
      <title>{label}</title>
      <rect
        className={styles.worse}
        x={scene.worse === 1 ? scene.margin : 0}
        width={scene.worse === 1 ? width - scene.margin : scene.margin}
        y="2"
        height={HEIGHT - 4}
      />
      <line className={styles.zero} x1={scene.zero} x2={scene.zero} y1="2" y2={HEIGHT - 2} />
      <line className={styles.margin} x1={scene.margin} x2={scene.margin} y1="0" y2={HEIGHT} />
      {scene.bar !== null && (
        <>
          <line
            className={styles.range}
            x1={scene.bar.from}
            x2={Math.max(scene.bar.from + 1, scene.bar.through)}
            y1={HEIGHT / 2}
            y2={HEIGHT / 2}
          />
          {!scene.bar.isOpenLow && <Tick at={scene.bar.from} />}
          {!scene.bar.isOpenHigh && <Tick at={scene.bar.through} />}
        </>
      )}
      {scene.dot !== null && <circle cx={scene.dot} cy={HEIGHT / 2} r="3.5" fill="currentColor" />}
    </svg>
  )
}

function Tick({ at }: { at: number }) {
  return <line className={styles.range} x1={at} x2={at} y1={HEIGHT / 2 - 3} y2={HEIGHT / 2 + 3} />
}

/** A difference with its interval and what is accepted, in words. */
export function intervalText(of: MetricEvidence): string {
  const { difference, low, high, margin } = of
  const unit = unitOf(of)
  const accepted = `up to ${sizeText(unit, margin)} worse is accepted`
  if (difference === null && low === null && high === null) return `No difference is known yet; ${accepted}`
  const interval = low === null && high === null ? '' : `, interval ${differenceText(unit, low)} to ${differenceText(unit, high)}`
  return `Difference ${differenceText(unit, difference)}${interval}; ${accepted}`
}
