import type { Manifest, TensorSpec } from '../../shared/domain/bundle.ts'
import { Problem } from '../../shared/domain/problem.ts'
import { cellFor, cellOf, inputWidths } from '../../shared/inference/request-rows.ts'
import { inOrder, type SourceRow } from './rows.ts'

/** Takes the cells of a row that the model reads, in the order of its inputs. @throws Problem `data.schema-mismatch` */
export type Pick = (row: SourceRow) => unknown[]

interface PickOptions {
  columns: readonly string[]
  /** Columns that a person named, in the order of the inputs; null: they are found. */
  named: readonly string[] | null
  specs: readonly TensorSpec[]
  manifest: Manifest
}

/**
 * Finds which columns the model reads: those that were named, else those called like its inputs or features, else all in their order
 * except the target.
 * @throws Problem `data.schema-mismatch` if the file does not have them
 */
export function pickerOf({ columns, named, specs, manifest }: PickOptions): Pick {
  const wanted = named ?? foundColumns(columns, specs, manifest)
  const missing = wanted.find((name) => !columns.includes(name))
  if (missing !== undefined)
    throw new Problem('data.schema-mismatch', `There is no column '${missing}'; the columns are ${columns.slice(0, 40).join(', ')}.`)
  const places = wanted.map((name) => columns.indexOf(name))
  return (row) => {
    const all = inOrder(row, columns)
    const cells = places.map((place) => all[place]).flatMap((value) => (Array.isArray(value) ? (value as unknown[]).flat(8) : [value]))
    const widths = inputWidths(specs, cells.length)
    let start = 0
    return specs.flatMap((spec, i) => {
      const part = cells.slice(start, (start += widths[i]!))
      return part.map((cell) => readable(spec, cell))
    })
  }
}

function foundColumns(columns: readonly string[], specs: readonly TensorSpec[], manifest: Manifest): readonly string[] {
  const inputs = specs.map(({ name }) => name)
  if (inputs.every((name) => columns.includes(name))) return inputs
  const features = manifest.schema.features.map(({ name }) => name)
  if (features.length > 0 && features.every((name) => columns.includes(name))) return features
  return columns.filter((name) => name !== manifest.schema.target)
}

/** A cell of CSV is a text; numbers within are read. @throws Problem `data.schema-mismatch` */
function readable(spec: TensorSpec, cell: unknown): unknown {
  if (typeof cell === 'bigint') return spec.datatype.endsWith('64') && !spec.datatype.startsWith('FP') ? String(cell) : Number(cell)
  if (typeof cell !== 'string' || spec.datatype === 'BYTES') return cellFor(spec, cell ?? undefined)
  return cellFor(spec, cellOf(cell.trim()))
}
