import { malformedState, readArray, readConstant, readFields, readNumber } from '../read-state.ts'

/** Rate ratios 2^(1/4) to 2^4 that the process bets on, with equal weight. */
const RATIOS = Array.from({ length: 16 }, (_, j) => 2 ** ((j + 1) / 4))
const ALPHA = 0.05

/** One logarithm per rate ratio; parts of independent traffic add. */
export interface ErrorEProcess {
  v: 1
  logs: number[]
}

/** What happened on both sides in one window. */
export interface ErrorWindow {
  canaryErrors: number
  baselineErrors: number
  canaryRequests: number
  baselineRequests: number
}

/** A process that has seen nothing; its value is 1. */
export function emptyErrorEProcess(): ErrorEProcess {
  return { v: 1, logs: RATIOS.map(() => 0) }
}

/**
 * Counts a window. With theta = nc / (nc + nb) and p_R = R theta / (R theta + 1 - theta) for a rate ratio R, log e_R grows by
 * kc ln(p_R / theta) + kb ln((1 - p_R) / (1 - theta)): given the errors of both, each is the canary's with probability p_R if its rate is R times that
 * of the baseline (close kin: Lindon, Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022). The share of traffic may change
 * between windows, not because of outcomes. A window without requests on one side says nothing. False, with nothing changed, for what are no counts.
 */
export function addErrorWindow(process: ErrorEProcess, window: ErrorWindow): boolean {
  const { canaryErrors: kc, baselineErrors: kb, canaryRequests: nc, baselineRequests: nb } = window
  if (![kc, kb, nc, nb].every((count) => Number.isSafeInteger(count) && count >= 0) || kc > nc || kb > nb) return false
  if (nc === 0 || nb === 0) return true
  const theta = nc / (nc + nb)
  for (const [j, ratio] of RATIOS.entries()) {
    const denominator = ratio * theta + 1 - theta
    process.logs[j]! += kc * Math.log(ratio / denominator) - kb * Math.log(denominator)
  }
  return true
}

/** The process over the traffic of both; they must be different requests. */
export function mergeErrorEProcesses(a: ErrorEProcess, b: ErrorEProcess): ErrorEProcess {
  return { v: 1, logs: a.logs.map((log, j) => log + b.logs[j]!) }
}

/** The evidence that the canary fails more often, mean of exp(log e_R), at least 0 and finite. 1 / value is an always-valid p. */
export function errorEvidence({ logs }: ErrorEProcess): number {
  const largest = Math.max(...logs)
  const logMean = largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0) / logs.length)
  return Math.min(Number.MAX_VALUE, Math.exp(logMean))
}

/** True if the evidence is at least 1 / alpha: the chance of that ever happening without a difference, however often one looks, is at most alpha (Ville 1939). */
export function failsMoreOften(process: ErrorEProcess, alpha = ALPHA): boolean {
  return errorEvidence(process) >= 1 / alpha
}

/** @throws Problem `message.malformed` if the value is no such state */
export function parseErrorEProcess(value: unknown): ErrorEProcess {
  const fields = readFields(value, 'the e-process', ['v', 'logs'])
  readConstant(fields.v, 'the version', 1)
  const logs = readArray(fields.logs, 'the logarithms', { max: RATIOS.length }).map((log) => readNumber(log, 'a logarithm'))
  if (logs.length !== RATIOS.length) throw malformedState(`an e-process has ${RATIOS.length} logarithms`)
  return { v: 1, logs }
}
