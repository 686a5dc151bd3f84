import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { addLabelled, emptyQuality, type QualityState } from '../../../../shared/stats/quality/quality-state.ts'
import type { CalibrationBins } from '../../../../shared/stats/quality/calibration.ts'

/** Filled bins only: most of the 200 are empty. */
type FilledBins = [bin: number, rows: number, confidence: number, right: number][]

interface StoredQuality extends Pick<QualityState, 'rows' | 'classified' | 'right' | 'confident' | 'regression' | 'weighted'> {
  pairs: [string, number][]
  calibration: FilledBins
  fine: FilledBins
}

/** The sums of labels as bytes. */
export function packQuality({ pairs, calibration, fine, ...state }: QualityState): Uint8Array {
  const stored: StoredQuality = { ...state, pairs: [...pairs], calibration: filled(calibration), fine: filled(fine) }
  return deflateRawSync(JSON.stringify(stored))
}

/** What the bytes hold; no labels where they are damaged. */
export function unpackQuality(bytes: Uint8Array): QualityState {
  const empty = emptyQuality()
  try {
    const { pairs, calibration, fine, ...state } = JSON.parse(inflateRawSync(bytes).toString()) as StoredQuality
    return { ...state, pairs: new Map(pairs), calibration: fill(empty.calibration, calibration), fine: fill(empty.fine, fine) }
  } catch {
    return emptyQuality()
  }
}

function filled({ rows, confidence, right }: CalibrationBins): FilledBins {
  return rows.flatMap((count, bin) => (count === 0 ? [] : [[bin, count, confidence[bin]!, right[bin]!] as FilledBins[number]]))
}

function fill(empty: CalibrationBins, bins: FilledBins): CalibrationBins {
  for (const [bin, rows, confidence, right] of bins) {
    empty.rows[bin] = rows
    empty.confidence[bin] = confidence
    empty.right[bin] = right
  }
  return empty
}

/** A row of `label`, as far as the sums need it. */
export interface StoredLabel {
  predicted: string
  actual: string
  /** null: a regression, whose texts are numbers. */
  correct: number | null
  confidence: number | null
  predictedAt: number
}

/** A value or an error beyond this leaves the range of numbers when it is squared and summed. */
const MOST_VALUE = 1e150

/** Counts a stored label; feedback weighs 1. A value beyond the range of sums is labelled, and measures nothing. */
export function addStoredLabel(state: QualityState, { predicted, actual, correct, confidence }: StoredLabel): void {
  if (correct !== null) addLabelled(state, { predicted, actual, confidence, weight: 1 })
  else if (Math.max(Math.abs(Number(predicted)), Math.abs(Number(actual))) <= MOST_VALUE)
    addLabelled(state, { predicted: Number(predicted), actual: Number(actual), confidence, weight: 1 })
  else state.rows += 1
}
