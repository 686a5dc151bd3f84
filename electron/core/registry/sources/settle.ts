import type { FoundSubfolder } from './folder-scan.ts'

/** A subfolder that nobody has written to for so long is taken for whole. */
export const SETTLE_MS = 10_000

/**
 * Knows which subfolders are still being filled. One is whole once it has looked the same for 10 s, or by the clock of the disk has not been
 * written to for as long; a copy that stalls for longer is imported half, refused by the inspection, and tried again when it has grown.
 */
export function createSettling() {
  const seen = new Map<string, { fingerprint: string; since: number }>()
  return {
    /** Whether a subfolder of a place is whole. */
    isSettled(source: string, { name, fingerprint, changedAt }: FoundSubfolder, now: number): boolean {
      const key = `${source}/${name}`
      const before = seen.get(key)
      if (before?.fingerprint !== fingerprint) seen.set(key, { fingerprint, since: now })
      const { since } = seen.get(key)!
      return now - since >= SETTLE_MS || now - changedAt >= SETTLE_MS
    },
    /** Forgets subfolders that are gone. */
    keepOnly(source: string, names: ReadonlySet<string>): void {
      for (const key of seen.keys()) if (key.startsWith(`${source}/`) && !names.has(key.slice(source.length + 1))) seen.delete(key)
    },
  }
}
