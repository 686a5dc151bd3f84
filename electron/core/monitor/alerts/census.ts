import type { AlertRule } from '../../../../shared/domain/alert.ts'
import type { Monitor } from '../monitor.ts'
import type { Judged } from './budget.ts'
import type { Look } from './look.ts'

const DAY_MS = 86_400_000
/** Detectors that a device runs on each deployment: of errors and of confidence. */
const DETECTORS = 2
/** Rates of a window until one has been seen: thirteen features with five causes each. */
const USUAL_RATES = 65

/** Counts how much is judged on a day; thresholds follow from it. */
export interface Census {
  judged(): Judged
  /** Notes the work of the rules that are on. */
  count(work: readonly { rule: AlertRule; looks: readonly Look[] }[], now: number): void
  /** Notes how many rates a window had. */
  noteRates(rates: number): void
}

/** Nothing is judged yet. */
export function openCensus(monitor: Pick<Monitor, 'traffic'>): Census {
  let judged: Judged = {
    driftWindows: 0,
    rateWindows: 0,
    ratesPerWindow: USUAL_RATES,
    detectors: DETECTORS,
    inferences: 0,
    qualitySubjects: 0,
  }
  let mostRates = 0
  return {
    judged: () => judged,
    count(work, now) {
      let [driftWindows, rateWindows, qualitySubjects] = [0, 0, 0]
      for (const { rule, looks } of work) {
        const { condition } = rule
        if (condition.kind === 'drift') driftWindows += (looks.length * DAY_MS) / condition.windowMs
        if (condition.kind === 'data-quality') rateWindows += (looks.length * DAY_MS) / condition.windowMs
        if (condition.kind === 'quality') qualitySubjects += looks.length
      }
      const inferences = monitor
        .traffic({ devices: null, from: now - DAY_MS, through: now }, { bucketMs: null, by: 'all' })
        .reduce((sum, { state }) => sum + state.requests, 0)
      judged = {
        ...judged,
        driftWindows,
        rateWindows,
        qualitySubjects,
        inferences,
        ratesPerWindow: mostRates === 0 ? USUAL_RATES : mostRates,
      }
    },
    noteRates(rates) {
      mostRates = Math.max(mostRates, rates)
    },
  }
}
