import * as fs from 'node:fs'
import { join } from 'node:path'
import { errorCodeOf, messageOf, Problem } from '../../shared/domain/problem.ts'
import { replaceFile, syncDirectory } from '../../shared/store/durable-file.ts'
import { storeProblem } from '../../shared/store/sqlite-rules.ts'

/** The trusted metadata on the disk of a device, one file per role, each replaced durably. */
export interface MetadataFiles {
  /** Bytes of a role; null if there is none. */
  read(role: string): Buffer | null
  write(role: string, bytes: Uint8Array): void
  remove(role: string): void
  /** Roles that have a file. */
  roles(): string[]
  /** A folder with copies of all files, for a program that writes in place; what it changed is taken over by `adopt`. */
  workCopy(): string
  /** Takes over what stands in the work copy, the root first: whatever else changed was signed by keys that it names. */
  adopt(folder: string): void
}

const SUFFIX = '.json'
const WORK = 'work'

/**
 * Opens the folder of the metadata, and makes it if need be.
 * @throws Problem `data-directory.read-only`, `store.disk-full`
 */
export function openMetadataFiles(directory: string): MetadataFiles {
  const guarded = <Result>(work: () => Result): Result => {
    try {
      return work()
    } catch (error) {
      throw storeProblem(error, directory)
    }
  }
  guarded(() => fs.mkdirSync(directory, { recursive: true, mode: 0o700 }))
  const work = join(directory, WORK)
  const fileOf = (role: string): string => `${encodeURIComponent(role)}${SUFFIX}`
  const namesIn = (folder: string): string[] => fs.readdirSync(folder).filter((name) => name.endsWith(SUFFIX))
  const readOrNull = (path: string): Buffer | null => {
    try {
      return fs.readFileSync(path)
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return null
      throw new Problem('store.corrupt', `${path} cannot be read: ${messageOf(error)}`, { cause: error })
    }
  }
  return {
    read: (role) => readOrNull(join(directory, fileOf(role))),
    write: (role, bytes) => guarded(() => replaceFile(fs, { directory, name: fileOf(role), mode: 0o600 }, bytes)),
    remove(role) {
      guarded(() => {
        fs.rmSync(join(directory, fileOf(role)), { force: true })
        syncDirectory(fs, directory)
      })
    },
    roles: () => guarded(() => namesIn(directory).map((name) => decodeURIComponent(name.slice(0, -SUFFIX.length)))),
    workCopy: () =>
      guarded(() => {
        fs.rmSync(work, { recursive: true, force: true })
        fs.mkdirSync(work, { mode: 0o700 })
        for (const name of namesIn(directory)) fs.copyFileSync(join(directory, name), join(work, name))
        return work
      }),
    adopt(folder) {
      guarded(() => {
        const root = fileOf('root')
        const names = namesIn(folder).sort((a, b) => Number(b === root) - Number(a === root))
        for (const name of names) {
          const bytes = fs.readFileSync(join(folder, name))
          if (readOrNull(join(directory, name))?.equals(bytes) === true) continue
          replaceFile(fs, { directory, name, mode: 0o600 }, bytes)
        }
        fs.rmSync(folder, { recursive: true, force: true })
      })
    },
  }
}
