import type { PreprocessingStep } from '../../../../shared/domain/bundle.ts'
import { formatNumber } from '../../../components/format.ts'

/** Values that a step is told with; the rest is counted. */
const MOST_VALUES = 4

/** A step of preprocessing in one sentence. */
export function stepSentence(step: PreprocessingStep): string {
  switch (step.step) {
    case 'fill-missing':
      return `A missing value becomes ${listOf(step.values)}.`
    case 'clip':
      return `Values are kept between ${listOf(step.min)} and ${listOf(step.max)}.`
    case 'scale':
      return `${listOf(step.subtract)} is subtracted, then the result is divided by ${listOf(step.divide)}.`
  }
}

/** One value if all features have the same, else the first ones. */
function listOf(values: readonly number[]): string {
  const [first] = values
  if (first === undefined) return 'nothing'
  if (values.every((value) => value === first)) return formatNumber(first, 4)
  const shown = values.slice(0, MOST_VALUES).map((value) => formatNumber(value, 4))
  return `${shown.join(', ')}${values.length > MOST_VALUES ? ', …' : ''} (by feature)`
}
