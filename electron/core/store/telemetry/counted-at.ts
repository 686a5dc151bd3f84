/** Clocks differ by some seconds; one that is further ahead of the console is wrong. */
export const COUNTS_AHEAD_MS = 300_000
/** A record that comes so long after it was closed did not come as it was made. */
const LATE_MS = 300_000

/**
 * When a record counts: at the time of the device's clock, or at its arrival if that clock runs more than five minutes ahead. A record of
 * tomorrow would be in no chart until tomorrow, and a rule would judge today without it. A clock that is behind is believed: nothing tells it
 * from a device that was long without a connection.
 */
export function countedAt(at: number, receivedAt: number): number {
  return at > receivedAt + COUNTS_AHEAD_MS ? receivedAt : at
}

/** What is odd about the times of a record. */
export function oddTimes(
  { startedAt, endedAt, coveredMs }: { startedAt: number; endedAt: number; coveredMs?: number },
  receivedAt: number,
): { isLate: boolean; isJump: boolean } {
  const isBackward = endedAt < startedAt
  // Steady time passed that the clock does not show: it was set back in between.
  const isShort = (coveredMs ?? 0) > endedAt - startedAt + COUNTS_AHEAD_MS
  return { isLate: receivedAt - endedAt > LATE_MS, isJump: startedAt > receivedAt + COUNTS_AHEAD_MS || isBackward || isShort }
}
