import { numberFromHalf } from '../../shared/inference/half.ts'
import type { Tensor } from '../../shared/inference/tensor.ts'
import type { FeatureBaseline } from '../../shared/stats/reference-bins.ts'
import { CategoryCounter } from '../../shared/stats/reference/category-counter.ts'
import { NumericCounter } from '../../shared/stats/reference/numeric-counter.ts'

/** Counts values in the bins of a reference. */
export type Counter = NumericCounter | CategoryCounter

/** A column of an input and what counts it. */
export interface CountedColumn {
  column: number
  counter: Counter
}

/** An empty counter of a reference. */
export function counterOf(reference: FeatureBaseline): Counter {
  return reference.kind === 'numeric' ? new NumericCounter(reference) : new CategoryCounter(reference)
}

/**
 * Counts columns of a tensor of shape [rows, columns], in the form in which the console binned the rows of training: numbers as the datatype
 * stores them, 0 and 1 for a boolean, texts as they are with the empty one missing.
 */
export function countColumns(columns: readonly CountedColumn[], { datatype, data, shape }: Tensor): void {
  const width = data.length / (shape[0] ?? 1)
  if (!Array.isArray(data) && !(data instanceof BigInt64Array) && !(data instanceof BigUint64Array) && datatype !== 'FP16') {
    for (let i = 0; i < columns.length; i += 1) {
      const { counter, column } = columns[i]!
      // Where a model does not say its width, a request may have fewer columns.
      if (column < width) counter.addColumn(data, column, width)
    }
    return
  }
  for (const { counter, column } of columns) {
    for (let i = column; column < width && i < data.length; i += width) {
      const value = data[i]!
      if (typeof value === 'string') counter.add(value === '' ? null : value)
      else counter.addNumber(datatype === 'FP16' ? numberFromHalf(Number(value)) : Number(value))
    }
  }
}
