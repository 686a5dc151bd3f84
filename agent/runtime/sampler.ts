import type { RowOutcome } from '../../shared/inference/outcome.ts'
import type { Tensor } from '../../shared/inference/tensor.ts'
import type { RuntimeConfig } from '../../shared/protocol/assignment.ts'
import type { FieldMasks, MaskedManifest, MaskKind } from './masking/field-masks.ts'
import { MASKED_CHARACTERS, twoDigits, type Masks } from './masking/masks.ts'
import type { UnspooledRecord } from './messages.ts'
import type { Subject } from './window.ts'

/** One inference that may be kept as a sample; inputs are as the client sent them, before preprocessing. */
export interface SampleCandidate {
  /** As records carry it: see `recordId`. */
  id: string
  /** Epoch ms, device clock. */
  predictedAt: number
  /** Says which of its fields are masked. */
  manifest: MaskedManifest
  inputs: readonly Tensor[]
  outputs: readonly Tensor[]
  /** Whom the client said that the request is about; it never leaves the device as it is. */
  about?: string | null
  /** Lowest of its rows; null: the bundle says none. */
  confidence: number | null
  /** True if a value is outside range or fences of the reference, or a category that training never had. */
  isOutlier: boolean
  /** What the shadow said of the same input, where it said something else; such a sample is kept for that. */
  other?: { digest: string; version: string; outcomes: (string | number)[] }
}

/** How many requests of each stratum are kept per window, deployment and bundle. */
export interface SampleRates {
  random: number
  lowConfidence: number
  /** Requests below it are of low confidence. */
  lowConfidenceBelow: number
  outlier: number
}

/** The rates that a configuration asks for. */
export function sampleRates(config: RuntimeConfig): SampleRates {
  const { samplesPerWindow: random, lowConfidenceSamples: lowConfidence, lowConfidenceBelow, outlierSamples: outlier } = config
  return { random, lowConfidence, lowConfidenceBelow, outlier }
}

/** The lowest confidence of some rows; null where one has none. */
export function lowestConfidence(outcomes: readonly RowOutcome[] | null): number | null {
  if (outcomes === null || outcomes.length === 0) return null
  let lowest = 1
  for (const outcome of outcomes) {
    if (outcome.kind === 'value' || outcome.confidence === null) return null
    if (outcome.confidence < lowest) lowest = outcome.confidence
  }
  return lowest
}

/** Largest body of a sample, bytes of JSON. */
export const MAX_SAMPLE_BYTES = 64 * 1024
/** Longest text element that a sample record may hold, characters. */
const MAX_TEXT = 4096

type Stratum = 'outlier' | 'low-confidence' | 'random'

interface Reservoir {
  subject: Subject
  stratum: Stratum
  seen: number
  kept: SampleCandidate[]
}

/**
 * Keeps a uniform sample of the requests of each deployment, window and stratum: Algorithm R (Vitter, ACM TOMS 11, 1985). Each of the n
 * requests of a stratum is kept with probability k/n, so the weight of a kept one is n/k.
 *
 * Every request is in one stratum: an outlier, else of low confidence, else random. A stratum of which nothing is asked for is none, its
 * requests are random ones: so the weights of a window add up to its requests.
 */
export class Sampler {
  readonly #random: () => number
  readonly #masks: Masks
  readonly #reservoirs = new Map<string, Reservoir>()
  #rates: SampleRates

  /** @param random uniform in [0, 1) */
  constructor(random: () => number, masks: Masks, rates: SampleRates) {
    this.#random = random
    this.#masks = masks
    this.#rates = rates
  }

  /** True if no sample is asked for. */
  get isOff(): boolean {
    const { random, lowConfidence, outlier } = this.#rates
    return random === 0 && lowConfidence === 0 && outlier === 0
  }

  /** True if outliers are asked for by themselves. */
  get wantsOutliers(): boolean {
    return this.#rates.outlier > 0
  }

  /** Requests kept per deployment and window from now on. */
  setRates(rates: SampleRates): void {
    this.#rates = rates
  }

  /** Offers a request. @returns false if it is too large to be a sample; such requests are not part of the population. */
  offer(subject: Subject, candidate: SampleCandidate): boolean {
    if (this.isOff) return true
    const stratum = this.#stratumOf(candidate)
    const most = this.#mostOf(stratum)
    if (most === 0) return true
    if (jsonBytesBound(candidate, this.#masks.of(candidate.manifest)) > MAX_SAMPLE_BYTES) return false
    const key = `${subject.deployment}\n${subject.digest}\n${stratum}`
    let reservoir = this.#reservoirs.get(key)
    if (reservoir === undefined) {
      reservoir = { subject, stratum, seen: 0, kept: [] }
      this.#reservoirs.set(key, reservoir)
    }
    reservoir.seen += 1
    if (reservoir.kept.length < most) reservoir.kept.push(candidate)
    else {
      const place = Math.floor(this.#random() * reservoir.seen)
      if (place < most) reservoir.kept[place] = candidate
    }
    return true
  }

  /** Hands out the samples of the window, masked, and begins a new one. */
  take(): UnspooledRecord[] {
    const records = [...this.#reservoirs.values()].flatMap(({ subject, stratum, seen, kept }) =>
      kept.map((sample): UnspooledRecord => ({
        kind: 'sample',
        measuredAt: sample.predictedAt,
        body: { ...subject, ...this.#bodyOf(sample, stratum), weight: seen / kept.length },
      })),
    )
    this.#reservoirs.clear()
    return records
  }

  #stratumOf({ isOutlier, confidence }: SampleCandidate): Stratum {
    const { outlier, lowConfidence, lowConfidenceBelow } = this.#rates
    if (isOutlier && outlier > 0) return 'outlier'
    return confidence !== null && confidence < lowConfidenceBelow && lowConfidence > 0 ? 'low-confidence' : 'random'
  }

  #mostOf(stratum: Stratum): number {
    const { random, lowConfidence, outlier } = this.#rates
    return stratum === 'random' ? random : stratum === 'outlier' ? outlier : lowConfidence
  }

  #bodyOf(sample: SampleCandidate, stratum: Stratum): object {
    const masks = this.#masks.of(sample.manifest)
    const inputs = sample.inputs.map((tensor) => this.#masks.tensor(tensor, masks))
    const outputs = sample.outputs.map((tensor) => this.#masks.tensor(tensor, masks))
    const masked = Object.fromEntries([...inputs, ...outputs].flatMap((one) => Object.entries(one.masked)))
    const subjects = this.#masks.subjects.of(sample)
    const other = sample.other === undefined ? undefined : this.#otherOf(sample.other, masks)
    return {
      ...{ id: sample.id, predictedAt: sample.predictedAt },
      ...{
        reason: sample.other === undefined ? stratum : 'disagreement',
        confidence: maskedConfidence(sample.confidence, masks.confidence),
      },
      ...(Object.keys(masked).length === 0 ? {} : { masked }),
      ...(subjects === null ? {} : { subjects }),
      ...(other === undefined ? {} : { other }),
      inputs: inputs.map(({ tensor }) => tensor),
      outputs: outputs.map(({ tensor }) => tensor),
    }
  }

  /** What the shadow said is masked like what the active bundle did. */
  #otherOf(other: NonNullable<SampleCandidate['other']>, { outcome }: FieldMasks): SampleCandidate['other'] {
    if (outcome === null) return other
    const outcomes = other.outcomes.flatMap((value) => (this.#masks.value('outcome', outcome, value) as string | number | null) ?? [])
    return outcomes.length < other.outcomes.length ? undefined : { ...other, outcomes }
  }
}

/** A confidence is a single number: a hash of it would be one of few. */
function maskedConfidence(confidence: number | null, mask: MaskKind | null): number | null {
  if (confidence === null || mask === null) return confidence
  return mask === 'round' ? twoDigits(confidence) : null
}

/** An upper bound of a sample's JSON, from the counts alone; infinite if a text is too long for a record. */
function jsonBytesBound(candidate: SampleCandidate, masks: FieldMasks): number {
  // A subject takes 35 bytes per row.
  let bytes = 1024 + (candidate.inputs[0]?.shape[0] ?? 1) * 36
  for (const tensor of [...candidate.inputs, ...candidate.outputs]) {
    const mask = masks.tensor(tensor.name)
    const masked = mask === null ? 0 : MASKED_CHARACTERS
    // Each masked field is named in the record, too.
    bytes +=
      256 +
      6 * tensor.name.length +
      (mask === null ? 0 : [...mask.columns.values()].reduce((sum, { field }) => sum + 16 + 6 * field.length, 0))
    if (Array.isArray(tensor.data)) {
      for (const text of tensor.data) {
        if (text.length > MAX_TEXT) return Number.POSITIVE_INFINITY
        // A control character takes six bytes as an escape; no other character takes more per UTF-16 unit.
        bytes += Math.max(masked, 3 + 6 * text.length)
      }
    } else bytes += tensor.data.length * Math.max(masked, bytesPerNumber(tensor))
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
