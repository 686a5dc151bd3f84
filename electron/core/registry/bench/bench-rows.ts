import type { ResultOf, ParsedInputOf } from '../../../../shared/rpc/contract.ts'
import { compileFeatures, type FeaturePlan } from '../../../../shared/inference/steps/features.ts'
import { isFloating, type Tensor } from '../../../../shared/inference/tensor.ts'
import type { ModelRules, TabularInput } from '../describe.ts'
import { numberOf, readCell, storedAs } from '../feature-rows.ts'
import { tensorsOf } from '../row-tensors.ts'

type GivenRow = ParsedInputOf<'models.try'>['rows'][number]
type TriedRow = ResultOf<'models.try'>['rows'][number]
type CellNote = TriedRow['refused'][number]

/** Notes on values that one row's answer carries at most. */
const MOST_NOTES = 50

/** A row as the model will get it, or what is wrong with it. */
export interface ReadRow {
  tensors: Tensor[] | null
  problem: TriedRow['problem']
  refused: CellNote[]
  unusual: CellNote[]
}

/** Reads a row that a person gave: names and count of the columns, then every value. Nothing of it is thrown: it is told in place. */
export function readRow(rules: ModelRules, tabular: TabularInput, given: GivenRow): ReadRow {
  const cells = Array.isArray(given) ? given : cellsByName(rules, given)
  if (typeof cells === 'string') return refusedRow(cells)
  const { features } = rules.schema
  const width = features.length > 0 ? features.length : tabular.width
  if (width !== -1 && cells.length !== width) return refusedRow(`The row has ${cells.length} values; the model takes ${width}.`)
  if (cells.length === 0) return refusedRow('The row has no value.')
  const plan = planOf(rules, tabular)
  const refused: CellNote[] = []
  const unusual: CellNote[] = []
  const values = cells.map((cell, index) => {
    const read = valueOf(tabular, plan, { cell, index })
    const note = (why: string): CellNote => ({ column: nameOf(rules, index), index, value: shown(cell), why })
    if (read.why !== null && refused.length < MOST_NOTES) refused.push(note(read.why))
    const range = read.why === null ? outsideRange(rules, index, read.value) : null
    if (range !== null && unusual.length < MOST_NOTES) unusual.push(note(range))
    return read
  })
  const first = values.findIndex(({ why }) => why !== null)
  if (first !== -1) {
    const many = values.filter(({ why }) => why !== null).length
    const message = `${nameOf(rules, first)} ${values[first]!.why ?? ''}${many === 1 ? '.' : `, and ${many - 1} further values.`}`
    return { tensors: null, problem: { code: 'inference.bad-input', message }, refused, unusual }
  }
  const tensors = tensorsOf(tabular, [{ values: values.map(({ value }) => value) }])
  return { tensors, problem: null, refused, unusual }
}

/** The values in the order of the features; a text says what is wrong with the names. */
function cellsByName(rules: ModelRules, given: Exclude<GivenRow, unknown[]>): (number | string | null)[] | string {
  const { features } = rules.schema
  if (features.length === 0) return 'The version knows no names of features; give the values in their order.'
  const names = new Set(features.map(({ name }) => name))
  const unknown = Object.keys(given).filter((name) => name !== rules.schema.target && !names.has(name))
  if (unknown.length > 0)
    return `The model has no feature named ${unknown
      .slice(0, 5)
      .map((name) => JSON.stringify(name.slice(0, 64)))
      .join(', ')}.`
  return features.map(({ name }) => (Object.hasOwn(given, name) ? given[name]! : null))
}

/** Form 1 over the row, which tells of every value what is wrong with it; null where the row goes into the model as it is, or has columns. */
function planOf({ preprocessing, schema, validation }: ModelRules, { datatype }: TabularInput): FeaturePlan | null {
  if (preprocessing.v !== 1 || schema.input === null || !isFloating(datatype)) return null
  return compileFeatures(preprocessing, { input: undefined, schema, validation })
}

function valueOf(
  tabular: TabularInput,
  plan: FeaturePlan | null,
  { cell, index }: { cell: number | string | null; index: number },
): { value: number | string; why: string | null } {
  if (tabular.columns !== null) return columnValue(tabular, cell, index)
  const number = cell === null ? Number.NaN : typeof cell === 'number' ? cell : numberOf(cell)
  if (number === null) return { value: Number.NaN, why: 'is not a number' }
  const refusal = plan?.refusalOf(index, number, tabular.datatype) ?? null
  if (refusal !== null) return { value: number, why: `is ${refusal}; the model needs a number` }
  const stored = storedAs(tabular.datatype, number)
  if (stored === null) return { value: number, why: Number.isNaN(number) ? 'is missing' : `is not a value of ${tabular.datatype}` }
  return { value: stored, why: null }
}

/** A value of a declared column; what is missing is judged by the pipeline, which knows what the bundle says to it. */
function columnValue(tabular: TabularInput, cell: number | string | null, index: number): { value: number | string; why: string | null } {
  const read = readCell(tabular, index, cell === null ? '' : String(cell))
  return read.why === null ? read : { value: Number.NaN, why: read.why }
}

function outsideRange(rules: ModelRules, index: number, value: number | string): string | null {
  const feature = rules.schema.features[index]
  if (feature === undefined || typeof value === 'string' || feature.min === null || feature.max === null || Number.isNaN(value)) return null
  if (value >= feature.min && value <= feature.max) return null
  return `${value < feature.min ? 'below' : 'above'} the training rows: ${feature.min} to ${feature.max}`
}

function nameOf(rules: ModelRules, index: number): string {
  return rules.schema.features[index]?.name ?? `value ${index + 1}`
}

function shown(cell: number | string | null): string {
  return cell === null ? '' : String(cell).slice(0, 64)
}

function refusedRow(message: string): ReadRow {
  return { tensors: null, problem: { code: 'inference.bad-input', message }, refused: [], unusual: [] }
}
