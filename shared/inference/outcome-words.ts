import type { OutcomeReference } from '../domain/bundle.ts'

/** What is said of the reference of a version's outcomes. */
export type OutcomeFacts = Pick<OutcomeReference, 'rows' | 'from' | 'outcome' | 'confidence' | 'accuracy'> & { isCalibrated: boolean }

const whose = { holdout: 'hold-out rows', training: 'training rows, which it has seen' } as const
/** Classes that are named; the rest is counted. */
const MOST_NAMES = 8

/** The reference of outcomes in one line: what the model says, how sure it is, how often it is right, on whose rows. */
export function outcomeWords({ rows, from, outcome, confidence, accuracy, isCalibrated }: OutcomeFacts): string {
  const said = outcome.kind === 'numeric' ? `values ${short(outcome.min)} to ${short(outcome.max)}` : classWords(outcome, rows)
  const parts = [`${rows} ${whose[from]}: ${said}`]
  if (confidence?.kind === 'numeric') parts.push(`confidence ${short(confidence.mean)} on average${isCalibrated ? ', calibrated' : ''}`)
  if (accuracy !== null) parts.push(`${accuracy.right} of ${accuracy.rows} right`)
  return parts.join('; ')
}

function classWords({ categories, other }: Extract<OutcomeFacts['outcome'], { kind: 'categorical' }>, rows: number): string {
  const named = categories.slice(0, MOST_NAMES).map(([label, count]) => `${label} ${Math.round((100 * count) / rows)} %`)
  const rest = other + categories.slice(MOST_NAMES).reduce((sum, [, count]) => sum + count, 0)
  return [...named, ...(rest > 0 ? [`others ${Math.round((100 * rest) / rows)} %`] : [])].join(', ')
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)))
}
