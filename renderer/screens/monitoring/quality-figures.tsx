import { EvidenceMark } from '../../components/evidence-mark.tsx'
import { formatCount, formatNumber, formatPercent, plural } from '../../components/format.ts'
import type { Figure } from '../../../shared/rpc/contract/monitoring.ts'
import { intervalText, qualityText, type Quality } from './monitoring-words.ts'
import styles from './version.module.css'

/** Measured beside estimated: large figures, each with its interval, what stands behind it, and what it cannot tell. */
export function QualityFigures({ quality }: { quality: Quality }) {
  const { accuracy, weighted, estimate, regression, reference, coverage, sources, labelled } = quality
  const measure = regression === null ? 'accuracy' : 'mae'
  return (
    <div className={styles.figures}>
      <OneFigure
        name={measure === 'accuracy' ? 'Accuracy' : 'Mean absolute error'}
        figure={accuracy}
        measure={measure}
        note={labelsNote(labelled, sources)}
      />
      {weighted.state !== 'none' && (
        <OneFigure name="Weighted" figure={weighted} measure="accuracy" note="of all requests, by the rate at which each was chosen" />
      )}
      {measure === 'accuracy' && (
        <OneFigure
          name="Without labels"
          figure={estimate}
          measure="accuracy"
          note="from confidence: cannot see that the truth itself changed"
        />
      )}
      {reference !== null && (
        <div className={styles.oneFigure}>
          <span className="dim">On {reference.from} rows</span>
          <strong>{reference.accuracy === null ? 'unknown' : formatPercent(reference.accuracy)}</strong>
          <span className="dim">m {formatCount(reference.rows)}</span>
        </div>
      )}
      <div className={styles.oneFigure}>
        <span className="dim">Labelled</span>
        <strong>{coverage === null ? formatCount(labelled) : formatPercent(coverage)}</strong>
        <span className="dim">{coverage === null ? 'rows' : 'of the predicted rows'}</span>
      </div>
      {measure === 'accuracy' && <Scores quality={quality} />}
    </div>
  )
}

function OneFigure({ name, figure, measure, note }: { name: string; figure: Figure; measure: 'accuracy' | 'mae'; note: string }) {
  const interval = intervalText(figure, measure)
  return (
    <div className={styles.oneFigure}>
      <span className={styles.figureName}>
        <span className="dim">{name}</span> <EvidenceMark state={figure.state} />
      </span>
      <strong>
        {figure.value === null ? '–' : qualityText(figure.value, measure)}
        {interval !== '' && <small>{interval}</small>}
      </strong>
      <span className="dim">{figure.value === null ? missingNote(figure) : `n ${formatCount(figure.n)}, ${note}`}</span>
    </div>
  )
}

function Scores({ quality: { macroF1, weightedF1, balancedAccuracy, mcc, kappa } }: { quality: Quality }) {
  const rows = [
    ['Macro F1', macroF1],
    ['Weighted F1', weightedF1],
    ['Balanced accuracy', balancedAccuracy],
    ['MCC', mcc],
    ['Kappa', kappa],
  ] as const
  if (rows.every(([, value]) => value === null)) return null
  return (
    <dl className={styles.scores}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value === null ? 'undefined' : formatNumber(value)}</dd>
        </div>
      ))}
    </dl>
  )
}

function labelsNote(labelled: number, { feedback, desk }: Quality['sources']): string {
  if (desk === 0) return feedback === 0 ? plural(labelled, 'label') : 'from feedback'
  return feedback === 0 ? 'from the labelling desk' : `${formatCount(feedback)} from feedback, ${formatCount(desk)} from the desk`
}

function missingNote({ state, n }: Figure): string {
  if (state === 'insufficient data') return `only ${plural(n, 'row')} so far`
  return state === 'inconclusive' ? `n ${formatCount(n)}` : 'nothing to tell from'
}
