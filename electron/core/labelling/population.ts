import type { DeskRow, DeskScope, DeskState } from '../store/fleet/desk.ts'
import { agree } from './consensus.ts'
import { isInScope, type DeskContext } from './desk-context.ts'
import { addToCell, type CellSums } from './information.ts'
import { cellOf, factorsOf, type CellRow, type Factors } from './strata.ts'
import { taskOf } from './task-id.ts'
import { candidateOfRow, type Candidate } from './candidate.ts'

/** All sampled rows of a scope: those that want a label, and those that have one. */
export interface Population {
  /** Without feedback and without a settled or disputed label. Some were skipped, or wait for a further labeller. */
  open: Candidate[]
  settled: DeskRow[]
  /** Everything that somebody has said anything about, by task. */
  kept: ReadonlyMap<string, DeskRow>
  disputed: number
  skipped: number
  sums: Map<string, CellSums>
  factors: Factors
}

/**
 * Reads the sampled rows of a scope. A row whose truth the device sent itself is not of it: it is measured there. A row with a label is of
 * it also when its sample is gone.
 */
export function populationOf(context: DeskContext, scope: DeskScope): Population {
  const { table, book } = context
  const kept = new Map(table.rows(scope).map((row) => [taskOf(row), row]))
  const open: Candidate[] = []
  const sums = new Map<string, CellSums>()
  const cells: CellRow[] = []
  const count = (row: Candidate | DeskRow, label: { isLabelled: boolean; isRight: boolean | null }): void => {
    addToCell(sums, { ...row, uncertainty: 'uncertainty' in row ? row.uncertainty : null, ...label })
    const cell = cellOf(row)
    if (cell !== null) cells.push({ cell, weight: row.weight, isLabelled: label.isRight !== null })
  }
  const want = (candidate: Candidate, state: DeskState | undefined): void => {
    count(candidate, { isLabelled: false, isRight: null })
    if (state !== 'disputed') open.push(candidate)
  }
  const seen = new Set<string>()
  for (const candidate of book.all()) {
    if (!isInScope(candidate, scope) || context.hasFeedback(candidate)) continue
    const state = kept.get(candidate.task)?.state
    seen.add(candidate.task)
    if (state !== 'settled') want(candidate, state)
  }
  const settled: DeskRow[] = []
  let [disputed, skipped] = [0, 0]
  for (const [task, row] of kept) {
    if (context.hasFeedback(row)) continue
    if (row.state === 'disputed') disputed += 1
    if (row.state === 'skipped') skipped += 1
    if (row.state === 'settled') {
      settled.push(row)
      count(row, { isLabelled: true, isRight: isRight(row) })
    } else if (!seen.has(task)) want(candidateOfRow(row), row.state)
  }
  return { open, settled, kept, disputed, skipped, sums, factors: factorsOf(cells) }
}

/** True if the model was right; null where nothing can be said: no label, or no answer of the model. Values of a regression are neither. */
export function isRight({ predicted, actual }: Pick<DeskRow, 'predicted' | 'actual'>): boolean | null {
  if (predicted === null || actual === null || typeof predicted === 'number') return null
  return agree(predicted, actual)
}
