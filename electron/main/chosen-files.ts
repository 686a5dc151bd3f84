import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'

/** A file that a person picked, without its path. */
export interface ChosenFile {
  handle: string
  name: string
  sizeBytes: number
}

/** Files that a person picked in a dialog: the page gets handles, so it can send what was picked and nothing else. */
export interface ChosenFiles {
  add(paths: readonly string[]): Promise<ChosenFile[]>
  find(handle: string): { path: string; name: string } | null
  /** Forgets every handle: the page that asked is gone. */
  clear(): void
}

const MOST_FILES = 64

export function openChosenFiles(): ChosenFiles {
  const paths = new Map<string, string>()
  return {
    async add(chosen) {
      const files: ChosenFile[] = []
      for (const path of chosen.slice(0, MOST_FILES)) {
        const found = await stat(path)
        if (!found.isFile()) continue
        const handle = randomBytes(16).toString('hex')
        paths.set(handle, path)
        files.push({ handle, name: basename(path).slice(0, 255), sizeBytes: found.size })
      }
      return files
    },
    find(handle) {
      const path = paths.get(handle)
      return path === undefined ? null : { path, name: basename(path) }
    },
    clear: () => paths.clear(),
  }
}
