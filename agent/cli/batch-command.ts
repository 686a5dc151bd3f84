import { InvalidArgumentError, Option, type Command } from 'commander'
import { resolve } from 'node:path'
import { runBatch, type BatchOptions, type BatchResult } from '../batch/batch.ts'
import { batchFormats, formatOf } from '../batch/format.ts'
import { createProgressLine } from '../batch/progress-line.ts'
import { systemClock } from '../clock.ts'
import { requireIdentity } from '../identity.ts'
import { plain, printResult } from './output.ts'
import { addCommand, type CommonOptions } from './program.ts'

interface BatchFlags extends CommonOptions {
  model: string
  input: string
  output: string
  format?: string
  columns?: string
  outputs: string
  prefix: string
  rows: number
  workers: number
  strict: boolean
  restart: boolean
}

/** Adds `muster-agent batch`. */
export function addBatchCommand(program: Command): void {
  addCommand(program, 'batch', 'run a model over a file of rows; interrupted, the same command goes on')
    .requiredOption('--model <name>', 'deployment or model, as in `muster-agent status`')
    .requiredOption('--input <file>', 'a .csv (first line: names), .ndjson or .parquet file')
    .requiredOption('--output <file>', 'where the rows go, with the answers as added columns')
    .addOption(new Option('--format <format>', 'format of files whose ending does not say it').choices(batchFormats))
    .option(
      '--columns <names>',
      'columns that the model reads, in the order of its inputs, separated by commas; default: by name, else all in order',
    )
    .option('--outputs <names>', 'outputs to add as columns: none, all, or names separated by commas', 'none')
    .option('--prefix <text>', 'begin of the names of added columns', 'prediction_')
    .option('--rows <n>', 'rows of one request', whole(1, 16_384), 256)
    .option('--workers <n>', 'requests under way at a time', whole(1, 16), 2)
    .option('--strict', 'the first row that fails ends the batch', false)
    .option('--restart', 'begin anew, also if an unfinished batch is there', false)
    .addHelpText(
      'after',
      '\nThe rows wait in <output>.partial with <output>.progress.json until all are there. A row that fails has its code in the column error.',
    )
    .action((flags: BatchFlags) => batch(flags))
}

async function batch(flags: BatchFlags): Promise<void> {
  const directory = resolve(flags.dir)
  requireIdentity(directory)
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  // Once: a second Ctrl-C ends at once, and loses a second of work at most.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal)
  const line = createProgressLine({
    ...{ isTerminal: process.stderr.isTTY, monotonic: () => systemClock.monotonic() },
    write: (text) => process.stderr.write(text),
  })
  const options: BatchOptions = {
    ...{ directory, model: flags.model, prefix: flags.prefix, rowsPerRequest: flags.rows, workers: flags.workers },
    input: { file: flags.input, format: formatOf(flags.input, flags.format) },
    output: { file: flags.output, format: formatOf(flags.output, flags.format) },
    columns: flags.columns === undefined ? null : names(flags.columns),
    outputs: flags.outputs === 'all' ? 'all' : flags.outputs === 'none' ? [] : names(flags.outputs),
    isStrict: flags.strict,
    isRestart: flags.restart,
    signal: stop.signal,
    monotonic: () => systemClock.monotonic(),
    onBegin: (begun) => line.begin(begun),
    onProgress: (done) => line.show(done),
    say: (text) => line.say(plain(text)),
  }
  try {
    const result = await runBatch(options)
    line.end()
    printResult(flags.json, result, resultLines(result))
  } finally {
    line.end()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
  }
}

function resultLines({ output, rows, failedRows, model, version, seconds, resumedAt }: BatchResult): string[] {
  const rate = Math.round((rows - resumedAt) / Math.max(0.001, seconds))
  const resumed = resumedAt === 0 ? '' : `, going on after row ${resumedAt}`
  return [
    `${rows} rows by ${model} ${version} are in ${output} (${seconds.toFixed(1)} s, ${rate} rows/s${resumed}).`,
    ...(failedRows === 0 ? [] : [`${failedRows} rows failed; the column error has the code of each.`]),
  ]
}

function names(text: string): string[] {
  return text.split(',').map((name) => name.trim())
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`)
    return value
  }
}
