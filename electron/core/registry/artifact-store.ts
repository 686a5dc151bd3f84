import { createHash, randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Transform } from 'node:stream'
import { errorCodeOf, Problem } from '../../../shared/domain/problem.ts'
import { syncDirectory } from '../../../shared/store/durable-file.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'

/** A file of the store: its hash, its size, and whether this call brought it in. */
export interface StoredArtifact {
  sha256: string
  sizeBytes: number
  isNew: boolean
}

/** A whole file, or a piece of one. */
export type FileSource = string | { path: string; start: number; sizeBytes: number }

const incomingPrefix = 'incoming-'
/** Beside an artifact of an import that has not come to its end: a console that is killed finds by it what nobody asked for. */
const unsettledPrefix = 'unsettled-'

/**
 * Files named by the SHA-256 of their content, `<directory>/<sha256>`.
 *
 * INVARIANTS
 * 1. A file under a digest's name has that content: it is written beside, synced, and renamed when whole.
 * 2. After a put returns, the file and its name survive a power cut.
 * 3. A new file has a mark beside it, made before the file itself, until `settle` or `remove` takes it away.
 * 4. A file that is already there is read again before it is trusted; a damaged one is replaced.
 */
export type ArtifactStore = ReturnType<typeof openArtifactStore>

/** Opens the store and removes what interrupted puts left. @throws Problem `data-directory.read-only`, `store.disk-full` */
export function openArtifactStore(directory: string) {
  guarded(directory, () => {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    for (const name of fs.readdirSync(directory)) if (name.startsWith(incomingPrefix)) fs.rmSync(join(directory, name), { force: true })
  })
  const pathOf = (sha256: string): string => join(directory, sha256)
  const markOf = (sha256: string): string => join(directory, `${unsettledPrefix}${sha256}`)

  async function put(write: (to: string, hash: { update(bytes: Uint8Array): unknown }) => Promise<number>): Promise<StoredArtifact> {
    const temporary = join(directory, `${incomingPrefix}${randomBytes(8).toString('hex')}`)
    try {
      const hash = createHash('sha256')
      const sizeBytes = await write(temporary, hash)
      const sha256 = hash.digest('hex')
      const isNew = !(await isSound(sha256))
      if (isNew) {
        fs.writeFileSync(markOf(sha256), '', { mode: 0o600 })
        fs.renameSync(temporary, pathOf(sha256))
        syncDirectory(fs, directory)
      }
      return { sha256, sizeBytes, isNew }
    } catch (error) {
      throw storeProblem(error, directory)
    } finally {
      fs.rmSync(temporary, { force: true })
    }
  }

  /** True if the file is there and has the content that its name promises. */
  async function isSound(sha256: string): Promise<boolean> {
    try {
      return (await sha256OfFile(pathOf(sha256))) === sha256
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return false
      throw storeProblem(error, directory)
    }
  }

  return {
    /** Where an artifact is, or would be. */
    pathOf,
    has: (sha256: string): boolean => fs.existsSync(pathOf(sha256)),
    isSound,
    /** Copies a file into the store. @param onBytes told how many bytes are there @throws Problem `store.disk-full`, `cancelled` */
    putFile: (source: FileSource, signal?: AbortSignal, onBytes?: (bytes: number) => void): Promise<StoredArtifact> =>
      put((to, hash) => copy(source, to, { hash, signal, onBytes })),
    /** Writes bytes into the store. @throws Problem `store.disk-full` */
    putBytes: (bytes: Uint8Array): Promise<StoredArtifact> =>
      put((to, hash) => {
        hash.update(bytes)
        fs.writeFileSync(to, bytes, { mode: 0o600, flush: true })
        return Promise.resolve(bytes.length)
      }),
    /** New artifacts that are neither settled nor removed; right after the opening, those of an import that was killed. */
    unsettled: (): string[] =>
      fs.readdirSync(directory).flatMap((name) => (name.startsWith(unsettledPrefix) ? [name.slice(unsettledPrefix.length)] : [])),
    /** Keeps an artifact for good. */
    settle: (sha256: string): void => fs.rmSync(markOf(sha256), { force: true }),
    /** Takes an artifact out again, for an import that did not come to its end. */
    remove(sha256: string): void {
      fs.rmSync(pathOf(sha256), { force: true })
      fs.rmSync(markOf(sha256), { force: true })
    },
  }
}

/** Hex SHA-256 of a file's content. @throws the error of the file system */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(fs.createReadStream(path), hash)
  return hash.digest('hex')
}

async function copy(
  source: FileSource,
  to: string,
  {
    hash,
    signal,
    onBytes,
  }: { hash: { update(bytes: Uint8Array): unknown }; signal: AbortSignal | undefined; onBytes: ((bytes: number) => void) | undefined },
): Promise<number> {
  let sizeBytes = 0
  const counting = new Transform({
    transform(bytes: Buffer, _, done) {
      sizeBytes += bytes.length
      onBytes?.(sizeBytes)
      hash.update(bytes)
      done(null, bytes)
    },
  })
  try {
    await pipeline(
      streamOf(source),
      counting,
      fs.createWriteStream(to, { mode: 0o600, flush: true }),
      signal === undefined ? {} : { signal },
    )
  } catch (error) {
    if (signal?.aborted === true) throw new Problem('cancelled', 'It was cancelled.', { cause: error })
    throw error
  }
  return sizeBytes
}

function streamOf(source: FileSource): fs.ReadStream {
  if (typeof source === 'string') return fs.createReadStream(source)
  return fs.createReadStream(source.path, { start: source.start, end: source.start + source.sizeBytes - 1 })
}

function guarded(file: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw storeProblem(error, file)
  }
}
