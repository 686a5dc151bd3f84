import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { dirname } from 'node:path'
import { errorCodeOf } from '../../../shared/domain/problem.ts'
import { syncDirectory } from '../../../shared/store/durable-file.ts'

const STEP_BYTES = 4 * 1024 * 1024

/** Size and SHA-256 of a file, read in steps. @param onBytes told how many were read */
export function hashFile(file: string, onBytes: (bytes: number) => void = () => undefined): { bytes: number; sha256: string } {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(STEP_BYTES)
  const fd = fs.openSync(file, 'r')
  try {
    let bytes = 0
    for (;;) {
      const read = fs.readSync(fd, buffer, 0, buffer.length, null)
      if (read === 0) return { bytes, sha256: hash.digest('hex') }
      bytes += read
      hash.update(buffer.subarray(0, read))
      onBytes(read)
    }
  } finally {
    fs.closeSync(fd)
  }
}

/** Copies a file so that it is whole and durable under its new name, or not there: copy, fsync, rename, fsync the folder. */
export function copyDurably(from: string, to: string): void {
  const temporary = `${to}.new`
  fs.rmSync(temporary, { force: true })
  try {
    fs.copyFileSync(from, temporary)
    fs.chmodSync(temporary, 0o600)
    syncFile(temporary)
    fs.renameSync(temporary, to)
  } catch (error) {
    fs.rmSync(temporary, { force: true })
    throw error
  }
  syncDirectory(fs, dirname(to))
}

/** A second name for a file that never changes, where the disk is the same; else a durable copy. @returns bytes that were copied */
export function linkOrCopy(from: string, to: string): number {
  try {
    fs.linkSync(from, to)
    return 0
  } catch (error) {
    const code = errorCodeOf(error)
    if (code === 'EEXIST') return 0
    // Another disk, or a file system without links.
    if (code === 'ENOENT' || code === 'ENOSPC' || code === 'EIO') throw error
    copyDurably(from, to)
    return fs.statSync(to).size
  }
}

/** Makes what was written to a file survive a power cut. */
export function syncFile(file: string): void {
  const fd = fs.openSync(file, 'r+')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}
