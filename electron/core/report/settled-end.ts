const HOUR_MS = 3_600_000
/** Devices send their ledgers every five minutes; most of what happened so long ago has arrived. */
const ARRIVED_AFTER_MS = 900_000
/** A shorter period is asked for because of what happens just now. */
const SETTLED_SPAN_MS = 6 * HOUR_MS

/** The end of a period that nobody said: the last whole hour of which the records should be there, so that the report is still right in an hour. */
export function settledEnd(from: number, now: number): number {
  const settled = Math.floor((now - ARRIVED_AFTER_MS) / HOUR_MS) * HOUR_MS
  return settled - from >= SETTLED_SPAN_MS ? settled : now
}
