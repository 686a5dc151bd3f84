import { createHash } from 'node:crypto'
import type { RowOutcome } from '../../shared/inference/outcome.ts'
import type { Tensor } from '../../shared/inference/tensor.ts'

/** What the pipeline gave for one input: everything of an answer but its id and its counting. */
export interface Result {
  /** Every output that a client can ask for. */
  outputs: readonly Tensor[]
  outcomes: RowOutcome[] | null
  rows: number
  isFinite: boolean
  /** Findings of the validation, counted again for each hit. */
  findings: ReadonlyMap<string, number>
}

/** Bytes of all answers of one cache. */
const MAX_BYTES = 16 * 1024 * 1024
/** What an entry takes beside its tensors, roughly, bytes. */
const ENTRY_BYTES = 400

/** Answers by exactly equal inputs; the least recently used goes first. */
export class PredictionCache {
  #entries = new Map<string, { result: Result; bytes: number }>()
  #most: number
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Entries and bytes held. */
  get size(): { entries: number; bytes: number } {
    return { entries: this.#entries.size, bytes: this.#bytes }
  }

  /** Keeps so many from now on. */
  resize(most: number): void {
    this.#most = most
    this.#shrink()
  }

  find(key: string): Result | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.result
  }

  keep(key: string, result: Result): void {
    const bytes = ENTRY_BYTES + result.outputs.reduce((sum, output) => sum + bytesOf(output), 0) + (result.outcomes?.length ?? 0) * 64
    if (bytes > MAX_BYTES / 4) return
    this.#bytes += bytes - (this.#entries.get(key)?.bytes ?? 0)
    this.#entries.delete(key)
    this.#entries.set(key, { result, bytes })
    this.#shrink()
  }

  #shrink(): void {
    for (const [key, { bytes }] of this.#entries) {
      if (this.#entries.size <= this.#most && this.#bytes <= MAX_BYTES) return
      this.#entries.delete(key)
      this.#bytes -= bytes
    }
  }
}

/** The key of inputs: equal if and only if names, datatypes, shapes and all bits are. */
export function inputKey(inputs: readonly Tensor[]): string {
  const digest = createHash('sha256')
  for (const { name, datatype, shape, data } of inputs) {
    digest.update(JSON.stringify([name, datatype, shape]))
    if (Array.isArray(data)) digest.update(JSON.stringify(data))
    else digest.update(data)
  }
  return digest.digest('base64')
}

function bytesOf({ data }: Tensor): number {
  return Array.isArray(data) ? data.reduce((sum, text) => sum + 16 + 2 * text.length, 0) : data.byteLength
}
