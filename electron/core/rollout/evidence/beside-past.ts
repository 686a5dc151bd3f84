import { compareRates, type RateComparison, type RateRule } from '../../../../shared/stats/canary/compare-rates.ts'
import type { RateWindow } from '../../../../shared/stats/canary/design-effect.ts'

/** A comparison with other devices, seen beside the past of the one device of the version. */
export interface BesidePast {
  state: RateComparison['state']
  /** The device with the version against itself before; null: nobody asked, or too little is known of it. */
  past: RateComparison | null
  /** Who is worse: the version, by its device's own past; perhaps only the device; null: the other devices say what there is to say. */
  blames: 'version' | 'device' | null
}

/**
 * The other devices cannot say how much the one device of a version differs. Its past is asked where the version would fail, and where one odd device of the
 * incumbent makes it look as if nobody could tell; it has the last word. A device of which enough is known before the version came fails in either case only
 * by the process of its past, so that two ways to fail cost no more of alpha than one.
 */
export function besidePast(compared: RateComparison, readPast: () => RateWindow | null, rule: RateRule): BesidePast {
  const plain: BesidePast = { state: compared.state, past: null, blames: null }
  if (compared.state !== 'fail' && compared.unsettled !== 'lone') return plain
  const window = readPast()
  if (window === null) return plain
  const past = compareRates([window], rule)
  if (past.baseline.trials < rule.leastTrials) return plain
  return past.state === 'fail' ? { state: 'fail', past, blames: 'version' } : { state: 'inconclusive', past, blames: 'device' }
}
