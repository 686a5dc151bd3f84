import type { GoldenSet, Manifest } from '../../../../shared/domain/bundle.ts'
import { readOutcomes } from '../../../../shared/inference/outcome.ts'
import { tensorFromPlain } from '../../../../shared/inference/tensor.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import { shownOutcome } from './bench.ts'

type Examples = ResultOf<'models.examples'>

/** Rows to try a version with: those of its golden set, else the middle of each feature's range. */
export function examplesOf(manifest: Manifest, golden: GoldenSet | null, count: number): Examples {
  const columns = manifest.schema.features.map(({ name }) => name)
  const input = manifest.schema.input
  if (golden === null || input === null) {
    const values = manifest.schema.features.map(({ min, max }) => (min === null || max === null ? 0 : (min + max) / 2))
    if (values.length === 0) return { source: 'none', columns, rows: [], total: 0 }
    return { source: 'ranges', columns, rows: [{ values, expected: null }], total: 0 }
  }
  const rows = golden.cases.slice(0, count).flatMap((one) => {
    const data = one.inputs.find(({ name }) => name === input)?.data ?? []
    const values = data.filter((value) => typeof value === 'number')
    return values.length === 0 ? [] : [{ values, expected: expectedOf(manifest, one) }]
  })
  return { source: 'golden', columns, rows, total: golden.cases.length }
}

function expectedOf(manifest: Manifest, { outputs }: GoldenSet['cases'][number]): Examples['rows'][number]['expected'] {
  const tensors = outputs.map(({ name, datatype, shape, data }) => tensorFromPlain(name, datatype, shape, data))
  const outcome = readOutcomes(manifest, tensors)?.[0]
  return outcome === undefined ? null : shownOutcome(outcome)
}
