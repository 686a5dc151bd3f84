import type { DriftScore } from '../../../shared/stats/drift/score-window.ts'
import type { DeviceBaseline } from '../store/fleet/device-baselines.ts'
import { merged } from './references.ts'
import type { VerdictWindow } from './verdict-windows.ts'

/** Values and windows that make a baseline. */
export const LEAST_BASELINE = { rows: 500, windows: 2 } as const

/**
 * The first healthy time of a device: closed windows one after the other without an alarm, until there are 500 rows in at least 2 of them. An
 * alarmed window begins it anew; one with too little data says nothing and is left out. Null: not yet.
 * @param windows closed ones, the oldest first
 * @param scoresOf a window against the training rows; null where there are none, then `isQuiet` decides alone
 */
export function firstHealthyTime(
  windows: readonly VerdictWindow[],
  scoresOf: ((window: VerdictWindow) => readonly DriftScore[]) | null,
  isQuiet: boolean,
): Pick<DeviceBaseline, 'from' | 'through' | 'counts'> | null {
  // Without training rows only alerts tell a healthy device from another.
  if (scoresOf === null && !isQuiet) return null
  let run: VerdictWindow[] = []
  for (const window of windows) {
    const levels = scoresOf?.(window).map(({ level }) => level) ?? ['none']
    if (levels.includes('alarm')) {
      run = []
      continue
    }
    if (levels.every((level) => level === 'insufficient data')) continue
    run.push(window)
    const counts = merged(run.map((one) => one.counts))
    if (run.length >= LEAST_BASELINE.windows && counts.rows >= LEAST_BASELINE.rows) {
      return { from: run[0]!.from, through: run.at(-1)!.through, counts }
    }
  }
  return null
}
