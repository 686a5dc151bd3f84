import * as fs from 'node:fs'
import { Problem } from '../../../../shared/domain/problem.ts'
import { openPlain, readPlain } from '../../../../shared/store/carry-folder.ts'

/**
 * Opens a file of a folder that others fill: no link, no pipe, and known under this name alone, so that nobody has the console read a file
 * that they could not read themselves.
 * @throws Problem `source.unsafe`, `source.folder` if it is not there
 */
export function openSibling(directory: string, name: string): { fd: number; sizeBytes: number } {
  return asOfSource(() => openPlain(fs, directory, name))
}

/** Reads such a file whole. @throws the same, also where it is longer than `maxBytes` */
export function readSibling(directory: string, name: string, maxBytes: number): Buffer {
  return asOfSource(() => Buffer.from(readPlain(fs, { directory, path: name, maxBytes })))
}

/** Bytes of such a file. @throws the same */
export function sizeOfSibling(directory: string, name: string): number {
  const { fd, sizeBytes } = openSibling(directory, name)
  fs.closeSync(fd)
  return sizeBytes
}

function asOfSource<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new Problem(error.code === 'usb.folder-unsafe' ? 'source.unsafe' : 'source.folder', error.message, { cause: error })
  }
}
