import type { WriteDb } from '../../store/open.ts'
import { openDistributionFold } from './distribution-fold.ts'
import type { Fold } from './fold.ts'
import { openQualityFold } from './quality-fold.ts'
import { openTrafficFold } from './traffic-fold.ts'

/** A step should hold the thread about so long: batches wait meanwhile. */
const STEP_MS = 50
const ROWS = { first: 500, least: 20, most: 4000 } as const
/** Labels of the running hour come one by one; its sums are made anew no more often than this. */
const QUALITY_EVERY_MS = 30_000

/** Brings the sums up to the records, in steps. */
export interface Folder {
  /** Records that no sum holds yet, at most. */
  waiting(): number
  /** One step, in a transaction of its own. @returns false if nothing was left to do */
  step(): boolean
}

/** Prepares the folds of all kinds. */
export function openFolder(db: WriteDb, monotonic: () => number): Folder {
  const [traffic, distribution, quality] = [openTrafficFold(db), openDistributionFold(db), openQualityFold(db)]
  let most: number = ROWS.first
  let qualityAt = Number.NEGATIVE_INFINITY
  const run = (fold: Fold): boolean => {
    const startedAt = monotonic()
    const taken = db.transaction(() => fold.step(most)).immediate()
    const took = monotonic() - startedAt
    if (took > STEP_MS) most = Math.max(ROWS.least, Math.floor(most / 2))
    else if (took < STEP_MS / 2 && taken >= most / 10) most = Math.min(ROWS.most, most * 2)
    return taken > 0
  }
  return {
    waiting: () => traffic.waiting() + distribution.waiting(),
    step() {
      if (run(traffic) || run(distribution)) return true
      if (monotonic() - qualityAt < QUALITY_EVERY_MS) return false
      if (run(quality)) return true
      qualityAt = monotonic()
      return false
    },
  }
}
