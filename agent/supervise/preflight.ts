import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { walkOnnx, type OnnxSummary, type WalkOptions } from '../../shared/onnx/walk.ts'

/**
 * Inspects a model file before any runtime opens it: positional reads only, the weights are never read.
 * @throws Problem `model.invalid`, `model.unsupported`, `model.external-data-forbidden`, `model.resource-limit`
 */
export function preflight(path: string, options: WalkOptions = {}): OnnxSummary {
  let fd: number | null = null
  try {
    // Without O_NONBLOCK a named pipe would hold the agent for ever. Windows has neither.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new Problem('model.invalid', `${path} is not a file.`)
    const file = fd
    return walkOnnx({ size: stat.size, read: (offset, length) => readAt(file, offset, length) }, options)
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem('model.invalid', `${path} cannot be read: ${messageOf(error)}`, { cause: error })
  } finally {
    if (fd !== null) closeSync(fd)
  }
}

/** Shorter than asked for only at the end of the file. */
function readAt(fd: number, offset: number, length: number): Uint8Array {
  const buffer = Buffer.alloc(length)
  let done = 0
  while (done < length) {
    const read = readSync(fd, buffer, done, length - done, offset + done)
    if (read === 0) break
    done += read
  }
  return buffer.subarray(0, done)
}
