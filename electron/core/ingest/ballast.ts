import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Bytes held back on the disk, to be given up when it is full. */
export const BALLAST_BYTES = 8 * 1024 * 1024
const STEP_BYTES = 1024 * 1024
const FULL_BYTES = 1024 * 1024

/** A file that only takes space: a full disk blocks DELETE and checkpoints too, and giving it up lets them go on. */
export interface Ballast {
  readonly isHeld: boolean
  /** True if the disk has less than 1 MiB left: SQLite reports some full disks as I/O errors (the -shm file, a sync). */
  isDiskFull(): boolean
  /** Takes the space if it is not held and twice as much is free. @returns true if the space is held. */
  hold(): boolean
  /** Gives the space up. @returns false if there was none to give. */
  release(): boolean
}

/** Opens the ballast file; nothing is written before `hold`. */
export function openBallast(file: string, bytes: number = BALLAST_BYTES): Ballast {
  return {
    get isHeld() {
      return existsSync(file)
    },
    isDiskFull: () => freeBytes(file) < FULL_BYTES,
    hold() {
      if (existsSync(file)) return true
      return freeBytes(file) >= 2 * bytes && fill(file, bytes)
    },
    release() {
      if (!existsSync(file)) return false
      rmSync(file, { force: true })
      return true
    },
  }
}

/** Bytes that are free beside the file; without end where the system does not say. */
function freeBytes(file: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(file))
    return bavail * bsize
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

function fill(file: string, bytes: number): boolean {
  const temporary = `${file}.new`
  try {
    const fd = openSync(temporary, 'w', 0o600)
    try {
      // Random: a file system that compresses or shares blocks must not give less than the full size.
      for (let written = 0; written < bytes;) written += writeSync(fd, randomBytes(Math.min(STEP_BYTES, bytes - written)))
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, file)
    return true
  } catch {
    // No room after all. It is tried again later.
    rmSync(temporary, { force: true })
    return false
  }
}
