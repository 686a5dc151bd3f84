import type { WaveView } from '../../../../shared/rpc/contract/rollouts.ts'
import type { GateEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import type { GateRules, RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import type { RolloutRun } from '../rollout-run.ts'
import { devicesLeft, type Tally } from './tally.ts'
import { counted, percent, spanWords } from './words.ts'

type Condition = NonNullable<WaveView['gate']>['conditions'][number]

/** Before the activation, a gate looks at devices that have the version beside the active one; else at those that serve it. */
export type GatePhase = 'beside' | 'active'

/** What a gate counts. */
export interface GateCount {
  phase: GatePhase
  /** Devices that came as far as the gate wants. */
  good: number
  /** Devices that answered. */
  reached: number
  /** Devices that may still answer without anybody doing anything. */
  underway: number
  unreachable: number
  /** Devices that were not taken out of the wave. */
  left: number
  /** So many must be good for the share of success, also if everything that is under way fails. */
  needed: number
}

/** What is known of a wave besides its devices. */
export interface GateKnowledge {
  now: number
  alert: string | null
  evidence: GateEvidence | null
}

/** True for methods whose version stands beside the active one before it is activated. */
export function isTwoStep(plan: Pick<RolloutPlan, 'method'>): boolean {
  return plan.method !== 'replace'
}

/** What the gate of a wave looks at now. */
export function gatePhase(run: RolloutRun, wave: number): GatePhase {
  if (!isTwoStep(run.plan)) return 'active'
  if (run.plan.isComparison) return run.decided === 'promote' ? 'active' : 'beside'
  // Who joins a wave that has passed joins devices that serve the version.
  const { activatedAt, state } = run.waves[wave]!
  return activatedAt === null && state !== 'passed' ? 'beside' : 'active'
}

/** Counts the devices of a wave for its gate. */
export function gateCount(run: RolloutRun, tally: Tally, wave: number): GateCount {
  const phase = gatePhase(run, wave)
  const { counts, penalized } = tally.waves[wave]!
  const bad = counts.failed + counts.rejected + counts['timed-out'] + counts['fell-back']
  const coming = counts.pending - penalized + counts.offered + counts.fetching
  const beside = counts.shadowing + counts.splitting + (run.plan.method === 'stage' ? counts.staged : 0)
  const staged = run.plan.method === 'stage' ? 0 : counts.staged
  const further = counts.activating + counts.probing
  const good = counts.committed + (phase === 'beside' ? beside + further : 0)
  const underway = coming + staged + (phase === 'beside' ? 0 : beside + further)
  const { success } = run.plan.waves[wave]!.gate
  return {
    ...{ phase, good, reached: good + bad, underway, unreachable: counts.unreachable, left: devicesLeft(tally.waves[wave]!) },
    needed: Math.max(0, Math.ceil(success * (good + bad + underway) - 1e-9)),
  }
}

/** True if enough devices answered, and enough of them well, whatever those under way will answer. A wave that was emptied shows nothing. */
export function hasNumbers(count: GateCount, gate: GateRules): boolean {
  return count.left > 0 && count.reached >= gate.leastReached && count.good >= count.needed
}

/** The conditions of a gate, each with the number that there is and the one that is needed. */
export function gateConditions(run: RolloutRun, count: GateCount, wave: number, known: GateKnowledge): Condition[] {
  const { gate } = run.plan.waves[wave]!
  return [
    reachedCondition(count, gate),
    successCondition(count, gate),
    ...verdictCondition(run, count, wave, known),
    ...timeCondition(run, wave, { count, now: known.now }),
    ...personCondition(run, wave, count),
    ...(known.alert === null || run.despiteAlerts
      ? []
      : [{ kind: 'alert' as const, isMet: false, sentence: `An alert holds releases: ${known.alert}`.slice(0, 400) }]),
  ]
}

/** When the time condition of a gate holds; null: it has none, or its time has not begun. */
export function gateTime(run: RolloutRun, wave: number): number | null {
  const { afterSeconds } = run.plan.waves[wave]!.gate
  const since = run.waves[wave]!.reachedAt
  return afterSeconds === 0 || since === null ? null : since + afterSeconds * 1000
}

/** What a device has done that is good, in words. */
export function goodWord(run: RolloutRun, phase: GatePhase): string {
  if (phase === 'active') return 'committed'
  return { shadow: 'shadowing', split: 'answering their share', stage: 'staged', replace: 'committed' }[run.plan.method]
}

function reachedCondition({ reached, unreachable, left }: GateCount, gate: GateRules): Condition {
  if (left === 0)
    return { kind: 'reached', isMet: false, sentence: 'No device is left in the wave: nothing says that the next one may begin.' }
  const away = unreachable === 0 ? '' : `; ${unreachable} cannot be reached`
  return {
    kind: 'reached',
    isMet: reached >= gate.leastReached,
    sentence: `${counted(reached, 'device')} answered, ${gate.leastReached} must have${away}.`,
  }
}

function successCondition(count: GateCount, gate: GateRules): Condition {
  const { good, reached, underway, needed, phase } = count
  const of = reached + underway
  const word = phase === 'active' ? 'committed' : 'have it at work'
  const pending = underway === 0 ? '' : `; ${underway} still under way`
  return {
    kind: 'success',
    isMet: good >= needed,
    sentence: `${good} of ${counted(of, 'device')} ${word}, ${needed} must (${percent(gate.success)})${pending}.`,
  }
}

/** What the verdict must be for a wave. After the last one nothing follows that it could keep from harm: there, only a fail holds. */
export function verdictWanted(run: RolloutRun, wave: number, phase: GatePhase): GateRules['verdict'] {
  const { verdict } = run.plan.waves[wave]!.gate
  if (verdict !== 'pass') return verdict
  if (run.plan.isComparison && phase === 'active') return 'ignore'
  if (run.plan.method === 'stage' && phase === 'beside') return 'ignore'
  const isJudgedBefore = run.plan.method === 'shadow' || run.plan.method === 'split'
  if (isJudgedBefore) return phase === 'beside' ? 'pass' : 'not-fail'
  return wave === run.plan.waves.length - 1 ? 'not-fail' : 'pass'
}

function verdictCondition(run: RolloutRun, { phase }: GateCount, wave: number, { evidence }: GateKnowledge): Condition[] {
  const wanted = verdictWanted(run, wave, phase)
  if (wanted === 'ignore') return []
  const verdict = evidence?.verdict ?? 'not enough evidence'
  const isMet = wanted === 'pass' ? verdict === 'pass' : verdict !== 'fail'
  const need = wanted === 'pass' ? 'pass' : 'no fail'
  const because = evidence === null ? 'nothing was compared yet' : evidence.sentence
  return [{ kind: 'verdict', isMet, sentence: `Verdict: ${verdict}; needs ${need}. ${because}`.slice(0, 400) }]
}

function timeCondition(run: RolloutRun, wave: number, { count, now }: { count: GateCount; now: number }): Condition[] {
  const { afterSeconds } = run.plan.waves[wave]!.gate
  const isLater = count.phase === 'beside' ? run.plan.method === 'stage' : run.plan.method === 'shadow' || run.plan.method === 'split'
  if (afterSeconds === 0 || isLater) return []
  const until = gateTime(run, wave)
  const wanted = spanWords(afterSeconds * 1000)
  if (until === null) return [{ kind: 'time', isMet: false, sentence: `${wanted} must pass after the wave is reached.` }]
  const left = until - now
  const sentence = left <= 0 ? `${wanted} have passed.` : `${spanWords(left)} of ${wanted} are left.`
  return [{ kind: 'time', isMet: left <= 0, sentence }]
}

function personCondition(run: RolloutRun, wave: number, { phase }: GateCount): Condition[] {
  const { byPerson } = run.plan.waves[wave]!.gate
  if (!byPerson || (isTwoStep(run.plan) && phase === 'active')) return []
  const { isLetThrough } = run.waves[wave]!
  return [{ kind: 'person', isMet: isLetThrough, sentence: isLetThrough ? 'A person let it through.' : 'A person must let it through.' }]
}
