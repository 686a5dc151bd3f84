import { plainData, type Tensor } from '../../shared/inference/tensor.ts'
import type { UnspooledRecord } from './messages.ts'
import type { Subject } from './window.ts'

/** One inference that may be kept as a sample; inputs are as the client sent them, before preprocessing. */
export interface SampleCandidate {
  /** As records carry it: see `recordId`. */
  id: string
  /** Epoch ms, device clock. */
  predictedAt: number
  inputs: readonly Tensor[]
  outputs: readonly Tensor[]
  /** What the shadow said of the same input, where it said something else; such a sample is kept for that. */
  other?: { digest: string; version: string; outcomes: (string | number)[] }
}

/** Largest body of a sample, bytes of JSON. */
export const MAX_SAMPLE_BYTES = 64 * 1024
/** Longest text element that a sample record may hold, characters. */
const MAX_TEXT = 4096

interface Reservoir {
  subject: Subject
  seen: number
  kept: SampleCandidate[]
}

/**
 * Keeps a uniform sample of the requests of each deployment and window: Algorithm R (Vitter, ACM TOMS 11, 1985).
 * Each of n requests is kept with probability k/n, so the weight of a kept one is n/k.
 */
export class Sampler {
  readonly #random: () => number
  readonly #reservoirs = new Map<string, Reservoir>()
  #perWindow: number

  /** @param random uniform in [0, 1) */
  constructor(random: () => number, perWindow: number) {
    this.#random = random
    this.#perWindow = perWindow
  }

  /** True if no sample is asked for. */
  get isOff(): boolean {
    return this.#perWindow === 0
  }

  /** Requests kept per deployment and window from now on. */
  setRate(perWindow: number): void {
    this.#perWindow = perWindow
  }

  /** Offers a request. @returns false if it is too large to be a sample; such requests are not part of the population. */
  offer(subject: Subject, candidate: SampleCandidate): boolean {
    if (this.#perWindow === 0) return true
    if (jsonBytesBound(candidate) > MAX_SAMPLE_BYTES) return false
    const key = `${subject.deployment}\n${subject.digest}`
    let reservoir = this.#reservoirs.get(key)
    if (reservoir === undefined) {
      reservoir = { subject, seen: 0, kept: [] }
      this.#reservoirs.set(key, reservoir)
    }
    reservoir.seen += 1
    if (reservoir.kept.length < this.#perWindow) reservoir.kept.push(candidate)
    else {
      const place = Math.floor(this.#random() * reservoir.seen)
      if (place < this.#perWindow) reservoir.kept[place] = candidate
    }
    return true
  }

  /** Hands out the samples of the window and begins a new one. */
  take(): UnspooledRecord[] {
    const records = [...this.#reservoirs.values()].flatMap(({ subject, seen, kept }) =>
      kept.map((sample): UnspooledRecord => ({
        kind: 'sample',
        measuredAt: sample.predictedAt,
        body: {
          ...subject,
          id: sample.id,
          predictedAt: sample.predictedAt,
          weight: seen / kept.length,
          ...(sample.other === undefined ? {} : { reason: 'disagreement', other: sample.other }),
          inputs: sample.inputs.map(plain),
          outputs: sample.outputs.map(plain),
        },
      })),
    )
    this.#reservoirs.clear()
    return records
  }
}

/** JSON has no NaN and no infinity: they travel as text. */
function plain(tensor: Tensor): object {
  const data = plainData(tensor).map((value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value))
  return { name: tensor.name, datatype: tensor.datatype, shape: tensor.shape, data }
}

/** An upper bound of a sample's JSON, from the counts alone; infinite if a text is too long for a record. */
function jsonBytesBound(candidate: SampleCandidate): number {
  let bytes = 1024
  for (const tensor of [...candidate.inputs, ...candidate.outputs]) {
    bytes += 256 + 6 * tensor.name.length
    if (Array.isArray(tensor.data)) {
      for (const text of tensor.data) {
        if (text.length > MAX_TEXT) return Number.POSITIVE_INFINITY
        // A control character takes six bytes as an escape; no other character takes more per UTF-16 unit.
        bytes += 3 + 6 * text.length
      }
    } else bytes += tensor.data.length * bytesPerNumber(tensor)
  }
  return bytes
}

/** The longest decimal form of an element, with its comma. */
function bytesPerNumber({ datatype }: Tensor): number {
  if (datatype === 'FP32' || datatype === 'FP64' || datatype === 'FP16') return 25
  if (datatype === 'INT64' || datatype === 'UINT64') return 23
  if (datatype === 'INT32' || datatype === 'UINT32') return 12
  return datatype === 'INT16' || datatype === 'UINT16' ? 7 : 6
}
