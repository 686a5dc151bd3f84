import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { formatNumber, formatPercent } from '../../../components/format.ts'
import type { BenchRow } from './bench-rows.ts'

export type Tried = OutputOf<'models.try'>
export type TriedRow = Tried['rows'][number]
export type Outcome = NonNullable<TriedRow['outcome']>

/** An answer in one word: the label, or the value. */
export function outcomeText(outcome: Outcome): string {
  return outcome.kind === 'class' ? outcome.label : formatNumber(outcome.value, 5)
}

/** An answer with how sure the model is. */
export function outcomeSentence(outcome: Outcome): string {
  if (outcome.kind === 'value' || outcome.confidence === null) return outcomeText(outcome)
  return `${outcome.label}, ${formatPercent(outcome.confidence)}`
}

/** How far a value may be from what was expected of it and still be the same answer; devices are held to this, too. */
const RELATIVE = 1e-3

/** Whether an answer is what was expected of the row; `null`: nothing was. */
export function meetsExpectation(outcome: Outcome, expected: BenchRow['expected']): boolean | null {
  if (expected === null) return null
  if (outcome.kind === 'class') return outcome.label === expected.text || String(outcome.index) === expected.text
  const value = Number(expected.text)
  if (!Number.isFinite(value)) return null
  // A measured truth is never met exactly; only the model's own answer is.
  return expected.kind === 'truth' ? null : Math.abs(value - outcome.value) <= RELATIVE * Math.max(1, Math.abs(value))
}

/** True if two versions gave the same answer. */
export function isSameAnswer(a: Outcome, b: Outcome): boolean {
  if (a.kind === 'class' && b.kind === 'class') return a.label === b.label
  if (a.kind === 'value' && b.kind === 'value') return Math.abs(a.value - b.value) <= RELATIVE * Math.max(1, Math.abs(a.value))
  return false
}

type Probabilities = NonNullable<TriedRow['probabilities']>
/** Up to so many classes stand in the order of the labels, so that bars keep their place while a row is edited. */
const ORDERED_UP_TO = 12

/** Probabilities in the order to draw: few ones by label, many with the most probable first. */
export function orderedProbabilities(probabilities: Probabilities, labels: readonly string[]): Probabilities {
  if (probabilities.length > ORDERED_UP_TO) return probabilities
  const place = new Map(labels.map((label, i) => [label, i]))
  return [...probabilities].sort((a, b) => (place.get(a.label) ?? 0) - (place.get(b.label) ?? 0))
}
