import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { isDiskFull } from '../../shared/store/sqlite-rules.ts'

/** A file that only takes up space, to be given back when the disk is full: deleting rows needs room for the journal. */
export interface Ballast {
  /** Frees the space. @returns false if there was none to free */
  release(): boolean
  /** Takes the space again, if the disk has it. */
  restore(): void
}

/** Opens the ballast at `file`, `sizeBytes` long, and fills it if it is not there. */
export function openBallast(file: string, sizeBytes: number): Ballast {
  const ballast: Ballast = {
    release() {
      const held = sizeOf(file) > 0
      rmSync(file, { force: true })
      return held
    },
    restore() {
      if (sizeOf(file) === sizeBytes) return
      try {
        fill(file, sizeBytes)
      } catch (error) {
        rmSync(file, { force: true })
        // Without space the ballast waits for the next call; anything else is a fault of the disk that others must see.
        if (!isDiskFull(error)) throw error
      }
    },
  }
  ballast.restore()
  return ballast
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function fill(file: string, sizeBytes: number): void {
  const fd = openSync(file, 'w', 0o600)
  try {
    // Random bytes: a file system that compresses would keep zeros for nothing.
    const bytes = randomBytes(64 * 1024)
    for (let written = 0; written < sizeBytes;) written += writeSync(fd, bytes, 0, Math.min(bytes.length, sizeBytes - written))
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
