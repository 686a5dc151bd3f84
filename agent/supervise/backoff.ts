/** Crashes are counted over the last so many ms. */
export const CRASH_MEMORY_MS = 60_000
const FIRST_DELAY_MS = 1000
const LONGEST_DELAY_MS = 30_000

/**
 * How long to wait before the serving set is started again, ms: nothing for the first two crashes of the last minute (a device that
 * answers is worth more than a quiet log), then 1 s, doubling up to 30 s.
 * @param crashes crashes within `CRASH_MEMORY_MS`, the one that just happened included
 */
export function restartDelayMs(crashes: number): number {
  return crashes <= 2 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (crashes - 3))
}
