import { columnDatatypes } from '../../../shared/inference/request-specs.ts'
import { tensorFromPlain, type Tensor } from '../../../shared/inference/tensor.ts'
import type { TabularInput } from './describe.ts'
import type { FeatureRow } from './feature-rows.ts'

/** Rows as the tensors of a request: one matrix, or one tensor per declared column where not all of them are numbers. */
export function tensorsOf(tabular: TabularInput, rows: readonly Pick<FeatureRow, 'values'>[]): Tensor[] {
  const { columns } = tabular
  if (columns === null || columns.every(({ type }) => type === 'number')) {
    const values = rows.flatMap((row) => row.values)
    return [tensorFromPlain(tabular.name, tabular.datatype, [rows.length, rows[0]!.values.length], values)]
  }
  return columns.map(({ name, type }, i) =>
    tensorFromPlain(
      name,
      columnDatatypes[type],
      [rows.length, 1],
      rows.map((row) => row.values[i]),
    ),
  )
}
