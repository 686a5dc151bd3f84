import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import type { Command } from 'commander'
import { csvText } from '../../../shared/domain/csv.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import { openCsv } from '../registry/csv-rows.ts'
import { scopeOf, withLabeller, withScope, type ScopeFlags } from './label-scope.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'

type Label = InputOf<'labelling.import'>['labels'][number]
type Imported = OutputOf<'labelling.import'>

/** Entries of one call: with long ids it still is a frame that the console takes. */
const AT_ONCE = 2000
const PAGE = 500

/** `muster labels import`, `export` */
export function addLabelFileCommands(labels: Command): void {
  withLabeller(labels.command('import <file>'))
    .description('Take labels of a CSV with the columns prediction, label, and where needed row (from 0) and device.')
    .action((file: string, { by }: { by: string }, command: Command) => importFile(command, { file, by }))
  withScope(labels.command('export [file]'))
    .description('Write settled labels with their inputs as CSV, to a file or to standard output.')
    .action((file: string | undefined, flags: ScopeFlags, command: Command) => exportLabels(command, { file, flags }))
}

function importFile(command: Command, { file, by }: { file: string; by: string }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { labels, lines } = await labelsOf(file)
    const sum: Imported = { taken: 0, unchanged: 0, refused: [], refusedTotal: 0 }
    for (let at = 0; at < labels.length; at += AT_ONCE) {
      const part = await rpc.call('labelling.import', { labels: labels.slice(at, at + AT_ONCE), by })
      sum.taken += part.taken
      sum.unchanged += part.unchanged
      sum.refusedTotal += part.refusedTotal
      sum.refused.push(...part.refused.map((one) => ({ ...one, index: one.index + at })))
    }
    // A program reads in the exit code that not everything was taken.
    if (sum.refusedTotal > 0) process.exitCode = 3
    const refused = sum.refused.map((one) => ({ ...one, line: lines[one.index]! }))
    return { json: { ...sum, refused }, text: () => printImported(sum, refused) }
  })
}

function printImported(sum: Imported, refused: readonly (Imported['refused'][number] & { line: number })[]): void {
  printLine(`${sum.taken} labels taken, ${sum.unchanged} as before, ${sum.refusedTotal} refused`)
  if (refused.length > 0)
    printTable(
      ['line', 'prediction', 'code', 'why'],
      refused.slice(0, 50).map((one) => [one.line, one.prediction, one.code, one.message]),
    )
  if (sum.refusedTotal > 50) printLine(`… and ${sum.refusedTotal - 50} more; --json lists the first 1000 of each call`)
}

/** @throws Problem `usage`, `data.*` */
async function labelsOf(file: string): Promise<{ labels: Label[]; lines: number[] }> {
  const what = 'The file of labels'
  const { header, rows, close } = await openCsv(file, what).catch((error: unknown) => {
    if (error instanceof Problem && /ENOENT|EACCES|EISDIR/.test(error.message))
      throw new Problem('usage', `${file} cannot be read.`, { hint: 'Check the path.', cause: error })
    throw error
  })
  try {
    const at = (name: string): number => header.findIndex((column) => column.toLowerCase() === name)
    const columns = { prediction: at('prediction'), label: at('label'), row: at('row'), device: at('device') }
    if (columns.prediction === -1 || columns.label === -1)
      throw new Problem(
        'data.schema-mismatch',
        `${what} needs the columns prediction and label; it has ${header.join(', ').slice(0, 200)}.`,
      )
    const labels: Label[] = []
    const lines: number[] = []
    for await (const { cells, line } of rows) {
      labels.push(labelOf(cells, columns, line))
      lines.push(line)
    }
    if (labels.length === 0) throw new Problem('data.invalid', `${what} has no row.`)
    return { labels, lines }
  } finally {
    close()
  }
}

function labelOf(cells: readonly string[], columns: Record<'prediction' | 'label' | 'row' | 'device', number>, line: number): Label {
  const rowText = (cells[columns.row] ?? '').trim()
  const row = rowText === '' ? 0 : Number(rowText)
  if (!Number.isSafeInteger(row) || row < 0)
    throw new Problem('data.invalid', `Line ${line}: '${rowText.slice(0, 40)}' is no row, which count from 0.`)
  const device = (cells[columns.device] ?? '').trim()
  return {
    prediction: cells[columns.prediction]!.trim().slice(0, 128),
    row,
    label: cells[columns.label]!.trim().slice(0, 256),
    ...(device === '' ? {} : { device }),
  }
}

function exportLabels(command: Command, { file, flags }: { file: string | undefined; flags: ScopeFlags }): Promise<void> {
  const scope = scopeOf(flags)
  return withConsole(command, async ({ rpc, json }) => {
    const { columns, rows } = await allLabels(rpc, scope)
    if (file !== undefined) await write(file, csvText(columns, rows))
    return {
      json: file === undefined || json ? { columns, rows } : { labels: rows.length, file },
      text() {
        if (file === undefined) process.stdout.write(csvText(columns, rows))
        else printLine(`${rows.length} labels were written to ${file}`)
      },
    }
  })
}

async function allLabels(
  rpc: RpcClient,
  scope: ReturnType<typeof scopeOf>,
): Promise<Pick<OutputOf<'labelling.export'>, 'columns' | 'rows'>> {
  const rows: OutputOf<'labelling.export'>['rows'] = []
  let after: string | null = null
  for (;;) {
    const page: OutputOf<'labelling.export'> = await rpc.call('labelling.export', {
      ...scope,
      limit: PAGE,
      ...(after === null ? {} : { after }),
    })
    rows.push(...page.rows)
    after = page.next
    if (after === null) return { columns: page.columns, rows }
  }
}

/** @throws Problem `usage` */
async function write(file: string, text: string): Promise<void> {
  const stream = createWriteStream(file)
  try {
    stream.end(text)
    await once(stream, 'finish')
  } catch (error) {
    throw new Problem('usage', `${file} cannot be written: ${messageOf(error)}`, { hint: 'Check the path.', cause: error })
  }
}
