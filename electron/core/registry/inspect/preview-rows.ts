import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import { planColumns, type ColumnRules } from '../columns.ts'
import { openCsv } from '../csv-rows.ts'
import { fileHead, refusal, type GivenFile } from './given-file.ts'

type Preview = NonNullable<ResultOf<'models.inspect'>['train']>

const SHOWN_ROWS = 5
const SHOWN_COLUMNS = 200
const SHOWN_CHARACTERS = 100
/** Rows that are read to see which classes there are; reading all of a large file would keep the dialog waiting. */
const READ_ROWS = 1000
const MOST_CLASSES = 50

/** The head of a CSV file, the column that would be the truth, and why the import would refuse it. `features`: the names in order, if they fit. */
export async function previewRows(file: GivenFile, rules: ColumnRules): Promise<{ shown: Preview; features: string[] | null }> {
  const nothing = { columns: [], columnCount: 0, rows: [], target: null, classes: null }
  let csv: Awaited<ReturnType<typeof openCsv>>
  try {
    csv = await openCsv(file.path, rules.what)
  } catch (error) {
    return { shown: { ...fileHead(file, refusal(error)), ...nothing }, features: null }
  }
  const columns = { columns: csv.header.slice(0, SHOWN_COLUMNS), columnCount: csv.header.length }
  const rows: string[][] = []
  try {
    const { plan, problem } = planOf(csv.header, rules)
    const targetAt = plan?.targetAt ?? null
    const classes = new Set<string>()
    let read = 0
    let broken = problem
    try {
      for await (const { cells } of csv.rows) {
        if (read < SHOWN_ROWS) rows.push(cells.slice(0, SHOWN_COLUMNS).map((cell) => cell.slice(0, SHOWN_CHARACTERS)))
        if (targetAt !== null) classes.add(cells[targetAt]!.trim().slice(0, 256))
        read += 1
        if (read >= READ_ROWS) break
      }
    } catch (error) {
      broken ??= refusal(error)
    }
    const shown = {
      ...columns,
      rows,
      target: plan?.target ?? null,
      classes: targetAt === null || classes.size > MOST_CLASSES ? null : [...classes].sort(),
    }
    return { shown: { ...fileHead(file, broken), ...shown }, features: plan?.features ?? null }
  } finally {
    csv.close()
  }
}

function planOf(
  header: readonly string[],
  rules: ColumnRules,
): { plan: ReturnType<typeof planColumns> | null; problem: Preview['problem'] } {
  try {
    return { plan: planColumns(header, rules), problem: null }
  } catch (error) {
    return { plan: null, problem: refusal(error) }
  }
}
