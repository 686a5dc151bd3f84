import { performance } from 'node:perf_hooks'
import type { Clock } from '../shared/domain/clock.ts'

/** The clock of this machine: wall time in epoch ms, and ms since the start of the process. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}
