import { createHash } from 'node:crypto'
import fs, { createReadStream } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { errorCodeOf, messageOf, Problem } from '../../shared/domain/problem.ts'
import { parseJson } from '../../shared/protocol/decode.ts'
import { replaceFile, syncDirectory } from '../../shared/store/durable-file.ts'
import { storeProblem } from '../../shared/store/sqlite-rules.ts'

const progress = z.strictObject({
  v: z.literal(1),
  /** SHA-256 of the input. */
  input: z.string(),
  /** What else the answers depend on: formats, columns, outputs. */
  settings: z.string(),
  deployment: z.string(),
  model: z.string(),
  version: z.string(),
  digest: z.string(),
  rows: z.int().nonnegative(),
  failedRows: z.int().nonnegative(),
  inputByte: z.int().nonnegative(),
  /** Bytes of the staged answers that are durable; what lies beyond is cut off. */
  stagedBytes: z.int().nonnegative(),
})
/** How far a batch is. */
export type Progress = z.infer<typeof progress>

/**
 * The answers of a batch while it runs: `<output>.partial`, and `<output>.progress.json` beside it.
 *
 * INVARIANTS
 * 1. The progress never names more bytes than are durable: staged bytes are synced first, then the progress replaces the one before.
 * 2. The output appears whole, by a rename, after everything in it is durable.
 */
export interface Staging {
  readonly path: string
  readonly progress: Progress
  append(text: string): void
  /** Makes what was appended durable, with how far the batch is now. */
  commit(now: Pick<Progress, 'rows' | 'failedRows' | 'inputByte'>): void
  /** Gives the staged file, or another one, the name of the output, and ends the progress. */
  finish(file?: string): void
  close(): void
}

/** Where the progress of a batch is kept. */
export function progressPath(output: string): string {
  return `${output}.progress.json`
}

/** Reads the progress of an unfinished batch; null: there is none. @throws Problem `store.corrupt` */
export function readProgress(output: string): Progress | null {
  const path = progressPath(output)
  let text: string
  try {
    text = fs.readFileSync(path, 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null
    throw storeProblem(error, path)
  }
  try {
    return progress.parse(parseJson(text, path))
  } catch (error) {
    throw new Problem('store.corrupt', `${path} cannot be read: ${messageOf(error)}`, { hint: 'Begin anew with --restart.', cause: error })
  }
}

/** Begins a batch, or goes on where it was. @throws Problem `store.*` */
export function openStaging(output: string, state: Progress): Staging {
  const path = `${output}.partial`
  const at = { directory: dirname(output), name: basename(progressPath(output)) }
  return guarded(output, () => {
    const fd = fs.openSync(path, state.stagedBytes === 0 ? 'w' : 'r+', 0o600)
    fs.ftruncateSync(fd, state.stagedBytes)
    let now = state
    let written = state.stagedBytes
    const save = (): void => replaceFile(fs, at, Buffer.from(`${JSON.stringify(now)}\n`))
    save()
    return {
      path,
      get progress() {
        return now
      },
      append: (text) =>
        guarded(output, () => {
          const bytes = Buffer.from(text)
          for (let done = 0; done < bytes.length;) {
            const more = fs.writeSync(fd, bytes, done, bytes.length - done, written)
            done += more
            written += more
          }
        }),
      commit: (how) =>
        guarded(output, () => {
          fs.fsyncSync(fd)
          now = { ...now, ...how, stagedBytes: written }
          save()
        }),
      finish: (file = path) =>
        guarded(output, () => {
          fs.fsyncSync(fd)
          fs.renameSync(file, output)
          syncDirectory(fs, at.directory)
          for (const rest of [path, join(at.directory, at.name)]) fs.rmSync(rest, { force: true })
        }),
      close: () => fs.closeSync(fd),
    }
  })
}

/** Removes what an unfinished batch left. */
export function discardProgress(output: string): void {
  for (const path of [`${output}.partial`, `${output}.join`, progressPath(output)]) fs.rmSync(path, { force: true })
}

/** SHA-256 of a file. @throws Problem `data.invalid` if it cannot be read */
export async function fingerprint(file: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash)
  } catch (error) {
    throw new Problem('data.invalid', `${file} cannot be read: ${messageOf(error)}`, { hint: 'Give a file that exists.', cause: error })
  }
  return hash.digest('hex')
}

function guarded<Value>(output: string, work: () => Value): Value {
  try {
    return work()
  } catch (error) {
    throw storeProblem(error, output)
  }
}
