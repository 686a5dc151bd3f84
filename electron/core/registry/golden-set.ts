import type { GoldenSet } from '../../../shared/domain/bundle.ts'
import type { Tolerance } from '../../../shared/inference/golden.ts'
import { isFiniteTensor, plainData, type Tensor } from '../../../shared/inference/tensor.ts'
import type { JudgedRow } from './evaluate.ts'
import type { FeatureRow } from './feature-rows.ts'
import type { RowRunner } from './row-runner.ts'

/** Cases of a golden set at most: every device runs them all before a model serves. */
export const GOLDEN_CASES = 32
/** Bytes of the cases as JSON at most: consoles and devices read a set whole. */
const GOLDEN_BYTES = 4 * 1024 * 1024
/** How far the outputs of a device may be off unless bundle.json says otherwise: float32 sums in another order differ by less. */
export const defaultTolerance: Tolerance = { absolute: 1e-4, relative: 1e-3 }
/** Classes whose rows are collected; more than the cases would leave most of them out anyway. */
const TRACKED_CLASSES = 4 * GOLDEN_CASES

interface Candidates {
  first: FeatureRow[]
  /** Ascending by margin. */
  close: { row: FeatureRow; margin: number }[]
}

/**
 * Chooses rows for the golden set while they stream by: of each true class in turn the row with the closest decision, then the first
 * row, and so on. The same rows in the same order give the same choice. Rows with a missing value are left out, since a device gets
 * them as JSON, and rows so close that the tolerance itself could turn the class.
 */
export class GoldenChooser {
  readonly #tolerance: Tolerance
  readonly #classes = new Map<number, Candidates>()
  readonly #spread = new SpreadSample()

  constructor(tolerance: Tolerance) {
    this.#tolerance = tolerance
  }

  offer({ row, truth, outcome, margin }: JudgedRow): void {
    if (!row.values.every(isPresent)) return
    if (outcome.kind === 'value') return this.#spread.offer(row)
    if (margin !== null && margin <= 2 * (this.#tolerance.absolute + this.#tolerance.relative)) return
    const known = this.#classes.get(truth)
    if (known === undefined && this.#classes.size >= TRACKED_CLASSES) return
    const candidates = known ?? { first: [], close: [] }
    this.#classes.set(truth, candidates)
    if (candidates.first.length < GOLDEN_CASES) candidates.first.push(row)
    if (margin !== null) keepClosest(candidates.close, { row, margin })
  }

  /** At most 32 rows, in the order of the file. */
  chosen(): FeatureRow[] {
    const rows = new Map<number, FeatureRow>()
    for (const row of this.#spread.rows()) rows.set(row.row, row)
    const queues = [...this.#classes].sort(([a], [b]) => a - b).map(([, candidates]) => alternating(candidates))
    while (rows.size < GOLDEN_CASES && queues.some((queue) => queue.length > 0)) {
      for (const queue of queues) {
        const next = queue.find((row) => !rows.has(row.row))
        queue.splice(0, next === undefined ? queue.length : queue.indexOf(next) + 1)
        if (next !== undefined && rows.size < GOLDEN_CASES) rows.set(next.row, next)
      }
    }
    return [...rows.values()].sort((a, b) => a.row - b.row)
  }
}

/** Evenly spread rows of a stream of unknown length: every n-th, n doubling whenever there are too many. */
class SpreadSample {
  #kept: FeatureRow[] = []
  #stride = 1
  #seen = 0

  offer(row: FeatureRow): void {
    if (this.#seen % this.#stride === 0) this.#kept.push(row)
    this.#seen += 1
    if (this.#kept.length <= GOLDEN_CASES) return
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0)
    this.#stride *= 2
  }

  rows(): FeatureRow[] {
    return this.#kept
  }
}

function isPresent(value: number | string): boolean {
  return typeof value === 'string' ? value !== '' : Number.isFinite(value)
}

function keepClosest(close: Candidates['close'], entry: Candidates['close'][number]): void {
  const at = close.findIndex(({ margin }) => margin > entry.margin)
  close.splice(at === -1 ? close.length : at, 0, entry)
  if (close.length > GOLDEN_CASES) close.pop()
}

function alternating({ first, close }: Candidates): FeatureRow[] {
  return first.flatMap((row, i) => (close[i] === undefined ? [row] : [close[i].row, row]))
}

/**
 * Runs the chosen rows one by one, as a device will, and keeps inputs (before preprocessing) and outputs (after postprocessing). A row with an output that is
 * not finite is left out: no device could reproduce it; so is one with which the set would have more than 4 MiB. `null` if no row is left.
 * @throws Problem `evaluation.failed`, `cancelled`
 */
export async function makeGoldenSet(runner: RowRunner, rows: readonly FeatureRow[], tolerance: Tolerance): Promise<GoldenSet | null> {
  const cases: GoldenSet['cases'] = []
  let bytes = 0
  for (const row of rows) {
    const { inputs, outputs } = await runner.run([row])
    if (!outputs.every(isFiniteTensor)) continue
    const one = { inputs: inputs.map(plain), outputs: outputs.map(plain) }
    const size = Buffer.byteLength(JSON.stringify(one))
    if (bytes + size > GOLDEN_BYTES) continue
    bytes += size
    cases.push(one)
  }
  return cases.length === 0 ? null : { v: 1, tolerance: { absolute: tolerance.absolute, relative: tolerance.relative }, cases }
}

function plain(tensor: Tensor): GoldenSet['cases'][number]['inputs'][number] {
  return { name: tensor.name, datatype: tensor.datatype, shape: tensor.shape, data: plainData(tensor) }
}
