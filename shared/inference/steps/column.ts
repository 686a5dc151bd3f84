import type { ColumnType, Policy, Validation } from '../../domain/pipeline.ts'
import type { Findings } from '../findings.ts'
import { quoted, refuseStep, type Place } from '../refuse.ts'

/** Numbers in double precision, a missing one NaN; booleans as 0 and 1. */
export interface NumberColumn {
  name: string
  type: 'number' | 'boolean'
  values: Float64Array
}

/** Texts, a missing one empty. */
export interface TextColumn {
  name: string
  type: 'text'
  values: string[]
}

/** One column of the rows of a request, between two steps. Its values belong to the request: steps write into them. */
export type Column = NumberColumn | TextColumn

/** What is known of a column before any row comes. */
export interface ColumnKind {
  name: string
  type: ColumnType
  categories: readonly (string | number)[] | null
}

/** A step that fits its columns. */
export interface CompiledStep {
  /** The columns after it. */
  after: ColumnKind[]
  /** @throws Problem `inference.bad-input` where a value is refused */
  run(columns: Column[], findings: Findings): Column[]
}

/** What compiling a step over columns is given. */
export interface StepGiven {
  before: readonly ColumnKind[]
  place: Place
  validation: Validation | undefined
}

/** Positions of named columns of one kind. @throws Problem `bundle.pipeline-invalid` for an unknown, repeated or other one */
export function columnsAt(given: StepGiven, names: readonly string[], types: readonly ColumnType[]): number[] {
  if (new Set(names).size !== names.length) refuseStep(given.place, 'a column is named twice.')
  return names.map((name) => {
    const at = given.before.findIndex((column) => column.name === name)
    const found = given.before[at]
    if (found === undefined)
      return refuseStep(
        given.place,
        `there is no column "${name.slice(0, 64)}" here; there are ${quoted(given.before.map((one) => one.name))}.`,
      )
    if (!types.includes(found.type))
      refuseStep(given.place, `column "${name.slice(0, 64)}" is of type ${found.type}; the step takes ${types.join(' and ')}.`)
    return at
  })
}

/** The step over numbers that changes each value of some columns by itself; a missing value stays missing. */
export function eachNumber(given: StepGiven, at: readonly number[], change: (place: number, value: number) => number): CompiledStep {
  return {
    after: [...given.before],
    run(columns) {
      for (const [i, index] of at.entries()) {
        const values = columns[index]!.values as Float64Array
        for (let row = 0; row < values.length; row += 1) values[row] = change(i, values[row]!)
      }
      return columns
    },
  }
}

/** A policy that a bundle states, or the default. */
export function policyOr(stated: Policy | undefined, fallback: Policy): Policy {
  return stated ?? fallback
}
