import type { CopiedTable } from '../../../../shared/domain/forward.ts'
import { errorCodeOf, messageOf, Problem } from '../../../../shared/domain/problem.ts'
import { mayBeNull } from './tables.ts'

/** Class 42 where it is about a table or column that is gone or of another kind, and what a trigger says. */
const otherTable = ['42P01', '42703', '42P10', '42804', '42883', 'P0001']
/** Of one page: more than this is no bad record any more. */
const MOST_REFUSED = { records: 10, share: 0.5 } as const

/**
 * True where a rule stands in the way that is not ours: a check, a key, a partition that is missing, a column of somebody else, a shorter text.
 * Every record would meet it, and what was put aside for it would be lost.
 */
export function isOfTable(error: unknown): boolean {
  const code = errorCodeOf(error) ?? ''
  if (code === '23502') return !isOurs(error)
  return code.startsWith('23') || code === '22001' || otherTable.includes(code)
}

/** True where the value itself cannot be held: out of range, or none where there must be one. */
export function isOfData(error: unknown): boolean {
  const code = errorCodeOf(error) ?? ''
  return !isOfTable(error) && (code.startsWith('22') || code === '23502')
}

/** A page of records that are all bad is a database that was changed. @throws Problem `forward.table-changed` */
export function requireFew(refused: number, { table, of }: { table: CopiedTable; of: number }, error: unknown): void {
  if (refused > MOST_REFUSED.records && refused > of * MOST_REFUSED.share) throw tableChanged(table, error)
}

export function tableChanged(table: CopiedTable, error: unknown): Problem {
  return new Problem('forward.table-changed', `The table ${table} does not take records any more: ${messageOf(error)}`, { cause: error })
}

/** The schema asks for a value there, and did from the beginning. */
function isOurs(error: unknown): boolean {
  const { table, column } = error as { table?: string; column?: string }
  return mayBeNull(table ?? '', column ?? '') === false
}
