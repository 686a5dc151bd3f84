import type { Baseline, Feature } from '../../../shared/domain/bundle.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { featureBaseline, textBaseline } from '../../../shared/stats/reference-bins.ts'
import type { TabularInput } from './describe.ts'
import { noRow, openFeatureRows } from './feature-rows.ts'
import { addLabel } from './labels.ts'

const WHAT = 'Training data'
const HOLDOUT = 'Hold-out data'
/** 512 MiB of doubles: the bins need all values of a feature in order. A sample of the rows bins as well. */
const MAX_VALUES = 64 * 1024 * 1024
const ROWS_PER_CHECK = 4096

/** What the training rows say. */
export interface TrainingData {
  features: Feature[]
  target: string | null
  baseline: Baseline
  /** The different labels, as long as they are few enough to be labels. */
  labels: ReadonlySet<string>
}

/**
 * Reads training rows: the names and ranges of the features, and their distribution as the baseline.
 * @throws Problem `data.schema-mismatch`, `data.invalid`, `input.too-large`, `cancelled`
 */
export async function readTrainingData(of: {
  path: string
  tabular: TabularInput
  target: string | null
  signal: AbortSignal
  /** Told the share of the file that was read, 0 to 1, and the rows so far. */
  progress?: (fraction: number, rows: number) => void
}): Promise<TrainingData> {
  const { path, tabular, signal } = of
  const file = await openFeatureRows(path, tabular, { what: WHAT, width: tabular.width, features: namesOf(tabular), target: of.target })
  try {
    const columns = file.plan.features.map((_, i) => (tabular.columns?.[i]?.type === 'text' ? new TextCounts() : new NumberValues()))
    const labels = new Set<string>()
    let rows = 0
    for await (const { values, target } of file.rows) {
      if (rows % ROWS_PER_CHECK === 0 && signal.aborted) throw new Problem('cancelled', 'It was cancelled; nothing was stored.')
      if (rows % ROWS_PER_CHECK === 0) of.progress?.(file.fraction(), rows)
      rows += 1
      if (rows * values.length > MAX_VALUES)
        throw new Problem('input.too-large', `${WHAT} has more than ${MAX_VALUES} values; give a sample of its rows.`)
      for (const [i, value] of values.entries()) columns[i]!.push(value)
      addLabel(labels, target)
    }
    if (rows === 0) throw noRow(WHAT)
    const features = file.plan.features.map((name, i) => ({ name, ...columns[i]!.range() }))
    const binned: Baseline['features'] = []
    for (const [i, name] of file.plan.features.entries()) {
      binned.push(columns[i]!.baseline(name))
      // Sorting a large column takes a while: whoever waits for this process gets a turn between two.
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { features, target: file.plan.target, baseline: { v: 1, rows, features: binned }, labels }
  } finally {
    file.close()
  }
}

/**
 * The names of the columns, and the labels, of hold-out rows where there are no training rows.
 * @throws Problem `data.schema-mismatch`, `data.invalid`
 */
export async function readHoldoutNames(of: {
  path: string
  tabular: TabularInput
  target: string | null
  labels: boolean
}): Promise<Pick<TrainingData, 'features' | 'target' | 'labels'>> {
  const file = await openFeatureRows(of.path, of.tabular, {
    what: HOLDOUT,
    width: of.tabular.width,
    features: namesOf(of.tabular),
    target: of.target,
  })
  try {
    const labels = new Set<string>()
    let rows = 0
    if (of.labels) {
      for await (const { target } of file.rows) {
        rows += 1
        addLabel(labels, target)
      }
      if (rows === 0) throw noRow(HOLDOUT)
    }
    return { features: file.plan.features.map((name) => ({ name, min: null, max: null })), target: file.plan.target, labels }
  } finally {
    file.close()
  }
}

/** Names of declared columns; null: the header gives them. */
function namesOf({ columns }: TabularInput): string[] | null {
  return columns === null ? null : columns.map(({ name }) => name)
}

/** Different texts that are counted by name; the baseline keeps the most frequent of them. */
const MOST_TEXTS = 100_000

/** How often each text occurs. */
class TextCounts {
  readonly #counts = new Map<string, number>()
  #missing = 0
  #other = 0

  push(value: number | string): void {
    const text = String(value)
    const count = this.#counts.get(text)
    if (text === '') this.#missing += 1
    else if (count === undefined && this.#counts.size >= MOST_TEXTS) this.#other += 1
    else this.#counts.set(text, (count ?? 0) + 1)
  }

  range(): { min: null; max: null } {
    return { min: null, max: null }
  }

  baseline(name: string): Baseline['features'][number] {
    return textBaseline(name, this.#counts, { missing: this.#missing, other: this.#other })
  }
}

/** Doubles in an array that grows by halves. */
class NumberValues {
  #values = new Float64Array(256)
  #length = 0

  range(): { min: number | null; max: number | null } {
    return rangeOf(this.#kept())
  }

  baseline(name: string): Baseline['features'][number] {
    return featureBaseline(name, this.#kept())
  }

  push(given: number | string): void {
    const value = Number(given)
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(this.#values.length + (this.#values.length >> 1))
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[this.#length] = value
    this.#length += 1
  }

  #kept(): Float64Array {
    return this.#values.subarray(0, this.#length)
  }
}

function rangeOf(values: Float64Array): { min: number | null; max: number | null } {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    if (value < min) min = value
    if (value > max) max = value
  }
  return min > max ? { min: null, max: null } : { min, max }
}
