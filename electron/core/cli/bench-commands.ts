import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import { openCsv } from '../registry/csv-rows.ts'
import { referenceOf } from './model-reference.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'
import { uploadFile } from './upload.ts'

type Rows = NonNullable<InputOf<'models.try'>['rows']>

interface TryFlags {
  row?: string[]
  examples?: string
}

const MOST_ROWS = 100

/** `muster models try`, `muster models inspect` */
export function addBenchCommands(models: Command): void {
  models
    .command('try <name@version> [csv]')
    .description('Run rows through a version on the console: the first 100 of a CSV file, single rows, or its golden set.')
    .option('--row <values...>', 'values in the order of the features, separated by commas')
    .option('--examples <n>', 'so many rows of the golden set')
    .action((reference: string, path: string | undefined, flags: TryFlags, command: Command) =>
      tryRows(command, reference, { path, flags }),
    )
  models
    .command('inspect <file>')
    .description('Look into an ONNX file on the console before an import; nothing is stored.')
    .option('--bundle <file>', 'bundle.json')
    .option('--train <csv>', 'training rows')
    .option('--holdout <csv>', 'hold-out rows')
    .action((path: string, flags: Record<'bundle' | 'train' | 'holdout', string | undefined>, command: Command) =>
      inspect(command, path, flags),
    )
}

function tryRows(command: Command, reference: string, { path, flags }: { path: string | undefined; flags: TryFlags }): Promise<void> {
  const version = referenceOf(reference)
  return withConsole(command, async ({ rpc }) => {
    const given = (flags.row ?? []).map((row) => row.split(','))
    const rows: Rows = [...given, ...(path === undefined ? [] : await rowsOf(path)), ...(await examples(rpc, version, flags.examples))]
    if (rows.length === 0) throw new Problem('usage', 'There is no row to try.', { hint: 'Give a CSV file, --row VALUES or --examples N.' })
    const tried = await rpc.call('models.try', { ...version, rows: rows.slice(0, MOST_ROWS) })
    return { json: tried, text: () => printTried(tried) }
  })
}

/** The first rows of a CSV file by the names of its columns. */
async function rowsOf(path: string): Promise<Rows> {
  if (!existsSync(path)) throw new Problem('usage', `${path} cannot be read.`, { hint: 'Check the path.' })
  const csv = await openCsv(path, path)
  try {
    const rows: Rows = []
    for await (const { cells } of csv.rows) {
      rows.push(Object.fromEntries(csv.header.map((name, i) => [name, cells[i] ?? ''])))
      if (rows.length >= MOST_ROWS) break
    }
    return rows
  } finally {
    csv.close()
  }
}

async function examples(rpc: RpcClient, version: { model: string; version: string }, wanted: string | undefined): Promise<Rows> {
  if (wanted === undefined) return []
  const { rows } = await rpc.call('models.examples', { ...version, count: Number(wanted) })
  return rows.map(({ values }) => values)
}

function printTried({ rows, ...tried }: OutputOf<'models.try'>): void {
  printLine(
    `${tried.model}@${tried.version}, onnxruntime ${tried.runtimeVersion ?? 'not started'}${tried.isWarm ? ', loaded already' : `, loaded in ${Math.round(tried.loadMs)} ms`}`,
  )
  printTable(
    ['row', 'answer', 'confidence', 'ms', 'remarks'],
    rows.map((row, i) => [
      i + 1,
      row.outcome === null ? null : row.outcome.kind === 'class' ? row.outcome.label : String(row.outcome.value),
      row.outcome?.kind === 'class' && row.outcome.confidence !== null ? Number(row.outcome.confidence.toFixed(4)) : null,
      row.ms === null ? null : Number(row.ms.toFixed(3)),
      [row.problem?.message, ...row.unusual.map((one) => `${one.column} is ${one.why}`)].filter((part) => part !== undefined).join('; '),
    ]),
  )
}

function inspect(command: Command, path: string, flags: Record<'bundle' | 'train' | 'holdout', string | undefined>): Promise<void> {
  return withConsole(command, async ({ rpc, address }) => {
    const files: Record<string, string> = { model: await uploadFile(rpc, address, path) }
    try {
      for (const part of ['bundle', 'train', 'holdout'] as const) {
        const file = flags[part]
        if (file !== undefined) files[part] = await uploadFile(rpc, address, file)
      }
      const shown = await rpc.call('models.inspect', { files })
      return { json: shown, text: () => printInspected(shown) }
    } finally {
      await rpc.call('models.discardUpload', { tickets: Object.values(files) })
    }
  })
}

function printInspected({ model, ...parts }: OutputOf<'models.inspect'>): void {
  if (model !== null) {
    const tensors = (specs: typeof model.inputs): string =>
      specs.map((spec) => `${spec.name} ${spec.datatype}[${spec.shape.join(', ')}]`).join('; ')
    printLine(
      `${model.fileName}: ${model.sizeBytes} bytes, ${model.model ?? 'no name'}@${model.version ?? 'no version'}${model.taken ? ' (is there already)' : ''}`,
    )
    if (model.onnx !== null) {
      printLine(
        `  task      ${model.task ?? 'unknown'}${model.labels.length === 0 ? '' : `, labels ${model.labels.slice(0, 20).join(', ')}`}`,
      )
      if (model.memoryBytes !== null) printLine(`  memory    about ${Math.ceil(model.memoryBytes / 2 ** 20)} MiB on a device`)
      printLine(`  inputs    ${tensors(model.inputs)}`)
      printLine(`  outputs   ${tensors(model.outputs)}`)
      printLine(
        `  ONNX      IR ${model.onnx.irVersion}, opsets ${JSON.stringify(model.onnx.opsets)}, operators ${model.onnx.operators.join(' ')}`,
      )
    }
  }
  for (const [name, part] of Object.entries({ model, ...parts })) {
    if (part === null) continue
    if ('columnCount' in part) printLine(`  ${name.padEnd(9)} ${part.columnCount} columns, target ${part.target ?? 'unknown'}`)
    if (part.problem !== null) printLine(`  refused   ${name}: ${part.problem.message} (${part.problem.code})`)
  }
}
