import type { Problem } from '../../shared/domain/problem.ts'

/** A probe that was cut off by its deadline is tried once more: the machine may have been busy. */
const TRIES_AFTER_TIMEOUT = 2
/** Probes that the agent itself did not outlive: far more than sudden deaths by chance, far fewer than for ever. */
export const MAX_UNFINISHED_PROBES = 10

/** True if a bundle that failed so will fail again: it is given up until a higher order asks for it. */
export function isFinal(problem: Problem, attempts: number): boolean {
  if (problem.code === 'probe.timeout') return attempts >= TRIES_AFTER_TIMEOUT
  if (problem.code === 'message.unsupported-version' || problem.code === 'runtime.crashed') return true
  return problem.code.startsWith('model.') || problem.code.startsWith('bundle.') || problem.code.startsWith('probe.')
}

/** Wait before the next try after a failure that may pass, ms: 2 s doubling to 5 min. `failures` counts from 1. */
export function retryDelayMs(failures: number): number {
  return Math.min(300_000, 2000 * 2 ** Math.min(Math.max(0, failures - 1), 10))
}
