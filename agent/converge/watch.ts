import type { ProbationRules } from '../../shared/protocol/assignment.ts'

/** What a watch has seen of a bundle so far. */
export interface Seen {
  inferences: number
  failed: number
  notFinite: number
  /** Median of the live run times, ms; null before the first. */
  medianMs: number | null
  /** Resident memory that the generation added since it serves, for seconds and not for a moment, bytes. */
  growthBytes: number
  /** Crashes and hangs of the generation. */
  strikes: number
  lastStrike: string
  /** Why the generation was ended for its memory; null: it was not. */
  outgrew: string | null
  elapsedMs: number
}

/** What the watch says: go on, well ended, or failed with the number that decided and its limit. */
export type Verdict = { is: 'on' } | { is: 'passed'; why: string } | { is: 'failed'; message: string }

/** A share of fewer inferences says nothing. */
const LEAST_FOR_SHARE = 20
/** The first runs are slower: caches and allocators warm up. */
const LEAST_FOR_LATENCY = 50
/** A model that takes microseconds is measured against this, ms: below it the noise of the machine decides. */
const LATENCY_FLOOR_MS = 2
/** A budget below this is taken for this, bytes: the runtime itself grows so much as it warms up, whatever the model. */
const GROWTH_FLOOR_BYTES = 32 * 1024 * 1024
/** Growth without a budget that is taken for a leak, bytes: buffers of large requests stay below it. */
const LEAK_BYTES = 256 * 1024 * 1024
/** So many crashes or hangs within the watch take the switch back. */
export const STRIKES = 3

/** Judges a watch by the rules of its order; `probeMedianMs` is the median of the golden set on this device, if there was one. */
export function judgeWatch(rules: ProbationRules, probeMedianMs: number | null, seen: Seen): Verdict {
  const message = failureOf(rules, probeMedianMs, seen)
  if (message !== null) return { is: 'failed', message }
  if (seen.inferences >= rules.inferences) return { is: 'passed', why: `${seen.inferences} live inferences` }
  if (seen.elapsedMs >= rules.seconds * 1000) return { is: 'passed', why: `${rules.seconds} s, ${seen.inferences} live inferences` }
  return { is: 'on' }
}

function failureOf(rules: ProbationRules, probeMedianMs: number | null, seen: Seen): string | null {
  return processFailure(rules, seen) ?? answerFailure(rules, seen) ?? latencyFailure(rules, probeMedianMs, seen)
}

function processFailure({ memoryBytes }: ProbationRules, { outgrew, strikes, lastStrike, growthBytes }: Seen): string | null {
  if (outgrew !== null) return `The runtime was ended for its memory: ${outgrew}.`
  if (strikes >= STRIKES) return `${strikes} crashes of the runtime, ${STRIKES - 1} are allowed; the last: ${lastStrike}.`
  const limit = memoryBytes === null ? LEAK_BYTES : Math.max(GROWTH_FLOOR_BYTES, memoryBytes)
  return growthBytes > limit
    ? `The runtime grew by ${mebibytes(growthBytes)} MiB; ${mebibytes(limit)} MiB are allowed${memoryBytes === null ? ' before it counts as a leak' : ''}.`
    : null
}

function answerFailure(rules: ProbationRules, { inferences, failed, notFinite }: Seen): string | null {
  const isEnough = inferences >= Math.min(LEAST_FOR_SHARE, rules.inferences)
  // Where none is allowed, one decides.
  if (inferences > 0 && (isEnough || rules.maxNotFiniteShare === 0) && notFinite / inferences > rules.maxNotFiniteShare)
    return `${notFinite} of ${inferences} answers had NaN or infinity; ${percent(rules.maxNotFiniteShare)} are allowed.`
  if (inferences > 0 && isEnough && failed / inferences > rules.maxErrorShare)
    return `${failed} of ${inferences} inferences failed (${percent(failed / inferences)}); ${percent(rules.maxErrorShare)} are allowed.`
  return null
}

function latencyFailure(rules: ProbationRules, probeMedianMs: number | null, { inferences, medianMs }: Seen): string | null {
  if (medianMs === null || inferences < Math.min(LEAST_FOR_LATENCY, rules.inferences)) return null
  if (rules.latencyMs !== null && medianMs > rules.latencyMs)
    return `The median latency is ${ms(medianMs)}; ${ms(rules.latencyMs)} are allowed.`
  if (rules.maxLatencyRatio === null || probeMedianMs === null) return null
  const limit = rules.maxLatencyRatio * Math.max(LATENCY_FLOOR_MS, probeMedianMs)
  return medianMs > limit
    ? `The median latency is ${ms(medianMs)}; ${ms(limit)} are allowed, ${rules.maxLatencyRatio} times the ${ms(Math.max(LATENCY_FLOOR_MS, probeMedianMs))} of the probe.`
    : null
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / (1024 * 1024))
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}

function ms(value: number): string {
  return `${Number(value.toPrecision(3))} ms`
}
