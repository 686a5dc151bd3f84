import { emptyQuality, mergeQuality, type QualityState } from '../../../../shared/stats/quality/quality-state.ts'
import { addStoredLabel, unpackQuality, type StoredLabel } from './quality-body.ts'

/** A sum of labels as it is stored. */
export interface StoredQuality {
  firstAt: number
  lastAt: number
  body: Uint8Array
}

/** Columns of `rollup_quality`. */
export const qualityColumns = 'first_at AS firstAt, last_at AS lastAt, body'

/** Labels that add. */
export class QualitySum {
  state: QualityState = emptyQuality()
  firstAt = Number.POSITIVE_INFINITY
  lastAt = Number.NEGATIVE_INFINITY

  add({ firstAt, lastAt, body }: StoredQuality): void {
    this.state = mergeQuality(this.state, unpackQuality(body))
    this.#span(firstAt, lastAt)
  }

  addLabel(label: StoredLabel): void {
    addStoredLabel(this.state, label)
    this.#span(label.predictedAt, label.predictedAt)
  }

  #span(firstAt: number, lastAt: number): void {
    this.firstAt = Math.min(this.firstAt, firstAt)
    this.lastAt = Math.max(this.lastAt, lastAt)
  }
}
