import { defaultDriftRule, type DriftRule, type DriftScore } from './score-window.ts'

/** The verdict on a feature: the score of its last window, and how many of the last windows exceed each threshold. */
export interface DriftVerdict {
  state: 'insufficient data' | 'ok' | 'warn' | 'alarm'
  score: DriftScore | null
  /** Closed windows that were looked at, and those of them at the level of a warning or above, and of an alarm. */
  windows: number
  warnings: number
  alarms: number
  rule: DriftRule
}

/**
 * Effect, evidence and persistence together: alarm if `windows` of the last `of` closed windows are at the level of an alarm, warn likewise (an
 * alarm counts as a warning too). If the last window has too little data the answer is "insufficient data", never "ok".
 * @param scores of one feature against one reference, closed windows, the oldest first
 */
export function driftVerdict(scores: readonly DriftScore[], rule = defaultDriftRule): DriftVerdict {
  const recent = scores.slice(-rule.of)
  const score = recent.at(-1) ?? null
  const alarms = recent.filter(({ level }) => level === 'alarm').length
  const warnings = recent.filter(({ level }) => level === 'alarm' || level === 'warn').length
  const isKnown = score !== null && score.level !== 'insufficient data'
  const state = !isKnown ? 'insufficient data' : alarms >= rule.windows ? 'alarm' : warnings >= rule.windows ? 'warn' : 'ok'
  return { state, score, windows: recent.length, warnings, alarms, rule }
}

/** What says whether a window is clean. */
export type CleanFacts = Pick<DriftScore, 'level' | 'effect' | 'pAdjusted'>

/**
 * True if what fired at `threshold` is over: the last `cleanWindows` windows all have enough data and an effect below `hysteresis` x threshold,
 * or no evidence.
 */
export function isResolved(scores: readonly CleanFacts[], threshold: number, rule = defaultDriftRule): boolean {
  const recent = scores.slice(-rule.cleanWindows)
  return recent.length >= rule.cleanWindows && recent.every((score) => isClean(score, threshold, rule))
}

function isClean({ level, effect, pAdjusted }: CleanFacts, threshold: number, rule: DriftRule): boolean {
  if (level === 'insufficient data' || effect === null || pAdjusted === null) return false
  return effect < rule.hysteresis * threshold || pAdjusted > rule.q
}
