import { Section } from '../../../components/screen.tsx'
import { Ago, useNow } from '../../../components/time.tsx'
import { formatDuration, formatExact } from '../../../components/format.ts'
import type { RolloutDetail, WaveView } from '../../../../shared/rpc/contract/rollouts.ts'
import { waveTitle } from './rollout-words.ts'
import styles from './waves.module.css'

/** When each wave was opened, had its devices reached, and passed its gate, on one line of time. */
export function WaveTimes({ shown }: { shown: RolloutDetail }) {
  const now = useNow()
  const begun = shown.waveViews.filter((view): view is WaveView & { openedAt: number } => view.openedAt !== null)
  const start = begun[0]?.openedAt
  if (start === undefined) return null
  const end = Math.max(start + 1000, shown.endedAt ?? now, ...begun.map(({ passedAt }) => passedAt ?? 0))
  const place = (at: number): number => ((at - start) / (end - start)) * 100
  return (
    <Section title="When" actions={<span className="dim">{formatDuration(end - start)} in all</span>}>
      <ol className={styles.times} aria-label="When the waves were">
        {begun.map((view) => {
          const reached = view.reachedAt ?? view.passedAt ?? end
          const passed = view.passedAt ?? end
          return (
            <li key={view.wave}>
              <span className="foreign">{waveTitle(view)}</span>
              <span className={styles.track} title={timesInWords(view, { at: shown.endedAt ?? now, isOver: shown.endedAt !== null })}>
                <span
                  className={styles.opened}
                  style={{ left: `${place(view.openedAt)}%`, width: `${place(reached) - place(view.openedAt)}%` }}
                />
                <span className={styles.atGate} style={{ left: `${place(reached)}%`, width: `${place(passed) - place(reached)}%` }} />
              </span>
              <span className="dim">{stateInWords(view, shown.endedAt ?? now)}</span>
            </li>
          )
        })}
      </ol>
      <p className={styles.timesFoot}>
        <span>
          <Ago at={start} />
        </span>
        <span className={styles.timesKey}>
          <span className={styles.opened} /> devices on their way <span className={styles.atGate} /> at the gate
        </span>
        <span>{shown.endedAt === null ? 'now' : <Ago at={shown.endedAt} />}</span>
      </p>
    </Section>
  )
}

function timesInWords({ openedAt, reachedAt, passedAt }: WaveView, { at, isOver }: { at: number; isOver: boolean }): string {
  const parts = [
    openedAt === null ? null : `opened ${formatExact(openedAt)}`,
    reachedAt === null ? null : `reached ${formatExact(reachedAt)}`,
    passedAt === null ? `${isOver ? 'ended' : 'now'} ${formatExact(at)}` : `passed ${formatExact(passedAt)}`,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

function stateInWords({ openedAt, reachedAt, passedAt }: WaveView, end: number): string {
  if (passedAt !== null) return `passed after ${formatDuration(passedAt - (openedAt ?? passedAt))}`
  if (reachedAt !== null) return `at its gate for ${formatDuration(Math.max(0, end - reachedAt))}`
  return `open for ${formatDuration(Math.max(0, end - (openedAt ?? end)))}`
}
