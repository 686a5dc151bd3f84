import * as fs from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../../shared/store/durable-file.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { isSignedBy, readRoot } from './tuf/metadata.ts'

const nameOf = (version: number): string => `root-${version}.json`

/** Copies of the roots beside the keys, so that a store which comes from a backup learns what it missed. They hold nothing secret. */
export interface RootCopies {
  keep(version: number, bytes: Buffer): void
  /** Forgets the copies: a chain begins anew. */
  clear(): void
  /** Adds roots that follow on the newest of the store, each signed by the one before. @returns how many */
  catchUp(store: Pick<FleetStore, 'trust' | 'transact'>, now: number): number
}

/** Opens the copies in the folder of the keys. */
export function openRootCopies(directory: string): RootCopies {
  const read = (version: number): Buffer | null => {
    const path = join(directory, nameOf(version))
    return fs.existsSync(path) ? fs.readFileSync(path) : null
  }
  return {
    keep(version, bytes) {
      // Said at each start: a full disk must not stand in the way of what is there already.
      if (read(version)?.equals(bytes) !== true) replaceFile(fs, { directory, name: nameOf(version), mode: 0o600 }, bytes)
    },
    clear() {
      const names = fs.existsSync(directory) ? fs.readdirSync(directory) : []
      for (const name of names.filter((one) => /^root-\d+\.json$/.test(one))) fs.rmSync(join(directory, name), { force: true })
    },
    catchUp(store, now) {
      const newest = store.trust.newest('root')
      if (newest === null) return 0
      return store.transact(() => {
        let { version, bytes } = newest
        let added = 0
        for (let next = read(version + 1); next !== null; next = read(version + 1)) {
          if (!isSignedBy(next, bytes) || !isSignedBy(next, next) || readRoot(next).version !== version + 1) break
          version += 1
          bytes = next
          added += 1
          store.trust.put('root', { version, bytes, createdAt: now })
        }
        return added
      })
    },
  }
}
