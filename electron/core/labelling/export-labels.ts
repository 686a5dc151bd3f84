import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { DeskRow } from '../store/fleet/desk.ts'
import type { DeskContext, LabellingScope } from './desk-context.ts'
import { cellsOf, type NamedCell, type RowInput } from './row-input.ts'

type Exported = ResultOf<'labelling.export'>

const facts = [
  'device',
  'deployment',
  'model',
  'version',
  'prediction',
  'row',
  'predictedAt',
  'predicted',
  'confidence',
  'weight',
  'reason',
] as const
const said = ['label', 'source', 'settledAt'] as const
/** Input columns; more of them make no table that anybody trains on. */
const MOST_INPUTS = 4000
const MOST_TEXT = 4096

/**
 * A page of settled labels with their inputs. The columns are the same on every page of a scope: those of all bundles in it, of each as its
 * first settled row has them. A value that is longer than a cell, as of an encoded picture, is left empty.
 */
export function exportLabels(
  context: DeskContext,
  { scope, after, limit }: { scope: LabellingScope; after: string | undefined; limit: number },
): Exported {
  const start = after === undefined ? 0 : Number(after)
  if (!Number.isSafeInteger(start) || start < 0) throw new Problem('input.invalid', `'${after}' is no place in the labels.`)
  const all = context.table.settledAfter(scope, 0)
  const inputs = inputColumns(context, all)
  const left = all.filter(({ id }) => id > start)
  const page = left.slice(0, limit)
  return {
    columns: [...facts, ...said, ...inputs],
    rows: page.map((row) => {
      const cells = new Map(cellsOfRow(context, row).map(({ name, value }) => [name, value]))
      return [
        ...facts.map((name) => row[name]),
        ...[row.actual, row.source, row.settledAt],
        ...inputs.map((name) => shortValue(cells.get(name) ?? null)),
      ]
    }),
    next: left.length > page.length ? String(page.at(-1)!.id) : null,
  }
}

function inputColumns(context: DeskContext, rows: readonly DeskRow[]): string[] {
  const seen = new Set<string>()
  const names = new Set<string>()
  for (const row of rows) {
    if (seen.has(row.digest)) continue
    seen.add(row.digest)
    for (const { name } of cellsOfRow(context, row)) if (names.size < MOST_INPUTS) names.add(name.slice(0, 256))
  }
  return [...names]
}

function cellsOfRow({ table, manifestOf }: DeskContext, row: DeskRow): NamedCell[] {
  return cellsOf(table.fields(row.id) as RowInput, manifestOf(row.digest)?.schema ?? null)
}

function shortValue(value: NamedCell['value']): NamedCell['value'] {
  return typeof value === 'string' && value.length > MOST_TEXT ? null : value
}
