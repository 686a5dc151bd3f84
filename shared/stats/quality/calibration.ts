import { Problem } from '../../domain/problem.ts'
import { wilsonInterval, type Interval } from '../proportion-interval.ts'
import { malformedState, readArray, readConstant, readCounts, readFields, readNumber } from '../read-state.ts'
import { binOf } from '../reference-bins.ts'
import { scoreBin } from './score-bins.ts'

/** Bins of equal width by default (torchmetrics has 15 too). */
const CALIBRATION_BINS = 15
const MOST_CALIBRATION_BINS = 1000
/** A bin of fewer rows does not count for the largest error: one row alone says nothing. */
const LEAST_ROWS = 10

/** Rows by confidence: their number, the sum of confidences and the number of right ones per bin. All add. */
export interface CalibrationBins {
  v: 1
  /** Inner borders of bins (lo, hi]; null: bins of equal width, [lo, hi) with the last closed. */
  edges: number[] | null
  rows: number[]
  confidence: number[]
  right: number[]
}

/**
 * No rows yet; bins of equal width by number, or with inner borders, e.g. those of equal mass in the reference.
 * @throws RangeError if there are more than 1000 bins or the borders do not ascend within 0 to 1
 */
export function emptyCalibration(bins: number | readonly number[] = CALIBRATION_BINS): CalibrationBins {
  const edges = typeof bins === 'number' ? null : [...bins]
  const size = typeof bins === 'number' ? bins : bins.length + 1
  if (!Number.isSafeInteger(size) || size < 1 || size > MOST_CALIBRATION_BINS || !isAscending(edges)) throw new RangeError('no such bins')
  const zeros = (): number[] => Array.from({ length: size }, () => 0)
  return { v: 1, edges, rows: zeros(), confidence: zeros(), right: zeros() }
}

function isAscending(edges: readonly number[] | null): boolean {
  return edges === null || edges.every((edge, i) => edge >= 0 && edge <= 1 && (i === 0 || edge > edges[i - 1]!))
}

/** Counts a row: the probability of the predicted class (or of the positive one), and whether it was right (or positive). False for what is no probability. */
export function addConfidence(state: CalibrationBins, confidence: number, isRight: boolean): boolean {
  if (!(confidence >= 0 && confidence <= 1)) return false
  const bin = state.edges === null ? scoreBin(confidence, state.rows.length) : binOf(state.edges, confidence)
  state.rows[bin]! += 1
  state.confidence[bin]! += confidence
  if (isRight) state.right[bin]! += 1
  return true
}

/** @throws Problem `input.invalid` if the bins differ */
export function mergeCalibration(a: CalibrationBins, b: CalibrationBins): CalibrationBins {
  if (a.rows.length !== b.rows.length || JSON.stringify(a.edges) !== JSON.stringify(b.edges)) {
    throw new Problem('input.invalid', 'Calibration of different bins does not merge.')
  }
  const add = (x: number[], y: number[]): number[] => x.map((value, bin) => value + y[bin]!)
  const { rows, confidence, right } = b
  return { v: 1, edges: a.edges, rows: add(a.rows, rows), confidence: add(a.confidence, confidence), right: add(a.right, right) }
}

/** Expected calibration error, sum |right - confidence| / N over the bins (Naeini, Cooper, Hauskrecht, AAAI 2015), 0 to 1; null without rows. */
export function expectedCalibrationError({ rows, confidence, right }: CalibrationBins): number | null {
  const total = rows.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  return rows.reduce((sum, _, bin) => sum + Math.abs(right[bin]! - confidence[bin]!), 0) / total
}

/** Largest calibration error of a bin with at least `leastRows` rows, 0 to 1; null if no bin has them. */
export function maximumCalibrationError({ rows, confidence, right }: CalibrationBins, leastRows = LEAST_ROWS): number | null {
  const gaps = rows.flatMap((count, bin) => (count >= Math.max(1, leastRows) ? [Math.abs(right[bin]! - confidence[bin]!) / count] : []))
  return gaps.length === 0 ? null : Math.max(...gaps)
}

/** A bin of the reliability diagram; null where it has no rows. */
export interface ReliabilityBin {
  from: number
  to: number
  rows: number
  confidence: number | null
  share: number | null
  interval: Interval | null
}

/** The reliability diagram: mean confidence and share of right rows per bin, with the Wilson interval of the share. */
export function reliability({ edges, rows, confidence, right }: CalibrationBins): ReliabilityBin[] {
  const border = (k: number): number => (k === 0 ? 0 : k === rows.length ? 1 : (edges?.[k - 1] ?? k / rows.length))
  return rows.map((count, bin) => ({
    from: border(bin),
    to: border(bin + 1),
    rows: count,
    confidence: count === 0 ? null : confidence[bin]! / count,
    share: count === 0 ? null : right[bin]! / count,
    interval: wilsonInterval(right[bin]!, count),
  }))
}

/** @throws Problem `message.malformed` if the value is no such state */
export function parseCalibration(value: unknown): CalibrationBins {
  const fields = readFields(value, 'the calibration', ['v', 'edges', 'rows', 'confidence', 'right'])
  readConstant(fields.v, 'the version', 1)
  const length = { min: 1, max: MOST_CALIBRATION_BINS }
  const numbers = (list: unknown, what: string): number[] => readArray(list, what, length).map((one) => readNumber(one, what, { min: 0 }))
  const rows = readCounts(fields.rows, 'rows', length)
  const right = readCounts(fields.right, 'right', length)
  const confidence = numbers(fields.confidence, 'confidence')
  const edges =
    fields.edges === null ? null : readArray(fields.edges, 'edges', { max: length.max }).map((edge) => readNumber(edge, 'an edge'))
  if (right.length !== rows.length || confidence.length !== rows.length || (edges !== null && edges.length !== rows.length - 1)) {
    throw malformedState('the calibration bins differ in number')
  }
  if (!isAscending(edges)) throw malformedState('the edges do not ascend')
  if (rows.some((count, bin) => right[bin]! > count || confidence[bin]! > count * (1 + 1e-9))) {
    throw malformedState('a calibration bin holds more than its rows')
  }
  return { v: 1, edges, rows, confidence, right }
}
