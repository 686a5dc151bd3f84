import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { estimateMemory, type MemoryEstimate } from '../../shared/onnx/memory-estimate.ts'
import { walkOnnx, type OnnxSummary, type WalkOptions } from '../../shared/onnx/walk.ts'

/** What an operator of this device permits, and what it has. */
export interface PreflightOptions extends WalkOptions {
  /** Left out: memory is not checked. */
  memory?: {
    /** Resident memory at which a generation is ended, bytes. */
    limitBytes: number
    /** Models that the same generation loads as well. */
    others(): readonly string[]
    /** Memory that this machine, or the container, has to give now; by default what Node says. */
    availableBytes?(): number
  }
}

/** What was found of a file. */
export interface Preflight extends OnnxSummary {
  memory: MemoryEstimate
}

/**
 * Inspects a model file before any runtime opens it: positional reads only, the weights are never read. Then compares the memory that
 * it will take with what a generation may hold and with what is free now.
 * @throws Problem `model.invalid`, `model.unsupported`, `model.external-data-forbidden`, `model.resource-limit`; `runtime.no-memory`
 * where it fits the limit and not what is free, which may pass
 */
export function preflight(path: string, options: PreflightOptions = {}): Preflight {
  const found = inspect(path, options)
  if (options.memory !== undefined) checkMemory(found.memory, options.memory, options)
  return found
}

function inspect(path: string, options: WalkOptions): Preflight {
  let fd: number | null = null
  try {
    // Without O_NONBLOCK a named pipe would hold the agent for ever. Windows has neither.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new Problem('model.invalid', `${path} is not a file.`)
    const file = fd
    const summary = walkOnnx({ size: stat.size, read: (offset, length) => readAt(file, offset, length) }, options)
    return { ...summary, memory: estimateMemory(summary, stat.size) }
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem('model.invalid', `${path} cannot be read: ${messageOf(error)}`, { cause: error })
  } finally {
    if (fd !== null) closeSync(fd)
  }
}

function checkMemory({ baseBytes, modelBytes }: MemoryEstimate, memory: NonNullable<PreflightOptions['memory']>, walk: WalkOptions): void {
  const { limitBytes } = memory
  const others = memory.others().reduce((sum, path) => sum + bytesOf(path, walk), 0)
  const needed = baseBytes + modelBytes + others
  const beside = others === 0 ? '' : `, ${mebibytes(others)} of them for the other models of this device`
  if (needed > limitBytes)
    throw new Problem(
      'model.resource-limit',
      `Serving this model takes about ${mebibytes(needed)} MiB of memory${beside}; ${mebibytes(limitBytes)} MiB are allowed (runtimeMemoryBytes).`,
    )
  const free = (memory.availableBytes ?? (() => process.availableMemory()))()
  if (needed > free)
    throw new Problem(
      'runtime.no-memory',
      `Serving this model takes about ${mebibytes(needed)} MiB of memory${beside}; ${mebibytes(free)} MiB are free.`,
    )
}

/** What another model takes; one that cannot be read is found out elsewhere. */
function bytesOf(path: string, walk: WalkOptions): number {
  try {
    return inspect(path, walk).memory.modelBytes
  } catch {
    return 0
  }
}

const mebibytes = (bytes: number): string => (bytes / (1024 * 1024)).toFixed(1)

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
