import { Updater, type Fetcher } from 'tuf-js'
import { DownloadHTTPError } from 'tuf-js/dist/error.js'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { maxMetadataBytes, MAX_ROOT_STEPS } from '../../shared/protocol/trust.ts'
import { guardMetadata } from './metadata-guard.ts'
import type { MetadataFiles } from './metadata-files.ts'

/** Where metadata comes from; names are those of TUF, such as `2.root.json`. */
export interface MetadataSource {
  /** The bytes of a file, at most `maxBytes`; null: there is none of this name. @throws Problem `console.unreachable` */
  fetch(name: string, maxBytes: number): Promise<Uint8Array | null>
}

/** What a trusted file says of the bytes of a target. */
export interface TrustedTarget {
  path: string
  sizeBytes: number
  /** By algorithm, hex. */
  hashes: Readonly<Record<string, string>>
}

/** The client side of TUF on a device. */
export interface TufClient {
  /**
   * Brings the trusted metadata to what the source has now; what is refused leaves what was trusted before.
   * @throws Problem `trust.metadata-invalid`, `trust.metadata-stale`, `console.unreachable`, `store.*`
   */
  refresh(): Promise<void>
  /** What the trusted metadata says of a target, looked for in delegations too; null: nothing. Refreshes first if it never did. */
  target(path: string): Promise<TrustedTarget | null>
}

interface TufOptions {
  files: MetadataFiles
  source: MetadataSource
  /** Now, or a later time that a trusted key is known to have signed: a clock that stands behind revives nothing. */
  now(): number
}

/** No such host: names are paths below it, and nothing but the source above ever reads them. */
const BASE_URL = 'https://metadata.invalid/'

/** Opens the client over the files of a device; the root must be among them. */
export function openTufClient({ files, source, now }: TufOptions): TufClient {
  let updater: Updater | null = null
  /** What the source or the guard said last: the client turns errors into texts of its own. */
  let cause: Problem | null = null
  const fetcher = fetcherOver(source, (problem) => {
    cause = problem
  })

  /** Runs one work of the client over a copy of the files; what it changed there is taken over, also after a refusal. */
  async function working<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
    const folder = files.workCopy()
    cause = null
    try {
      return await work(folder)
    } catch (error) {
      throw cause ?? trustProblem(error)
    } finally {
      // A new root counts from the moment that it was checked, whatever became of the rest.
      files.adopt(folder)
    }
  }

  const refresh = async (): Promise<void> => {
    const before = files.read('root')
    try {
      await working(async (folder) => {
        const fresh = makeUpdater(folder, fetcher, now())
        await fresh.refresh()
        updater = fresh
      })
    } catch (error) {
      // What was read under the root of before may be signed by a key that the new one took back.
      if (before === null || files.read('root')?.equals(before) !== true) updater = null
      throw error
    }
  }

  return {
    refresh,
    async target(path) {
      if (updater === null) await refresh()
      const info = await working(() => updater!.getTargetInfo(path))
      return info === undefined ? null : { path: info.path, sizeBytes: info.length, hashes: info.hashes }
    },
  }
}

function makeUpdater(metadataDir: string, fetcher: Fetcher, now: number): Updater {
  const updater = new Updater({
    metadataDir,
    metadataBaseUrl: BASE_URL,
    fetcher,
    config: {
      maxRootRotations: MAX_ROOT_STEPS,
      maxDelegations: 32,
      rootMaxLength: maxMetadataBytes.root,
      timestampMaxLength: maxMetadataBytes.timestamp,
      snapshotMaxLength: maxMetadataBytes.snapshot,
      targetsMaxLength: maxMetadataBytes.targets,
    },
  })
  // The client takes the clock of the system; a device may stand in the past, and what was signed since is known better.
  const trusted: unknown = Reflect.get(updater, 'trustedSet')
  if (typeof trusted !== 'object' || trusted === null || !Reflect.set(trusted, 'referenceTime', new Date(now)))
    throw new Problem('internal', 'This version of the TUF client keeps its time elsewhere.')
  return updater
}

function fetcherOver(source: MetadataSource, onProblem: (problem: Problem) => void): Fetcher {
  const download = async (url: string, maxLength: number): Promise<Buffer> => {
    const name = decodeURIComponent(new URL(url).pathname.slice(1))
    const bytes = await source.fetch(name, maxLength)
    if (bytes === null) throw new DownloadHTTPError(`there is no ${name}`, 404)
    if (bytes.length > maxLength) throw new Problem('trust.metadata-invalid', `${name} has more than ${maxLength} bytes.`)
    guardMetadata(bytes, name)
    return Buffer.from(bytes)
  }
  return {
    downloadBytes: (url, maxLength) =>
      download(url, maxLength).catch((error: unknown) => {
        if (error instanceof Problem) onProblem(error)
        throw error
      }),
    // Targets come in blocks, through the store of artifacts.
    downloadFile: () => Promise.reject(new Problem('internal', 'Targets are not fetched by the metadata client.')),
  }
}

/** What the client throws, as a problem: expired is another matter than wrong. */
function trustProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const message = messageOf(error)
  // Errors of some steps arrive as a text that names the first error.
  const isExpired = /is expired/.test(message)
  return new Problem(isExpired ? 'trust.metadata-stale' : 'trust.metadata-invalid', `The trust metadata is refused: ${message}`, {
    cause: error,
  })
}
