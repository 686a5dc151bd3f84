import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { formatCount } from '../../../components/format.ts'
import type { RolloutDetail, WaveView } from '../../../../shared/rpc/contract/rollouts.ts'
import { isGivenUp, verdictMarks, waveMarkOf, waveTitle } from './rollout-words.ts'
import { StackedStates, StateWords } from './stacked-states.tsx'
import { WaveCells } from './wave-cells.tsx'
import styles from './waves.module.css'

/** A wave: what it is, its devices as cells, and under them the gate to the next one. */
export function WaveColumn({
  of,
  view,
  isChosen,
  maxHeight,
  onChoose,
  onDevice,
}: {
  of: RolloutDetail
  view: WaveView
  isChosen: boolean
  /** Cells fill it up to this height. */
  maxHeight: number
  onChoose(): void
  onDevice(device: string): void
}) {
  const title = waveTitle(view)
  const mark = waveMarkOf(view, of)
  return (
    <section className={styles.column} data-chosen={isChosen || undefined} data-state={view.state} aria-label={title}>
      <header className={styles.columnHead}>
        <button type="button" className={styles.choose} aria-pressed={isChosen} onClick={onChoose} title="Show its gate and the evidence">
          {title}
        </button>
        <div className={styles.columnState}>
          <StateMark state={mark.state} word={mark.word} />
          <span className="dim foreign">{view.size}</span>
        </div>
      </header>
      <div className={styles.columnCells}>
        {view.targeted === 0 && view.cells.length === 0 ? (
          <p className="dim">No device is in this wave.</p>
        ) : (
          <WaveCells rollout={of.rollout} label={title} cells={view.cells} maxHeight={maxHeight} onOpen={onDevice} />
        )}
        {view.cells.length < view.targeted && view.cells.length > 0 && (
          <p className="dim">The first {formatCount(view.cells.length)} are drawn.</p>
        )}
      </div>
      <div className={styles.columnCounts}>
        <StackedStates counts={view.counts} label={title} />
        <p>
          <strong>{formatCount(view.committed)}</strong> of {formatCount(view.targeted)} committed
        </p>
        {!isPlain(view) && <StateWords counts={view.counts} />}
      </div>
      <Gate of={of} view={view} onChoose={onChoose} />
    </section>
  )
}

/** All of it waits, or all of it is there: the line above has said it. */
function isPlain({ counts, targeted, committed }: WaveView): boolean {
  return committed === targeted || counts.pending === targeted
}

/** The gate under a wave: every condition with its number, and the verdict. */
function Gate({ of, view, onChoose }: { of: RolloutDetail; view: WaveView; onChoose(): void }) {
  const { gate, passedAt } = view
  if (gate === null)
    return (
      <footer className={styles.gate}>
        <p className="dim">No gate: it is the last wave.</p>
      </footer>
    )
  const { evidence, conditions } = gate
  return (
    <footer className={styles.gate} data-state={view.state}>
      <div className={styles.gateHead}>
        <span>Gate</span>
        {evidence !== null && <StateMark state={verdictMarks[evidence.verdict]} word={evidence.verdict} />}
      </div>
      {view.state === 'passed' ? (
        <p className="dim">
          Passed <Ago at={passedAt} />
        </p>
      ) : isGivenUp(of) ? (
        <p className="dim">{view.state === 'waiting' ? 'Not reached' : 'Not passed'}</p>
      ) : (
        <ul className={styles.conditions}>
          {conditions.map(({ kind, isMet, sentence }) => (
            <li key={kind} data-met={isMet || undefined}>
              <Check isMet={isMet} />
              <span className="foreign">{sentence}</span>
            </li>
          ))}
        </ul>
      )}
      {evidence !== null && (
        <button type="button" className={styles.more} onClick={onChoose}>
          Evidence
        </button>
      )}
    </footer>
  )
}

/** A condition that holds, or does not yet: a tick or an empty circle, and the word for who cannot see them. */
export function Check({ isMet }: { isMet: boolean }) {
  return (
    <>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" className={styles.check} data-met={isMet || undefined}>
        {isMet ? (
          <path d="M2 6.5 L5 9.5 L10 3" fill="none" stroke="currentColor" strokeWidth="1.75" />
        ) : (
          <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.25" strokeDasharray="2 1.6" />
        )}
      </svg>
      <span className="sr-only">{isMet ? 'Holds:' : 'Does not hold yet:'}</span>
    </>
  )
}

/** A wave where there is no room for its cells: a standing bar with its number. Too small to be a target: `WaveSteps` leads to it as well. */
export function NarrowWave({
  of,
  view,
  isNumbered,
  onChoose,
}: {
  of: RolloutDetail
  view: WaveView
  isNumbered: boolean
  onChoose(): void
}) {
  const { word, state } = waveMarkOf(view, of)
  const verdict = view.gate?.evidence?.verdict
  return (
    <div
      className={styles.narrow}
      title={`${waveTitle(view)}, ${view.size}: ${word}, ${formatCount(view.committed)} of ${formatCount(view.targeted)} committed`}
      onClick={onChoose}
    >
      <span className={styles.narrowBar}>
        <StackedStates counts={view.counts} label={waveTitle(view)} isStanding />
      </span>
      <StateMark state={verdict === undefined ? state : verdictMarks[verdict]} isBare />
      <span className={styles.narrowNumber}>{isNumbered ? view.wave + 1 : '\u00A0'}</span>
    </div>
  )
}
