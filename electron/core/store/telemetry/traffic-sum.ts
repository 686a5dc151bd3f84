import { SketchSum } from '../../../../shared/stats/sketch-sum.ts'
import { addCauses, addCounts, readFindings, type Causes } from './minute-sums.ts'
import type { TrafficState } from './slice.ts'

/** A window, or a sum of windows, as it is stored. */
export interface StoredTraffic {
  windows: number
  firstAt: number
  lastAt: number
  coveredMs: number
  requests: number
  rows: number
  errors: number
  notFinite: number
  cacheHits: number
  cpuMs: number
  causes: string
  validation: string
  latency: Uint8Array
}

const counts = `covered_ms AS coveredMs, requests, rows, errors, not_finite AS notFinite, cache_hits AS cacheHits, cpu_ms AS cpuMs,
  errors_by_cause AS causes, validation, latency`
/** Columns of `window` as a sum of one. */
export const windowColumns = `1 AS windows, started_at AS firstAt, ended_at AS lastAt, ${counts}`
/** Columns of `rollup_traffic`. */
export const rollUpColumns = `windows, first_at AS firstAt, last_at AS lastAt, ${counts}`

/** Traffic that adds: counts exactly, latency without loss, computing time to rounding. */
export class TrafficSum {
  #windows = 0
  #firstAt = Number.POSITIVE_INFINITY
  #lastAt = Number.NEGATIVE_INFINITY
  #coveredMs = 0
  #requests = 0
  #rows = 0
  #errors = 0
  #notFinite = 0
  #cacheHits = 0
  #cpuMs = 0
  #causes: Causes = {}
  #validation: Causes = {}
  readonly #latency = new SketchSum()

  get requests(): number {
    return this.#requests
  }

  get firstAt(): number {
    return this.#firstAt
  }

  /** Adds a stored row. A latency that cannot be read adds nothing: the counts of its row stand. */
  add(row: StoredTraffic): void {
    this.#addCounts(row)
    if (row.errors > 0) this.#causes = addCauses(this.#causes, readFindings(row.causes))
    if (row.validation !== '{}') this.#validation = addCauses(this.#validation, readFindings(row.validation))
    this.#latency.addPacked(row.latency)
  }

  /** Adds what another sum holds. */
  merge(other: TrafficSum): void {
    this.#addCounts(other.#plain())
    if (other.#errors > 0) this.#causes = addCauses(this.#causes, other.#causes)
    this.#validation = addCauses(this.#validation, other.#validation)
    this.#latency.add(other.#latency)
  }

  /** The sum as a row. */
  stored(): StoredTraffic {
    return {
      ...this.#plain(),
      causes: JSON.stringify(this.#causes),
      validation: JSON.stringify(this.#validation),
      latency: this.#latency.pack(),
    }
  }

  /** The sum as the answer to a question. */
  state(): TrafficState {
    return { ...this.#plain(), causes: this.#causes, validation: this.#validation, latency: this.#latency.sketch() }
  }

  #plain(): Omit<StoredTraffic, 'causes' | 'validation' | 'latency'> {
    return {
      ...{ windows: this.#windows, firstAt: this.#firstAt, lastAt: this.#lastAt, coveredMs: this.#coveredMs },
      ...{ requests: this.#requests, rows: this.#rows, errors: this.#errors },
      ...{ notFinite: this.#notFinite, cacheHits: this.#cacheHits, cpuMs: this.#cpuMs },
    }
  }

  #addCounts(more: Omit<StoredTraffic, 'causes' | 'validation' | 'latency'>): void {
    this.#windows = addCounts(this.#windows, more.windows)
    if (more.firstAt < this.#firstAt) this.#firstAt = more.firstAt
    if (more.lastAt > this.#lastAt) this.#lastAt = more.lastAt
    this.#coveredMs = addCounts(this.#coveredMs, more.coveredMs)
    this.#requests = addCounts(this.#requests, more.requests)
    this.#rows = addCounts(this.#rows, more.rows)
    this.#errors = addCounts(this.#errors, more.errors)
    this.#notFinite = addCounts(this.#notFinite, more.notFinite)
    this.#cacheHits = addCounts(this.#cacheHits, more.cacheHits)
    this.#cpuMs += more.cpuMs
  }
}
