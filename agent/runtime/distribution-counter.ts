import type { Baseline, Manifest } from '../../shared/domain/bundle.ts'
import type { RowOutcome } from '../../shared/inference/outcome.ts'
import type { Tensor } from '../../shared/inference/tensor.ts'
import { MOST_COUNTED_FEATURES } from '../../shared/protocol/telemetry.ts'
import { addExpectedOutcome, emptyExpectedOutcomes, type ExpectedOutcomes } from '../../shared/stats/quality/confidence-based.ts'
import { calibrate, type Calibrator } from '../../shared/stats/quality/isotonic.ts'
import type { FeatureBaseline } from '../../shared/stats/reference-bins.ts'
import type { Distribution } from '../../shared/stats/reference/distribution.ts'
import { monitoredReferences } from '../../shared/stats/reference/monitored.ts'
import { counterOf, countColumns, type Counter } from './count-column.ts'
import { featurePlaces } from './feature-places.ts'
import { blurredCounts } from './masking/blur-counts.ts'
import { fieldMasks, type FieldMasks, type MaskKind, type MaskRules } from './masking/field-masks.ts'
import type { Result } from './prediction-cache.ts'

/** A reference, what was counted against it, and how its field is masked. */
interface Counted {
  reference: FeatureBaseline
  counter: Counter
  mask: MaskKind | null
}

/** Features that lie in one input. */
interface InputColumns {
  input: string
  columns: (Counted & { column: number })[]
}

/** A bundle that is counted for. */
export interface CountedBundle {
  manifest: Manifest
  /** null: the bundle has none, or it cannot be read. */
  baseline: Baseline | null
}

/** Beyond a probability: a row that was not predicted as the second class is below every threshold. */
const NEVER = 2

/**
 * Counts what goes into a bundle and what comes out, in the bins of its baseline, in constant memory.
 *
 * Masked fields: one that is dropped is not counted at all. The counts of one that is hashed or rounded say no more than its bins.
 */
export class DistributionCounter {
  readonly omitted: number
  readonly #inputs: InputColumns[] = []
  readonly #outcome: Counted | null
  readonly #confidence: Counted | null
  readonly #calibrator: Calibrator | null
  readonly #isBinary: boolean
  #estimate: ExpectedOutcomes | null
  #rows = 0

  constructor({ manifest, baseline }: CountedBundle, rules: MaskRules) {
    const { features, outcome, confidence } = monitoredReferences(manifest, baseline)
    const masks = fieldMasks(manifest, rules)
    this.omitted = features.length - this.#takeFeatures(manifest, features, masks)
    this.#outcome = outcome === null || masks.outcome === 'drop' ? null : counted(outcome, masks.outcome)
    this.#confidence = confidence === null || masks.confidence === 'drop' ? null : counted(confidence, masks.confidence)
    const known = baseline?.outcomes
    this.#calibrator = known?.calibrator ?? null
    this.#isBinary = manifest.labels.length === 2
    // Without rows of reference nobody knows how far the confidence can be trusted.
    const isEstimated = manifest.task === 'classification' && known !== undefined && this.#confidence !== null && this.#outcome !== null
    this.#estimate = isEstimated ? emptyExpectedOutcomes() : null
  }

  /** Rows that were counted since the last `take`. */
  get rows(): number {
    return this.#rows
  }

  /** Counts the rows of one answered request: values as the client sent them, before any step. */
  count(inputs: readonly Tensor[], { outcomes, rows }: Result): void {
    for (let i = 0; i < this.#inputs.length; i += 1) {
      const { input, columns } = this.#inputs[i]!
      const tensor = inputs.find(({ name }) => name === input)
      if (tensor !== undefined && tensor.data.length > 0) countColumns(columns, tensor)
    }
    this.#rows += rows
    if (outcomes === null) this.#countUnknown(rows)
    else for (let row = 0; row < outcomes.length; row += 1) this.#countOutcome(outcomes[row]!)
  }

  /** Grows with every value that is outside range or fences of its reference, or a category that training never had. */
  strange(): number {
    let strange = 0
    for (const { columns } of this.#inputs) for (const { counter } of columns) strange += counter.strange
    return strange
  }

  /** What was counted, and begins anew. */
  take(): Distribution {
    const features = this.#inputs.flatMap(({ columns }) => columns)
    const distribution: Distribution = {
      rows: this.#rows,
      features: new Map(features.map((feature) => [feature.reference.name, taken(feature)])),
      outcome: this.#outcome === null ? null : taken(this.#outcome),
      confidence: this.#confidence === null ? null : taken(this.#confidence),
      estimate: this.#estimate,
    }
    if (this.#estimate !== null) this.#estimate = emptyExpectedOutcomes()
    this.#rows = 0
    return distribution
  }

  /** @returns how many features are counted */
  #takeFeatures(manifest: Manifest, references: readonly FeatureBaseline[], masks: FieldMasks): number {
    const places = new Map(featurePlaces(manifest).map((place) => [place.feature, place]))
    const byInput = new Map<string, InputColumns>()
    let taken = 0
    for (const reference of references) {
      const place = places.get(reference.name)
      const mask = masks.feature(reference.name)
      if (place === undefined || mask === 'drop' || taken >= MOST_COUNTED_FEATURES) continue
      let group = byInput.get(place.input)
      if (group === undefined) {
        group = { input: place.input, columns: [] }
        byInput.set(place.input, group)
        this.#inputs.push(group)
      }
      group.columns.push({ ...counted(reference, mask), column: place.column })
      taken += 1
    }
    return taken
  }

  #countOutcome(outcome: RowOutcome): void {
    if (outcome.kind === 'value') return this.#outcome?.counter.addNumber(outcome.value)
    const { label, confidence } = outcome
    this.#outcome?.counter.add(label)
    this.#confidence?.counter.add(confidence)
    if (this.#estimate === null || confidence === null || outcome.index < 0) return
    if (!this.#isBinary) addExpectedOutcome(this.#estimate, this.#calibrated(confidence), 0)
    else if (outcome.index === 1) addExpectedOutcome(this.#estimate, this.#calibrated(confidence), 0)
    else addExpectedOutcome(this.#estimate, this.#calibrated(1 - confidence), NEVER)
  }

  /** An answer with numbers that are not finite says nothing about its rows: a missing outcome each. */
  #countUnknown(rows: number): void {
    for (let row = 0; row < rows; row += 1) {
      this.#outcome?.counter.add(null)
      this.#confidence?.counter.add(null)
    }
  }

  #calibrated(score: number): number {
    return this.#calibrator === null ? score : calibrate(this.#calibrator, score)
  }
}

function counted(reference: FeatureBaseline, mask: MaskKind | null): Counted {
  return { reference, counter: counterOf(reference), mask }
}

function taken({ reference, counter, mask }: Counted) {
  const counts = counter.counts()
  counter.restart()
  return mask === null ? counts : blurredCounts(counts, reference, mask)
}
