import type { Manifest } from '../../../shared/domain/bundle.ts'
import type { SampleBody } from '../../../shared/protocol/telemetry.ts'
import { ownValue } from '../../../shared/domain/own-value.ts'

type Cell = SampleBody['inputs'][number]['data'][number]
type Masks = NonNullable<SampleBody['masked']>

/** What went into the model for one row: of each input the part of this row, as the device sent it. */
export interface RowInput {
  inputs: { name: string; datatype: string; shape: number[]; data: Cell[] }[]
  masked: Masks
}

/** A named value of a row. */
export interface NamedCell {
  name: string
  value: Cell
  mask: Masks[string] | null
}

/** Rows of a sample: those of its first input. */
export function rowsOf({ inputs }: Pick<SampleBody, 'inputs'>): number {
  return inputs[0]?.shape[0] ?? 1
}

/** The part of a sample that belongs to one row. An input without a dimension of rows belongs to all of them. */
export function rowInputOf({ inputs, masked = {} }: Pick<SampleBody, 'inputs' | 'masked'>, row: number): RowInput {
  const rows = rowsOf({ inputs })
  return {
    inputs: inputs.map(({ name, datatype, shape, data }) => {
      const isShared = shape.length === 0 || shape[0] !== rows
      const size = isShared ? data.length : data.length / Math.max(1, rows)
      return { name, datatype, shape: shape.slice(1), data: isShared ? data : data.slice(row * size, (row + 1) * size) }
    }),
    masked,
  }
}

/**
 * The values of a row by name: the features of a matrix, the columns that travel one by one, else the places of each input.
 * @param schema of the bundle, if the registry has it
 */
export function cellsOf({ inputs, masked }: RowInput, schema: Pick<Manifest['schema'], 'input' | 'features'> | null): NamedCell[] {
  return inputs.flatMap(({ name, data }) => {
    const isMatrix = schema !== null && schema.features.length === data.length && (schema.input === name || inputs.length === 1)
    return data.map((value, i) => {
      const cell = isMatrix ? schema.features[i]!.name : data.length === 1 ? name : `${name}[${i}]`
      return { name: cell, value, mask: ownValue<Masks[string]>(masked, cell) ?? ownValue<Masks[string]>(masked, name) ?? null }
    })
  })
}
