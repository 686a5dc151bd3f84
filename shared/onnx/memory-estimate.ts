import type { OnnxSummary } from './walk.ts'

const MiB = 1024 * 1024
/** A generation with onnxruntime loaded and no model: Node 71 MiB, the library 24 MiB more (onnxruntime-node 1.30, Linux x64). */
const BASE_BYTES = 96 * MiB
/** While a model loads there are the bytes of its file, the initializers made of them, and the same packed for the kernels. */
const FILE_COPIES = 3
/** The input and the output of the largest step and its scratch are there at once (a convolution unfolds its input). */
const LIVE_TENSORS = 3
/** Most tensors are of 32-bit numbers. */
const ELEMENT_BYTES = 4

/** Peak of resident memory that serving needs, as far as the files say. Tried: 287 to 286 MiB, 863 to 862, 195 to 193. */
export interface MemoryEstimate {
  /** Node and the runtime, once for a generation. */
  baseBytes: number
  /** Of this model. */
  modelBytes: number
}

/**
 * Estimates from what the walker found, before a byte is loaded: three times the file, and three times the largest tensor that the file
 * makes or declares. A variable dimension counts as 1, so large batches come on top.
 */
export function estimateMemory(summary: Pick<OnnxSummary, 'largestMadeElements'>, fileBytes: number): MemoryEstimate {
  return { baseBytes: BASE_BYTES, modelBytes: FILE_COPIES * fileBytes + LIVE_TENSORS * ELEMENT_BYTES * summary.largestMadeElements }
}
