import type { RolloutSummary } from '../../../../shared/rpc/contract/rollouts.ts'
import { waveParts, waveWords } from './wave-bar.ts'
import styles from './wave-bar.module.css'

/** The waves of a rollout as a bar of segments, and how far it is in words. */
export function WaveProgress({ of }: { of: RolloutSummary }) {
  const said = waveWords(of)
  return (
    <span className={styles.bar}>
      <span className={styles.parts} aria-hidden="true">
        {waveParts(of).map((part, i) => (
          <span key={i} data-part={part} />
        ))}
      </span>
      <span>{said}</span>
    </span>
  )
}
