import fs from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../../shared/domain/problem.ts'
import { syncDirectory } from '../../shared/store/durable-file.ts'
import type { ArtifactLayout } from './layout.ts'
import { openPartial, type PartialFile } from './partial-file.ts'

/** The artifacts of a device, by the hash of their bytes. */
export interface ArtifactStore {
  /** True if the artifact is there, whole and verified. */
  has(sha256: string): boolean
  /** Where the artifact is, or would be. */
  path(sha256: string): string
  list(): { sha256: string; sizeBytes: number }[]
  /** Removes an artifact and what was received of it; nothing happens if there is neither. */
  remove(sha256: string): void
  /** Removes every artifact and partial file whose hash is not in `keep`, except those being received now. Returns the hashes removed. */
  removeUnreferenced(keep: ReadonlySet<string>): string[]
  /**
   * Opens what was received so far of an artifact, or an empty file.
   * @throws Problem `transfer.no-space` unless twice the size is free (what the partial file already holds counts)
   */
  openPartial(layout: ArtifactLayout): Promise<PartialFile>
  /** Puts a complete, verified partial file into place so that a power cut leaves either the whole artifact or none. Returns its path. */
  adopt(partial: PartialFile): Promise<string>
}

interface StoreOptions {
  /** Bytes free for this process on the file system of `directory`. Tests pass a small disk. */
  freeBytes?: (directory: string) => Promise<number>
}

const digestPattern = /^[0-9a-f]{64}$/
const partialPattern = /^([0-9a-f]{64})(\.have)?$/

/**
 * Opens `<directory>/artifacts/<sha256>` and `<directory>/partial/<sha256>`, and makes the folders.
 *
 * INVARIANTS
 * 1. A file in `artifacts/` is whole: it was hashed and synced before the rename that put it there.
 * 2. Both folders are on one file system, so that the rename is one step.
 * 3. A partial file has one user at a time.
 */
export function openArtifactStore(directory: string, options: StoreOptions = {}): ArtifactStore {
  const artifacts = join(directory, 'artifacts')
  const partials = join(directory, 'partial')
  for (const folder of [artifacts, partials]) fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  syncDirectory(fs, directory)
  const freeBytes = options.freeBytes ?? bytesFree
  const open = new Set<string>()

  const pathOf = (folder: string, sha256: string): string => {
    if (!digestPattern.test(sha256)) throw new RangeError(`'${sha256}' is no SHA-256`)
    return join(folder, sha256)
  }

  function removePartial(sha256: string): boolean {
    const path = pathOf(partials, sha256)
    const isThere = fs.existsSync(path) || fs.existsSync(`${path}.have`)
    fs.rmSync(path, { force: true })
    fs.rmSync(`${path}.have`, { force: true })
    return isThere
  }

  function remove(sha256: string): void {
    fs.rmSync(pathOf(artifacts, sha256), { force: true })
    syncDirectory(fs, artifacts)
    if (!open.has(sha256)) removePartial(sha256)
  }

  return {
    has: (sha256) => fs.statSync(pathOf(artifacts, sha256), { throwIfNoEntry: false })?.isFile() ?? false,
    path: (sha256) => pathOf(artifacts, sha256),
    list: () =>
      fs
        .readdirSync(artifacts)
        .filter((name) => digestPattern.test(name))
        .map((sha256) => ({ sha256, sizeBytes: fs.statSync(join(artifacts, sha256)).size })),
    remove,
    removeUnreferenced(keep) {
      const held = [...fs.readdirSync(artifacts), ...fs.readdirSync(partials)].flatMap((name) => partialPattern.exec(name)?.[1] ?? [])
      const removed = [...new Set(held)].filter((sha256) => !keep.has(sha256) && !open.has(sha256)).sort()
      removed.forEach(remove)
      return removed
    },
    async openPartial(layout) {
      const { sha256, sizeBytes } = layout
      const path = pathOf(partials, sha256)
      if (open.has(sha256)) throw new Problem('internal', `Artifact ${sha256} is being received already.`)
      open.add(sha256)
      try {
        const needed = 2 * sizeBytes - allocatedBytes(path)
        const free = await freeBytes(partials)
        if (free < needed)
          throw new Problem('transfer.no-space', `Artifact ${sha256} needs ${needed} bytes of free disk; ${free} are free.`)
        return await openPartial(path, layout, () => open.delete(sha256))
      } catch (error) {
        open.delete(sha256)
        throw error
      }
    },
    async adopt(partial) {
      await partial.sync()
      const { sha256 } = partial.layout
      fs.renameSync(pathOf(partials, sha256), pathOf(artifacts, sha256))
      syncDirectory(fs, artifacts)
      syncDirectory(fs, partials)
      await partial.close()
      removePartial(sha256)
      return pathOf(artifacts, sha256)
    },
  }
}

async function bytesFree(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

/** Bytes that a file occupies; holes do not count. */
function allocatedBytes(path: string): number {
  const stat = fs.statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? 0 : stat.blocks * 512
}
