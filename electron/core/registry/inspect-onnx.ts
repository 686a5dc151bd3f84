import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { Problem, errorCodeOf, messageOf } from '../../../shared/domain/problem.ts'
import { walkOnnx, type OnnxSummary, type WalkOptions } from '../../../shared/onnx/walk.ts'

/**
 * Inspects the ONNX file at `path` through positional reads; the weights are never read.
 * Throws what `walkOnnx` throws, and `model.invalid` where there is no readable regular file.
 */
export function inspectOnnxFile(path: string, options: WalkOptions = {}): OnnxSummary {
  const fd = openModel(path)
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new Problem('model.invalid', `${path} is not a file`)
    return walkOnnx({ size: stat.size, read: readerAt(fd, path) }, options)
  } finally {
    closeSync(fd)
  }
}

function openModel(path: string): number {
  try {
    // Without O_NONBLOCK a named pipe in place of a model would hold the console for ever. Windows has neither.
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** Positional reads of an open file, for a `ByteReader`; the bytes are those of the last call. @throws Problem `model.invalid` */
export function readerAt(fd: number, path: string): (offset: number, length: number) => Uint8Array {
  let buffer = Buffer.alloc(0)
  return (offset, length) => {
    if (buffer.length < length) buffer = Buffer.alloc(length)
    let done = 0
    try {
      while (done < length) {
        const read = readSync(fd, buffer, done, length - done, offset + done)
        if (read === 0) break
        done += read
      }
    } catch (error) {
      throw unreadable(path, error)
    }
    return buffer.subarray(0, done)
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EISDIR: 'it is a folder',
  ENXIO: 'it is not a file',
}

function unreadable(path: string, error: unknown): Problem {
  const code = errorCodeOf(error)
  const reason = (code === undefined ? undefined : reasons[code]) ?? messageOf(error)
  return new Problem('model.invalid', `Cannot read ${path}: ${reason}`, { cause: error })
}
