import type { RolloutRun } from '../rollout-run.ts'
import type { Tally } from './tally.ts'

/** A rollout in memory: what its events add up to, and what is counted over its devices. */
export interface Live {
  run: RolloutRun
  tally: Tally
}
