import type { GoldenSet, Manifest } from '../../../../shared/domain/bundle.ts'
import { requestSpecs } from '../../../../shared/inference/pipeline.ts'
import { readOutcomes } from '../../../../shared/inference/outcome.ts'
import { tensorFromPlain } from '../../../../shared/inference/tensor.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import { shownOutcome } from './bench.ts'

/** Characters of a value that the bench takes back. */
const MOST_TEXT = 256

type Examples = ResultOf<'models.examples'>

/** Rows to try a version with: those of its golden set, else the middle of each feature's range. */
export function examplesOf(manifest: Manifest, golden: GoldenSet | null, count: number): Examples {
  const columns = manifest.schema.features.map(({ name }) => name)
  if (golden === null || manifest.schema.input === null) {
    const values = middleOf(manifest)
    if (values.length === 0) return { source: 'none', columns, rows: [], total: 0 }
    return { source: 'ranges', columns, rows: [{ values, expected: null }], total: 0 }
  }
  const rows = golden.cases.slice(0, count).flatMap((one) => {
    // A matrix holds the row; declared columns of several types hold one value of it each.
    const data = requestSpecs(manifest).flatMap(({ name }) => one.inputs.find((input) => input.name === name)?.data ?? [])
    const values = data.map((value) => (typeof value === 'number' ? value : String(value).slice(0, MOST_TEXT)))
    return values.length === 0 ? [] : [{ values, expected: expectedOf(manifest, one) }]
  })
  return { source: 'golden', columns, rows, total: golden.cases.length }
}

/** The middle of each range, and the first of declared categories. */
function middleOf({ schema, preprocessing }: Manifest): (number | string)[] {
  const columns = preprocessing.v === 2 && preprocessing.kind === 'columns' ? preprocessing.columns : []
  return schema.features.map(({ min, max }, i) => {
    const [first] = columns[i]?.categories ?? []
    if (first !== undefined) return first
    if (columns[i]?.type === 'text') return ''
    return min === null || max === null ? 0 : (min + max) / 2
  })
}

function expectedOf(manifest: Manifest, { outputs }: GoldenSet['cases'][number]): Examples['rows'][number]['expected'] {
  const tensors = outputs.map(({ name, datatype, shape, data }) => tensorFromPlain(name, datatype, shape, data))
  const outcome = readOutcomes(manifest, tensors)?.[0]
  return outcome === undefined ? null : shownOutcome(outcome)
}
