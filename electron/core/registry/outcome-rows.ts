import type { OutcomeReference } from '../../../shared/domain/bundle.ts'
import type { RowOutcome } from '../../../shared/inference/outcome.ts'
import { chooseCalibrator } from '../../../shared/stats/quality/isotonic.ts'
import { CONFIDENCE_NAME, OUTCOME_NAME } from '../../../shared/stats/reference/monitored.ts'
import { binnedBaseline, featureBaseline, textBaseline, type FeatureBaseline } from '../../../shared/stats/reference-bins.ts'

/** Rows that the reference of outcomes rests on at most; with more of them the bins change little. */
export const MOST_OUTCOME_ROWS = 5000
/** Declared classes up to so many have a bin each, also those that the model never said. */
const NAMED_CLASSES = 50
/** Fewer rows, or fewer right or wrong ones, and a calibrator would say more than they know: of a model without a mistake it would say "never". */
const CALIBRATOR_ROWS = 100
const CALIBRATOR_EVENTS = 10
/** Few different values in at least so many rows are categories, as in features; in fewer they are a small sample. */
const CATEGORY_ROWS = 100

/** What the model said of one row, and what is true of it. */
export interface SaidRow {
  outcome: RowOutcome
  probabilities: readonly number[] | null
  /** Class index; `null`: not known. */
  truth: number | null
}

interface KeptRow {
  said: string | number
  confidence: number | null
  isRight: boolean | null
  /** Probability that the calibrator starts from, and whether the row was a positive of it. */
  score: number | null
  isPositive: boolean | null
}

/** Keeps rows evenly over a file whose length nobody knows yet, and makes the reference of outcomes of them. */
export class OutcomeRows {
  readonly #labels: readonly string[]
  #kept: KeptRow[] = []
  #every = 1
  #seen = 0

  /** @param labels declared classes; empty: none are, or the model answers with values */
  constructor(labels: readonly string[]) {
    this.#labels = labels
  }

  /** Rows that were kept. */
  get length(): number {
    return this.#kept.length
  }

  offer(row: SaidRow): void {
    if (this.#seen % this.#every === 0) this.#kept.push(this.#keep(row))
    this.#seen += 1
    if (this.#kept.length <= MOST_OUTCOME_ROWS) return
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0)
    this.#every *= 2
  }

  #keep({ outcome, probabilities, truth }: SaidRow): KeptRow {
    if (outcome.kind === 'value') return { said: outcome.value, confidence: null, isRight: null, score: null, isPositive: null }
    const { index, label, confidence } = outcome
    const isRight = truth === null ? null : index === truth
    const isBinary = this.#labels.length === 2
    const score = isBinary ? probabilityOf(probabilities, 1) : confidence
    return { said: label, confidence, isRight, score, isPositive: isBinary && truth !== null ? truth === 1 : isRight }
  }

  /**
   * The reference; null if no row was kept. Training rows tell nothing of confidence: the model is surer of what it has seen, and every healthy
   * device would seem to drift (a forest of the wine data: adjusted PSI 0.2 to 0.27 on rows of the same distribution).
   */
  reference(from: OutcomeReference['from']): OutcomeReference | null {
    const rows = this.#kept
    const outcome = outcomeBaseline(
      rows.map(({ said }) => said),
      this.#labels,
    )
    if (outcome === null) return null
    const confidences = rows.flatMap(({ confidence }) => (confidence === null ? [] : [confidence]))
    const judged = rows.filter(({ isRight }) => isRight !== null)
    return {
      rows: rows.length,
      from,
      outcome,
      confidence: from === 'holdout' ? binnedBaseline(CONFIDENCE_NAME, confidences) : null,
      calibrator: from === 'holdout' ? calibratorOf(rows) : null,
      accuracy: judged.length === 0 ? null : { rows: judged.length, right: judged.filter(({ isRight }) => isRight).length },
    }
  }
}

function outcomeBaseline(said: readonly (string | number)[], labels: readonly string[]): FeatureBaseline | null {
  const values = said.filter((one) => typeof one === 'number')
  if (values.length > 0)
    return values.length >= CATEGORY_ROWS ? featureBaseline(OUTCOME_NAME, values) : binnedBaseline(OUTCOME_NAME, values)
  if (said.length === 0) return null
  const counts = new Map<string, number>(labels.length <= NAMED_CLASSES ? labels.map((label) => [label, 0]) : [])
  for (const one of said) counts.set(String(one), (counts.get(String(one)) ?? 0) + 1)
  return textBaseline(OUTCOME_NAME, counts, { missing: 0, other: 0 })
}

function calibratorOf(rows: readonly KeptRow[]): OutcomeReference['calibrator'] {
  const scored = rows.flatMap(({ score, isPositive }) => (score === null || isPositive === null ? [] : [{ score, isPositive }]))
  const positives = scored.filter(({ isPositive }) => isPositive).length
  const fewest = Math.min(positives, scored.length - positives)
  if (scored.length < CALIBRATOR_ROWS || fewest < CALIBRATOR_EVENTS) return null
  const { calibrator } = chooseCalibrator(scored)
  return calibrator === null ? null : { ...calibrator }
}

/** A score is a probability only within 0 and 1; float error is allowed. */
function probabilityOf(scores: readonly number[] | null, index: number): number | null {
  const score = scores?.[index]
  return score === undefined || !(score >= -1e-6 && score <= 1 + 1e-6) ? null : Math.min(1, Math.max(0, score))
}
