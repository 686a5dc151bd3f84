import type { Clock } from '../../shared/domain/clock.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import type { UnspooledRecord } from './messages.ts'
import type { Subject } from './window.ts'

/** Most pairs of classes that one window tells apart, and that a record holds. */
const MAX_PAIRS_COUNTED = 1024
const MAX_PAIRS = 64
/** Records that the spool refused are kept up to this number. */
const MAX_WAITING = 128

/** What a shadow did in one window. */
export interface ShadowCounts {
  offered: number
  skipped: number
  failed: number
  compared: number
  agreed: number
  notFinite: number
  /** By `<active>\n<shadow>`. */
  pairs: Map<string, number>
  difference: { count: number; sum: number; sumOfSquares: number; max: number } | null
  latency: LatencySketch
  /** Of the active bundle, for the requests that the shadow answered. */
  activeLatency: LatencySketch
  cpuMs: number
}

interface OpenWindow extends ShadowCounts {
  shadow: Subject
  active: Subject
  startedAt: number
}

/** The counts of shadows, in windows aligned like those of the answers. */
export class ShadowWindows {
  readonly #clock: Clock
  readonly #open = new Map<string, OpenWindow>()
  #waiting: UnspooledRecord[] = []
  #lengthMs: number

  constructor(clock: Clock, windowSeconds: number) {
    this.#clock = clock
    this.#lengthMs = windowSeconds * 1000
  }

  /** The counts of this moment's window of a shadow against an active bundle. */
  of(shadow: Subject, active: Subject): ShadowCounts {
    const startedAt = this.#alignedStart()
    const key = `${shadow.deployment}\n${shadow.digest}\n${active.digest}`
    let window = this.#open.get(key)
    if (window !== undefined && window.startedAt !== startedAt) {
      this.#close(key, window)
      window = undefined
    }
    if (window === undefined) {
      window = { ...emptyCounts(), shadow, active, startedAt }
      this.#open.set(key, window)
    }
    return window
  }

  setLength(windowSeconds: number): void {
    if (windowSeconds * 1000 === this.#lengthMs) return
    this.#closeAll(() => true)
    this.#lengthMs = windowSeconds * 1000
  }

  /** Hands out what is closed, oldest first. */
  takeClosed(): UnspooledRecord[] {
    const startedAt = this.#alignedStart()
    this.#closeAll((window) => window.startedAt !== startedAt)
    return this.#waiting.splice(0)
  }

  /** Closes the open windows before their end and hands out everything. */
  takeAll(): UnspooledRecord[] {
    this.#closeAll(() => true)
    return this.#waiting.splice(0)
  }

  /** The spool refused these records: they are handed out again. */
  refused(records: readonly UnspooledRecord[]): void {
    this.#waiting = [...records, ...this.#waiting].slice(-MAX_WAITING)
  }

  #closeAll(isOver: (window: OpenWindow) => boolean): void {
    for (const [key, window] of this.#open) if (isOver(window)) this.#close(key, window)
  }

  #close(key: string, window: OpenWindow): void {
    this.#open.delete(key)
    if (window.offered === 0) return
    this.#waiting.push({ kind: 'shadow', measuredAt: this.#clock.now(), body: bodyOf(window, window.startedAt + this.#lengthMs) })
  }

  #alignedStart(): number {
    return Math.max(0, Math.floor(this.#clock.now() / this.#lengthMs) * this.#lengthMs)
  }
}

/** Counts a row where the classes differ; a model with very many classes fills no memory. */
export function countPair(counts: ShadowCounts, active: string, shadow: string): void {
  const key = `${active.slice(0, 256)}\n${shadow.slice(0, 256)}`
  const before = counts.pairs.get(key)
  if (before !== undefined || counts.pairs.size < MAX_PAIRS_COUNTED) counts.pairs.set(key, (before ?? 0) + 1)
}

/** Counts the difference of two values. */
export function countDifference(counts: ShadowCounts, difference: number): void {
  counts.difference ??= { count: 0, sum: 0, sumOfSquares: 0, max: 0 }
  const to = counts.difference
  to.count += 1
  to.sum = Math.min(Number.MAX_VALUE, to.sum + difference)
  to.sumOfSquares = Math.min(Number.MAX_VALUE, to.sumOfSquares + difference * difference)
  to.max = Math.max(to.max, difference)
}

function emptyCounts(): ShadowCounts {
  const zeros = { offered: 0, skipped: 0, failed: 0, compared: 0, agreed: 0, notFinite: 0, cpuMs: 0 }
  return {
    ...zeros,
    pairs: new Map<string, number>(),
    difference: null,
    latency: LatencySketch.empty(),
    activeLatency: LatencySketch.empty(),
  }
}

function bodyOf(window: OpenWindow, endedAt: number): object {
  const { shadow, active, startedAt, offered, skipped, failed, compared, agreed, notFinite, difference, cpuMs } = window
  const pairs = [...window.pairs].sort((a, b) => b[1] - a[1]).slice(0, MAX_PAIRS)
  return {
    ...shadow,
    against: active.digest,
    againstVersion: active.version,
    ...{ startedAt, endedAt, offered, skipped, failed, compared, agreed, notFinite },
    pairs: pairs.map(([key, rows]) => [...key.split('\n', 2), rows]),
    difference,
    latencyMs: window.latency.state(),
    activeLatencyMs: window.activeLatency.state(),
    cpuMs,
  }
}
