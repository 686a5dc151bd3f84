import type { ProblemCode } from '../../shared/domain/problems.ts'
import type { Clock } from '../../shared/domain/clock.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import { ClosedWindows } from './closed-windows.ts'
import type { UnspooledRecord } from './messages.ts'

/** Which bundle of which deployment something is counted for. */
export interface Subject {
  deployment: string
  digest: string
  model: string
  version: string
}

/** What the validation found, by `<stage>.<cause>.<policy>`. */
type Findings = ReadonlyMap<string, number>

/** How an inference request ended. */
export type RequestEnd =
  | {
      ok: true
      rows: number
      latencyMs: number
      /** Time of the model. */
      runMs?: number
      isCacheHit?: boolean
      /** Left out: all numbers are finite. */
      isFinite?: boolean
      findings?: Findings
    }
  | { ok: false; code: ProblemCode; findings?: Findings }

interface OpenWindow {
  subject: Subject
  startedAt: number
  endedAt: number
  coveredMs: number
  requests: number
  rows: number
  errors: Map<string, number>
  latency: LatencySketch
  samplesTooLarge: number
  validation: Map<string, number>
  notFinite: number
  cacheHits: number
  cpuMs: number
}

/** Windows that the spool refused are kept up to this number; beyond it, neighbours of one subject merge. */
const MAX_WAITING = 128

/**
 * Counts inference per deployment and bundle in windows aligned to UTC multiples of their length.
 *
 * INVARIANTS
 * 1. Every counted request is in exactly one of: an open window, a waiting one, one that is handed out, the spool.
 * 2. A window without requests is never handed out.
 * 3. Wall time only says which window; the covered time is monotonic, and the covered times of one subject never overlap.
 */
export class Windows {
  readonly #clock: Clock
  readonly #open = new Map<string, OpenWindow>()
  /** The open window that was counted in last: most often it is the next one too. */
  #latest: OpenWindow | null = null
  readonly #closed: ClosedWindows<OpenWindow>
  #lengthMs: number
  #startedAt: number
  /** Since when time is covered, monotonic ms; null: not serving. */
  #coveringSince: number | null = null
  /** Covered within the open windows before `#coveringSince`, ms. */
  #coveredMs = 0

  constructor(clock: Clock, windowSeconds: number) {
    this.#clock = clock
    this.#closed = new ClosedWindows(clock, {
      kind: 'window',
      keyOf: ({ subject }) => keyOf(subject),
      bodiesOf: (window) => [bodyOf(window)],
      merge,
      most: MAX_WAITING,
    })
    this.#lengthMs = windowSeconds * 1000
    this.#startedAt = this.#alignedStart()
  }

  /** Says from when to when this generation is the serving one: only that time is covered. */
  cover(isServing: boolean): void {
    this.#coveredMs = this.#coveredNow()
    this.#coveringSince = isServing ? this.#clock.monotonic() : null
  }

  /** Counts one request in the window of this moment. */
  count(subject: Subject, end: RequestEnd): void {
    const window = this.#windowOf(subject)
    window.requests += 1
    if (end.findings !== undefined && end.findings.size > 0) addCounts(window.validation, end.findings)
    if (end.ok) {
      window.rows += end.rows
      window.latency.add(end.latencyMs)
      if (end.isCacheHit === true) window.cacheHits += 1
      window.cpuMs += end.runMs ?? 0
      if (end.isFinite === false) window.notFinite += 1
    } else window.errors.set(end.code, (window.errors.get(end.code) ?? 0) + 1)
  }

  /** Counts a sample that was too large to keep. */
  countTooLarge(subject: Subject): void {
    this.#windowOf(subject).samplesTooLarge += 1
  }

  /** ms until the open windows end, 0 if they have ended or the wall clock was set to before them. */
  dueInMs(): number {
    return this.#alignedStart() === this.#startedAt ? Math.max(0, this.#startedAt + this.#lengthMs - this.#clock.now()) : 0
  }

  /** Hands out what is closed and not spooled, oldest first; the open windows only if they have ended. */
  takeClosed(): UnspooledRecord[] {
    if (this.dueInMs() === 0) this.#roll()
    return this.#closed.handOut()
  }

  /** Closes the open windows before their end and hands out everything. */
  takeAll(): UnspooledRecord[] {
    this.#roll()
    return this.#closed.handOut()
  }

  /** The spool has these records for good. */
  stored(records: readonly UnspooledRecord[]): void {
    this.#closed.stored(records)
  }

  /** The spool refused these records: they are handed out again. */
  refused(records: readonly UnspooledRecord[]): void {
    this.#closed.refused(records)
  }

  /** Changes the length of windows; the open ones end now. */
  setLength(windowSeconds: number): void {
    if (windowSeconds * 1000 === this.#lengthMs) return
    this.#roll()
    this.#lengthMs = windowSeconds * 1000
    this.#startedAt = this.#alignedStart()
  }

  #roll(): void {
    // At least 1: the requests of a draining generation still need a time to be divided by.
    const coveredMs = Math.max(1, Math.round(this.#coveredNow()))
    for (const window of this.#open.values()) {
      window.coveredMs = coveredMs
      if (window.requests > 0) this.#closed.add(window)
    }
    this.#open.clear()
    this.#latest = null
    this.#startedAt = this.#alignedStart()
    this.#coveredMs = 0
    if (this.#coveringSince !== null) this.#coveringSince = this.#clock.monotonic()
  }

  #coveredNow(): number {
    return this.#coveredMs + (this.#coveringSince === null ? 0 : Math.max(0, this.#clock.monotonic() - this.#coveringSince))
  }

  #alignedStart(): number {
    return Math.max(0, Math.floor(this.#clock.now() / this.#lengthMs) * this.#lengthMs)
  }

  #windowOf(subject: Subject): OpenWindow {
    if (this.dueInMs() === 0) this.#roll()
    if (this.#latest?.subject === subject) return this.#latest
    const key = keyOf(subject)
    let window = this.#open.get(key)
    if (window === undefined) {
      const counts = { requests: 0, rows: 0, coveredMs: 0, samplesTooLarge: 0, notFinite: 0, cacheHits: 0, cpuMs: 0 }
      const empty = { ...counts, errors: new Map<string, number>(), validation: new Map<string, number>() }
      window = { ...empty, subject, startedAt: this.#startedAt, endedAt: this.#startedAt + this.#lengthMs, latency: LatencySketch.empty() }
      this.#open.set(key, window)
    }
    this.#latest = window
    return window
  }
}

function keyOf(subject: Subject): string {
  return `${subject.deployment}\n${subject.digest}`
}

function bodyOf(window: OpenWindow): object {
  const body = {
    ...window.subject,
    startedAt: window.startedAt,
    endedAt: window.endedAt,
    coveredMs: window.coveredMs,
    requests: window.requests,
    rows: window.rows,
    errors: Object.fromEntries(window.errors),
    latencyMs: window.latency.state(),
  }
  return {
    ...body,
    ...(window.samplesTooLarge === 0 ? {} : { samplesTooLarge: window.samplesTooLarge }),
    ...(window.validation.size === 0 ? {} : { validation: Object.fromEntries(window.validation) }),
    ...(window.notFinite === 0 ? {} : { notFinite: window.notFinite }),
    ...(window.cacheHits === 0 ? {} : { cacheHits: window.cacheHits }),
    ...(window.cpuMs === 0 ? {} : { cpuMs: window.cpuMs }),
  }
}

function merge(into: OpenWindow, from: OpenWindow): void {
  into.coveredMs += from.coveredMs
  into.requests += from.requests
  into.rows += from.rows
  into.samplesTooLarge += from.samplesTooLarge
  into.notFinite += from.notFinite
  into.cacheHits += from.cacheHits
  into.cpuMs += from.cpuMs
  addCounts(into.errors, from.errors)
  addCounts(into.validation, from.validation)
  into.latency.merge(from.latency)
}

function addCounts(into: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [key, count] of from) into.set(key, (into.get(key) ?? 0) + count)
}
