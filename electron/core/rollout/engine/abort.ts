import type { RolloutDeviceState } from '../../../../shared/domain/rollout/life.ts'
import type { AbortRule } from '../../../../shared/domain/rollout/plan.ts'
import type { RolloutRun } from '../rollout-run.ts'
import type { Draft } from './draft.ts'
import type { Facts } from './facts.ts'
import { gatePhase } from './gate.ts'
import { reached, type Tally } from './tally.ts'
import { counted, percent, waveWords } from './words.ts'

type Action = AbortRule['action']
type Cause = 'abort' | 'verdict' | 'unreachable'

/** Records what the comparison says of each wave at work, and acts if the version is worse. */
export function lookAtVerdicts(draft: Draft, facts: Facts): void {
  for (const [wave, { state, evidence: before }] of draft.run.waves.entries()) {
    if ((state !== 'open' && state !== 'at-gate') || !isJudged(draft.run, wave)) continue
    const evidence = facts.evidence(wave)
    if (evidence === null || evidence.verdict === (before?.verdict ?? 'not enough evidence')) continue
    draft.wave(wave, 'verdict', {
      sentence: `Verdict of ${waveWords(wave)}: ${evidence.verdict}. ${evidence.sentence}`,
      detail: { evidence, before: before?.verdict ?? null },
    })
    // Acts when the verdict turns: who lets the rollout go on after a fail has seen it.
    if (evidence.verdict === 'fail' && mayAct(draft.run))
      end(draft, draft.run.plan.judge.onFail, { code: 'verdict', sentence: `The version is worse: ${evidence.sentence}` })
  }
}

function isJudged(run: RolloutRun, wave: number): boolean {
  if (run.plan.waves[wave]!.gate.verdict === 'ignore' || (run.state !== 'running' && run.state !== 'paused')) return false
  return run.plan.method !== 'stage' || gatePhase(run, wave) === 'active'
}

/** A shadow answers nobody: a comparison of one waits for a person, whatever it shows. */
function mayAct({ plan }: RolloutRun): boolean {
  return !(plan.isComparison && plan.method === 'shadow')
}

/** The first of the rules that holds; null: none does. A failure that somebody saw counts no more. */
export function abortRuleThatHolds(run: RolloutRun, tally: Tally): { rule: AbortRule; failed: number; executed: number } | null {
  const executed = reached(tally)
  for (const rule of run.plan.abort) {
    const failed = states(rule).reduce((sum, state) => sum + tally.byState[state].size - tally.acknowledged[state], 0)
    if (executed >= rule.least && failed > rule.share * executed) return { rule, failed, executed }
  }
  return null
}

function states({ of }: AbortRule): RolloutDeviceState[] {
  return of === 'any' ? ['failed', 'rejected', 'timed-out', 'fell-back'] : [of]
}

/** Ends or holds the rollout if a rule says so. */
export function lookAtAbortRules(draft: Draft): void {
  const { state } = draft.run
  if (state !== 'running' && state !== 'paused' && state !== 'completed') return
  const found = abortRuleThatHolds(draft.run, draft.tally)
  if (found === null) return
  const { rule, failed, executed } = found
  const kind = rule.of === 'any' ? 'failed' : rule.of === 'fell-back' ? 'fell back' : rule.of.replace('-', ' ')
  const sentence = `${failed} of ${counted(executed, 'device')} that answered ${kind === 'failed' ? kind : `are ${kind}`}: more than ${percent(rule.share)}.`
  end(draft, rule.action, { code: 'abort', sentence: sentence.replace('are fell back', 'fell back') })
}

/** Pauses if too many devices went away since they were offered the version. */
export function lookAtUnreachable(draft: Draft): void {
  const { run, tally } = draft
  if (run.state !== 'running') return
  const { share, least } = run.plan.unreachable
  const away = tally.byState.unreachable.size - tally.acknowledged.unreachable
  const offered = offeredDevices(tally)
  if (offered < least || away <= share * offered) return
  const sentence = `${away} of ${counted(offered, 'device')} that were offered the version cannot be reached: more than ${percent(share)}.`
  end(draft, 'pause', { code: 'unreachable', sentence })
}

function offeredDevices({ byState }: Tally): number {
  return Object.entries(byState).reduce(
    (sum, [state, set]) => sum + (state === 'pending' || state === 'skipped' || state === 'superseded' ? 0 : set.size),
    0,
  )
}

const actionWords: Record<Action, string> = { pause: 'Paused', stop: 'Stopped', revert: 'Goes back' }

function end(draft: Draft, action: Action, held: { code: Cause; sentence: string }): void {
  const { state } = draft.run
  if (state === 'reverting' || state === 'stopped' || (state === 'paused' && action === 'pause')) return
  const sentence = `${actionWords[action]}: ${held.sentence}`
  const detail = { held, cause: held.code }
  if (state === 'completed' && action !== 'revert') draft.rollout('reopen', `Not done any more: ${held.sentence}`)
  draft.rollout(action, sentence, detail)
}
