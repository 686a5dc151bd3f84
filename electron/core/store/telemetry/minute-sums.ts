import type Database from 'better-sqlite3'
import { ownValue } from '../../../../shared/domain/own-value.ts'
import type { SketchState } from '../../../../shared/protocol/telemetry.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { packSketch } from '../../../../shared/stats/packed-sketch.ts'

/** So many causes of errors are told apart in one sum; what comes on top counts as `other`. Causes are words of devices. */
const MAX_CAUSES = 50
export const OTHER_CAUSE = 'other'

export type Causes = Record<string, number>

/** Milliseconds of the shortest bucket. */
export const MINUTE_MS = 60_000

/** The minute that a time belongs to, counted from 1970. */
export function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS)
}

/** Adds counts without leaving exact integers. */
export function addCounts(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER)
}

/** Counts by cause with others added. */
export function addCauses(into: Causes, more: Readonly<Causes>): Causes {
  const sum = new Map(Object.entries(into))
  for (const [cause, count] of Object.entries(more)) {
    const name = sum.has(cause) || sum.size < MAX_CAUSES ? cause : OTHER_CAUSE
    sum.set(name, addCounts(sum.get(name) ?? 0, count))
  }
  return Object.fromEntries(sum)
}

/** A stored state of a sketch, or null for one that cannot be read: its counts stand, its latency is unknown. */
export function readSketch(json: string): SketchState | null {
  try {
    return JSON.parse(json) as SketchState
  } catch {
    return null
  }
}

const noFindings: Causes = Object.freeze({})

/** Findings of the validation as they are stored; most windows have none, and are not parsed. */
export function readFindings(json: string): Causes {
  return json === '{}' ? noFindings : (JSON.parse(json) as Causes)
}

/** Adds a state to a sketch. One that makes no sense, or would leave exact integers, adds nothing: only made-up counts reach that. */
export function mergeSketch(into: LatencySketch, more: SketchState | null): void {
  if (more === null || into.count + more.count > Number.MAX_SAFE_INTEGER) return
  try {
    into.mergeState(more)
  } catch {
    // Stored before such windows were kept aside.
  }
}

/** Gives a connection the functions that SQL does not have and that migrations need: two sums, and the short form of a sketch. */
export function addSumFunctions(db: Database.Database): void {
  db.aggregate('merge_causes', {
    start: (): Causes => ({}),
    step: (sum: Causes, json: unknown) => addCauses(sum, readCauses(json)),
    result: (sum: Causes) => JSON.stringify(sum),
  })
  db.aggregate('merge_sketches', {
    start: () => LatencySketch.empty(),
    step: (sum: LatencySketch, json: unknown) => {
      mergeSketch(sum, readSketch(String(json)))
      return sum
    },
    result: (sum: LatencySketch) => JSON.stringify(sum.state()),
  })
  db.function('pack_sketch', { deterministic: true }, (json: unknown) => {
    // What cannot be read measures nothing.
    const sketch = LatencySketch.empty()
    mergeSketch(sketch, readSketch(String(json)))
    return Buffer.from(packSketch(sketch.state()))
  })
}

function readCauses(json: unknown): Causes {
  return JSON.parse(String(json)) as Causes
}

/** A count of a cause; `constructor` is a cause like any other. */
export function causeCount(causes: Readonly<Causes>, cause: string): number {
  return ownValue(causes, cause) ?? 0
}
