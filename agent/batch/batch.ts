import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { Problem } from '../../shared/domain/problem.ts'
import { answerSpecs, requestSpecs } from '../../shared/inference/pipeline.ts'
import { answerColumns, type AnswerColumns, type RowAnswer } from './answer-columns.ts'
import { answerRows } from './answer-rows.ts'
import { createAsker } from './ask.ts'
import type { BatchFormat } from './format.ts'
import { joinParquet } from './parquet-output.ts'
import { pickerOf } from './pick.ts'
import { discardProgress, fingerprint, openStaging, progressPath, readProgress, type Progress, type Staging } from './progress-file.ts'
import type { Chunk, RowSource } from './rows.ts'
import { openSource } from './source.ts'
import { findTarget, type BatchTarget } from './target.ts'
import { rowWriter } from './write-rows.ts'

export interface BatchOptions {
  directory: string
  model: string
  input: { file: string; format: BatchFormat }
  output: { file: string; format: BatchFormat }
  /** Columns that the model reads, in the order of its inputs; null: found by name. */
  columns: readonly string[] | null
  /** Outputs that become columns; `all` for every one. */
  outputs: readonly string[] | 'all'
  prefix: string
  rowsPerRequest: number
  /** Requests that are under way at a time. */
  workers: number
  /** The first bad row ends the batch. */
  isStrict: boolean
  /** Begin anew, whatever is there. */
  isRestart: boolean
  signal: AbortSignal
  monotonic(): number
  /** Told once, before the first request: what an earlier run had done. */
  onBegin(begun: { rows: number; share: number }): void
  onProgress(done: { rows: number; failedRows: number; share: number }): void
  say(text: string): void
}

export interface BatchResult {
  output: string
  deployment: string
  model: string
  version: string
  rows: number
  failedRows: number
  /** Rows that an earlier, interrupted run had done. */
  resumedAt: number
  seconds: number
}

/** What was answered is made durable so often, ms: a kill costs so much work at most. */
const COMMIT_MS = 1000

/**
 * Runs a model over a file of rows, through the local API of the running agent. Interrupted at any moment, the same call goes on where it
 * was, and gives the same output, byte for byte.
 * @throws Problem `batch.*`, `data.*`, `agent.unreachable`, `inference.*`, `cancelled`, `store.*`, `usage`
 */
export async function runBatch(options: BatchOptions): Promise<BatchResult> {
  const startedAt = options.monotonic()
  const input = resolve(options.input.file)
  const output = resolve(options.output.file)
  if (input === output) throw new Problem('usage', 'The output would overwrite the input.')
  const hash = await fingerprint(input)
  const sizeAndTime = identityOf(input)
  const target = await findTarget(options.directory, options.model)
  const plan = await planOf(options, target, input)
  const progress = beginOrGoOn(options, { output, hash, target })
  const staging = openStaging(output, progress)
  try {
    await answerAll({ options, plan, staging })
    if (identityOf(input) !== sizeAndTime)
      throw new Problem('batch.input-changed', `${options.input.file} was changed while it was read.`, {
        hint: 'Begin anew with --restart.',
      })
    if (options.output.format === 'parquet') {
      options.say('Writing the Parquet file.')
      await joinParquet(`${output}.join`, plan.source, { file: staging.path, columns: plan.columns.columns })
      staging.finish(`${output}.join`)
    } else staging.finish()
    const { rows, failedRows, model, version, deployment } = staging.progress
    const seconds = (options.monotonic() - startedAt) / 1000
    return { output: options.output.file, deployment, model, version, rows, failedRows, resumedAt: progress.rows, seconds }
  } finally {
    staging.close()
  }
}

interface Plan {
  source: RowSource
  columns: AnswerColumns
  rowsPerRequest: number
  answer(chunk: Chunk): Promise<RowAnswer[]>
  writer: ReturnType<typeof rowWriter>
}

async function planOf(options: BatchOptions, target: BatchTarget, input: string): Promise<Plan> {
  const { manifest } = target
  const source = await openSource(input, options.input.format)
  const specs = requestSpecs(manifest)
  const outputs = answerSpecs(manifest)
  const added = options.outputs === 'all' ? outputs.map(({ name }) => name) : options.outputs
  const columns = answerColumns({ manifest, outputs, added, prefix: options.prefix })
  const clash = columns.columns.find(({ name }) => source.columns.includes(name))
  if (clash !== undefined) throw new Problem('usage', `The input has a column '${clash.name}' already.`, { hint: 'Give another --prefix.' })
  const fixed = specs.map(({ shape }) => shape[0] ?? 1).find((rows) => rows !== -1)
  if (fixed !== undefined && fixed !== 1)
    throw new Problem('usage', `The model takes exactly ${fixed} rows at once; a batch asks it row by row.`)
  const rowsPerRequest = fixed === 1 ? 1 : options.rowsPerRequest
  let waited = false
  const asker = createAsker({
    ...{ url: target.url, deployment: target.deployment, version: target.version, specs, outputs: columns.wanted, signal: options.signal },
    onWait(problem) {
      if (!waited) options.say(`${problem.message} The batch waits for it.`)
      waited = true
    },
  })
  const pick = pickerOf({ columns: source.columns, named: options.columns, specs, manifest })
  const writer = rowWriter(
    options.output.format,
    source.columns,
    columns.columns.map(({ name }) => name),
  )
  return { source, columns, rowsPerRequest, writer, answer: (chunk) => answerRows(chunk.rows, { asker, pick, columns }) }
}

/** The progress that is there, if it is of this input, model and these settings. @throws Problem `batch.input-changed`, `usage` */
function beginOrGoOn(options: BatchOptions, { output, hash, target }: { output: string; hash: string; target: BatchTarget }): Progress {
  if (options.isRestart) discardProgress(output)
  const settings = JSON.stringify([
    options.input.format,
    options.output.format,
    options.columns,
    options.outputs,
    options.prefix,
    options.rowsPerRequest,
  ])
  const { deployment, version, digest, manifest } = target
  const fresh: Progress = {
    ...{ v: 1, input: hash, settings, deployment, model: manifest.model, version, digest },
    ...{ rows: 0, failedRows: 0, inputByte: 0, stagedBytes: 0 },
  }
  const found = readProgress(output)
  if (found === null) return fresh
  const begun = `${progressPath(options.output.file)} is of a batch that was begun`
  if (found.input !== hash) throw new Problem('batch.input-changed', `${begun} with another input, or the input was changed since.`)
  if (found.deployment !== deployment || found.digest !== digest)
    throw new Problem(
      'batch.input-changed',
      `${begun} with ${found.deployment} ${found.model} ${found.version}; ${deployment} serves ${manifest.model} ${version} now.`,
      {
        hint: 'Use another output, or --restart: one output holds the answers of one version.',
      },
    )
  if (found.settings !== settings)
    throw new Problem('batch.input-changed', `${begun} with other formats, columns or outputs.`, {
      hint: 'Give the same ones, or --restart.',
    })
  return found
}

/** Answers what is left; requests overlap, answers are written in the order of the rows. */
async function answerAll({ options, plan, staging }: { options: BatchOptions; plan: Plan; staging: Staging }): Promise<void> {
  const { source, writer } = plan
  let { rows, failedRows, inputByte } = staging.progress
  options.onBegin({ rows, share: shareOf(source, rows, inputByte) })
  let committedAt = options.monotonic()
  if (staging.progress.stagedBytes === 0) staging.append(writer.head)
  const commit = (): void => {
    staging.commit({ rows, failedRows, inputByte })
    committedAt = options.monotonic()
  }
  const take = ({ chunk, answers }: { chunk: Chunk; answers: RowAnswer[] }): void => {
    const failed = answers.filter((answer) => answer.at(-1) !== null)
    if (options.isStrict && failed.length > 0) throw strictProblem(rows, answers)
    staging.append(writer.text(chunk.rows, answers))
    rows = chunk.end.row
    inputByte = chunk.end.byte
    failedRows += failed.length
    options.onProgress({ rows, failedRows, share: shareOf(source, rows, inputByte) })
    if (options.monotonic() - committedAt >= COMMIT_MS) commit()
  }
  try {
    const answered = inFlight(source.chunks({ row: rows, byte: inputByte }, plan.rowsPerRequest), plan.answer, options.workers)
    for await (const one of answered) {
      take(one)
      if (options.signal.aborted) throw new Problem('cancelled', 'The batch was stopped.')
    }
  } catch (error) {
    // What was answered until here is kept; a full disk, though, keeps what was durable before.
    if (!(error instanceof Problem) || !error.code.startsWith('store.')) commit()
    if (error instanceof Problem && error.code === 'cancelled')
      throw new Problem('cancelled', `The batch was stopped after ${rows} rows.`, {
        hint: 'The same command goes on from there.',
        cause: error,
      })
    throw error
  }
  commit()
}

/** Keeps `workers` requests under way and gives the answers in order. */
async function* inFlight(
  chunks: AsyncIterable<Chunk>,
  answer: (chunk: Chunk) => Promise<RowAnswer[]>,
  workers: number,
): AsyncGenerator<{ chunk: Chunk; answers: RowAnswer[] }> {
  const open: { chunk: Chunk; answers: Promise<RowAnswer[]> }[] = []
  const first = async (): Promise<{ chunk: Chunk; answers: RowAnswer[] }> => {
    const { chunk, answers } = open.shift()!
    return { chunk, answers: await answers }
  }
  for await (const chunk of chunks) {
    const answers = answer(chunk)
    // One that fails while an earlier one is awaited is heard of in its turn.
    answers.catch(() => undefined)
    open.push({ chunk, answers })
    if (open.length >= workers) yield await first()
  }
  while (open.length > 0) yield await first()
}

function strictProblem(before: number, answers: readonly RowAnswer[]): Problem {
  const at = answers.findIndex((answer) => answer.at(-1) !== null)
  return new Problem('data.invalid', `Row ${before + at + 1} failed: ${String(answers[at]!.at(-1))}.`, {
    hint: 'Correct it, or run without --strict: then the row gets its code in the column of errors.',
  })
}

function shareOf(source: RowSource, rows: number, byte: number): number {
  if (source.totalRows !== null) return source.totalRows === 0 ? 1 : Math.min(1, rows / source.totalRows)
  return source.sizeBytes === 0 ? 1 : Math.min(1, byte / source.sizeBytes)
}

function identityOf(file: string): string {
  const { size, mtimeMs, ino } = statSync(file)
  return `${size} ${mtimeMs} ${ino}`
}
