import type { Manifest } from '../../domain/bundle.ts'
import type { ColumnPreprocessing, Policy, RawColumn, Validation } from '../../domain/pipeline.ts'
import { countFinding, type Findings } from '../findings.ts'
import { refuseInput, refuseStep } from '../refuse.ts'
import { isMatrix } from '../request-specs.ts'
import { batchRows, type Tensor } from '../tensor.ts'
import type { Column, NumberColumn, TextColumn } from './column.ts'
import { fillColumn } from './fill-missing.ts'

/** What is asked of the values of a raw column before any step. */
interface RawRules {
  column: RawColumn
  missing: Policy
  fill: string | number | null
  notFinite: Policy | undefined
  min: number
  max: number
  outOfRange: Policy
  /** Values that are known; null: all are, or a one-hot step judges them. */
  known: ReadonlySet<string | number> | null
  unseen: Policy
}

/** Reads the raw columns of a request and judges their values; the given tensors are never changed. */
export interface RawColumnReader {
  /** @throws Problem `inference.bad-input` */
  read(tensors: readonly Tensor[], findings: Findings): Column[]
}

/** @throws Problem `bundle.pipeline-invalid` for a declaration that contradicts itself */
export function compileRawColumns(
  preprocessing: ColumnPreprocessing,
  of: { schema: Manifest['schema']; validation: Validation | undefined },
): RawColumnReader {
  const { columns, steps } = preprocessing
  const names = new Set(columns.map(({ name }) => name))
  if (names.size !== columns.length) refuseStep('preprocessing columns', 'two columns have the same name.')
  const spread = new Set(steps.flatMap((step) => (step.step === 'one-hot' ? [step.column] : [])))
  const rules = columns.map((column) => rulesOf(column, { ...of, isSpread: spread.has(column.name) }))
  const matrix = isMatrix(preprocessing)
  return {
    read(tensors, findings) {
      const rows = batchRows(tensors[0]!.shape)
      return rules.map((rule, i) => {
        const { name } = rule.column
        const column = matrix
          ? matrixColumn(tensors[0]!, { name, at: i, of: rules.length, rows })
          : tensorColumn(
              rule,
              tensors.find((tensor) => tensor.name === name)!,
            )
        judge(rule, column, findings)
        return column
      })
    },
  }
}

function rulesOf(column: RawColumn, of: { schema: Manifest['schema']; validation: Validation | undefined; isSpread: boolean }): RawRules {
  const { validation } = of
  checkColumn(column)
  const feature = of.schema.features.find(({ name }) => name === column.name)
  const stated = validation?.input?.missing
  const softened: Policy = stated === 'flag' ? 'flag' : 'pass'
  return {
    column,
    missing: column.missing === undefined ? (stated ?? 'reject') : column.missing === 'reject' ? 'reject' : softened,
    fill: typeof column.missing === 'object' ? column.missing.fill : null,
    notFinite: validation?.input?.['not-finite'],
    min: column.min ?? feature?.min ?? Number.NEGATIVE_INFINITY,
    max: column.max ?? feature?.max ?? Number.POSITIVE_INFINITY,
    outOfRange: validation?.feature?.['out-of-range'] ?? 'pass',
    known: column.categories === undefined || of.isSpread ? null : new Set(column.categories),
    unseen: validation?.feature?.['unseen-category'] ?? 'flag',
  }
}

function checkColumn({ name, type, missing, min, max, categories }: RawColumn): void {
  const place = `preprocessing column "${name.slice(0, 64)}"`
  if (type === 'boolean' && missing !== undefined && missing !== 'reject') refuseStep(place, 'a boolean is never missing in a request.')
  if (typeof missing === 'object' && (typeof missing.fill === 'string') !== (type === 'text'))
    refuseStep(place, `it is filled with a ${type === 'text' ? 'number' : 'text'}, but its type is ${type}.`)
  if (type !== 'number' && (min !== undefined || max !== undefined)) refuseStep(place, 'only numbers have a min and a max.')
  if (min !== undefined && max !== undefined && min > max) refuseStep(place, 'its min is above its max.')
  if (categories === undefined) return
  if (type === 'boolean') refuseStep(place, 'a boolean has no categories.')
  if (categories.some((one) => (typeof one === 'string') !== (type === 'text')))
    refuseStep(place, `its categories are not of type ${type}.`)
}

function matrixColumn(tensor: Tensor, of: { name: string; at: number; of: number; rows: number }): NumberColumn {
  const data = tensor.data as Float64Array
  const values = new Float64Array(of.rows)
  for (let row = 0; row < of.rows; row += 1) values[row] = data[row * of.of + of.at]!
  return { name: of.name, type: 'number', values }
}

function tensorColumn({ column: { name, type } }: RawRules, tensor: Tensor): Column {
  if (type === 'text') return { name, type, values: [...(tensor.data as string[])] } satisfies TextColumn
  return { name, type, values: Float64Array.from(tensor.data as Float64Array | Uint8Array) }
}

function judge(rule: RawRules, column: Column, findings: Findings): void {
  if (column.type === 'text') judgeTexts(rule, column.values, findings)
  else if (column.type === 'number') judgeNumbers(rule, column.values, findings)
  if (rule.fill !== null) fillColumn(column, rule.fill)
}

function judgeTexts(rule: RawRules, values: readonly string[], findings: Findings): void {
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row]!
    if (value === '') judgeMissing(rule, row, findings)
    else if (rule.known !== null && !rule.known.has(value)) judgeUnseen(rule, { row, shown: JSON.stringify(value.slice(0, 40)) }, findings)
  }
}

function judgeNumbers(rule: RawRules, values: Float64Array, findings: Findings): void {
  const { notFinite, outOfRange, known, min, max } = rule
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row]!
    if (Number.isNaN(value)) judgeMissing(rule, row, findings)
    else if (!Number.isFinite(value)) {
      if (notFinite === undefined) continue
      countFinding(findings, 'input.not-finite', notFinite)
      if (notFinite === 'reject') refuseInput(`${at(rule, row)} is infinite; the bundle refuses that.`)
    } else {
      if (value < min || value > max) {
        countFinding(findings, 'feature.out-of-range', outOfRange)
        if (outOfRange === 'reject') refuseInput(`${at(rule, row)} is ${value}; the bundle takes ${min} to ${max}.`)
      }
      if (known !== null && !known.has(value)) judgeUnseen(rule, { row, shown: String(value) }, findings)
    }
  }
}

function judgeMissing(rule: RawRules, row: number, findings: Findings): void {
  countFinding(findings, 'input.missing', rule.missing)
  if (rule.missing === 'reject') refuseInput(`${at(rule, row)} is missing; the bundle needs it.`)
}

function judgeUnseen(rule: RawRules, { row, shown }: { row: number; shown: string }, findings: Findings): void {
  countFinding(findings, 'feature.unseen-category', rule.unseen)
  if (rule.unseen === 'reject') refuseInput(`${at(rule, row)} is ${shown}, which is none of its categories.`)
}

function at({ column }: RawRules, row: number): string {
  return `Column "${column.name}" of row ${row}`
}
