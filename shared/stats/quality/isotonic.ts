import { malformedState, readArray, readConstant, readFields, readNumber } from '../read-state.ts'
import { addConfidence, emptyCalibration, expectedCalibrationError } from './calibration.ts'

const MOST_KNOTS = 10_000

/** A rising function from score to probability: straight between its knots, level outside. */
export interface Calibrator {
  v: 1
  scores: number[]
  probabilities: number[]
}

/** A score and whether the row was positive. */
export interface ScoredRow {
  score: number
  isPositive: boolean
}

/**
 * The rising function with the least squared error: pool adjacent violators (Ayer et al., Ann. Math. Stat. 26, 1955), equal scores pooled first,
 * straight lines between the blocks as in scikit-learn. Null without rows.
 * @throws RangeError if a score is not finite
 */
export function fitIsotonic(rows: readonly ScoredRow[]): Calibrator | null {
  if (!rows.every(({ score }) => Number.isFinite(score))) throw new RangeError('a score is not finite')
  if (rows.length === 0) return null
  const blocks: { from: number; to: number; weight: number; sum: number }[] = []
  for (const { score, isPositive } of rows.toSorted((a, b) => a.score - b.score)) {
    const last = blocks.at(-1)
    if (last !== undefined && last.to === score && last.from === score) {
      last.weight += 1
      last.sum += isPositive ? 1 : 0
    } else blocks.push({ from: score, to: score, weight: 1, sum: isPositive ? 1 : 0 })
  }
  const pooled: typeof blocks = []
  for (const block of blocks) {
    let merged = block
    while (pooled.length > 0 && pooled.at(-1)!.sum / pooled.at(-1)!.weight >= merged.sum / merged.weight) {
      const before = pooled.pop()!
      merged = { from: before.from, to: merged.to, weight: before.weight + merged.weight, sum: before.sum + merged.sum }
    }
    pooled.push(merged)
  }
  const knots = pooled.flatMap(({ from, to, weight, sum }) =>
    (from === to ? [from] : [from, to]).map((score) => [score, sum / weight] as const),
  )
  return { v: 1, scores: knots.map(([score]) => score), probabilities: knots.map(([, probability]) => probability) }
}

/** The probability of a score, 0 to 1. */
export function calibrate({ scores, probabilities }: Calibrator, score: number): number {
  let low = 0
  let high = scores.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (scores[middle]! < score) low = middle + 1
    else high = middle
  }
  if (low === scores.length) return probabilities.at(-1)!
  if (low === 0 || scores[low] === score) return probabilities[low]!
  const [x0, x1, y0, y1] = [scores[low - 1]!, scores[low]!, probabilities[low - 1]!, probabilities[low]!]
  return y0 + ((y1 - y0) * (score - x0)) / (x1 - x0)
}

/** Whether scores need a calibrator, and by how much it helps. */
export interface CalibratorChoice {
  /** Null: the scores are as good as they are. */
  calibrator: Calibrator | null
  /** Expected calibration error of the scores as they are, on the rows that the trial did not see. */
  errorBefore: number | null
  errorAfter: number | null
}

/**
 * An isotonic calibrator from reference rows, only if it lowers the calibration error: tried on every second row and judged on the others, then
 * fitted on all. Scores are probabilities.
 * @throws RangeError if a score is not finite
 */
export function chooseCalibrator(rows: readonly ScoredRow[]): CalibratorChoice {
  const trial = fitIsotonic(rows.filter((_, i) => i % 2 === 0))
  const unseen = rows.filter((_, i) => i % 2 === 1)
  const errorBefore = errorOf(unseen, (score) => score)
  const errorAfter = trial === null ? null : errorOf(unseen, (score) => calibrate(trial, score))
  const helps = errorBefore !== null && errorAfter !== null && errorAfter < errorBefore
  return { calibrator: helps ? fitIsotonic(rows) : null, errorBefore, errorAfter }
}

function errorOf(rows: readonly ScoredRow[], probabilityOf: (score: number) => number): number | null {
  const bins = emptyCalibration()
  for (const { score, isPositive } of rows) addConfidence(bins, probabilityOf(score), isPositive)
  return expectedCalibrationError(bins)
}

/** @throws Problem `message.malformed` if the value is no such function */
export function parseCalibrator(value: unknown): Calibrator {
  const fields = readFields(value, 'the calibrator', ['v', 'scores', 'probabilities'])
  readConstant(fields.v, 'the version', 1)
  const length = { min: 1, max: MOST_KNOTS }
  const scores = readArray(fields.scores, 'the scores', length).map((score) => readNumber(score, 'a score'))
  const probabilities = readArray(fields.probabilities, 'the probabilities', length).map((p) =>
    readNumber(p, 'a probability', { min: 0, max: 1 }),
  )
  if (scores.length !== probabilities.length) throw malformedState('the calibrator has knots without a value')
  if (scores.some((score, i) => i > 0 && score <= scores[i - 1]!)) throw malformedState('the scores do not ascend')
  if (probabilities.some((p, i) => i > 0 && p < probabilities[i - 1]!)) throw malformedState('the probabilities fall')
  return { v: 1, scores, probabilities }
}
