import { isForbidden } from './device-step.ts'
import type { Draft } from './draft.ts'
import { versionOf } from './failing.ts'
import type { Facts } from './facts.ts'
import { gateConditions, gateCount, gatePhase, gateTime, hasNumbers, isTwoStep } from './gate.ts'
import { isStagedFirst } from './order-slot.ts'
import { devicesLeft, targeted } from './tally.ts'
import { counted, percent, spanWords, waveWords } from './words.ts'

/** A device that goes back from a version that it had committed opens the gate of its wave again, if that would not let it through now. */
export function reopenGates(draft: Draft, fallen: ReadonlySet<number>): void {
  for (const wave of [...fallen].sort((a, b) => a - b)) {
    const { run, tally } = draft
    if (run.waves[wave]!.state !== 'passed' || !isOngoing(run.state)) continue
    const { gate } = run.plan.waves[wave]!
    const count = gateCount(run, tally, wave)
    if (hasNumbers(count, gate)) continue
    const numbers = `${count.good} of ${counted(count.reached + count.underway, 'device')} committed, ${count.needed} must (${percent(gate.success)})`
    draft.wave(wave, 'wave-reached', { sentence: `The gate of ${waveWords(wave)} is shut again: ${numbers}.` })
  }
}

function isOngoing(state: string): boolean {
  return state === 'running' || state === 'paused' || state === 'completed'
}

/** A rollout that was done goes on if a gate is shut again or a device waits for its order. */
export function reopenRollout(draft: Draft, facts: Facts): void {
  const { run, tally } = draft
  if (run.state !== 'completed') return
  const waiting = tally.waves.reduce((sum, { pending, penalized }) => sum + pending.size - penalized, 0)
  const shut = run.waves.findIndex(({ state }) => state !== 'passed')
  if (shut !== -1) draft.rollout('reopen', `Goes on: the gate of ${waveWords(shut)} is shut again.`)
  else if (isForbidden(facts)) return
  else if (waiting > 0) draft.rollout('reopen', `Goes on: ${counted(waiting, 'device')} waiting for the version.`)
  else if (unactivated(draft) > 0) draft.rollout('reopen', `Goes on: ${counted(unactivated(draft), 'device')} waiting to be activated.`)
}

/** Devices that came back after all was done, and have the version beside what they serve. */
function unactivated({ run, tally }: Draft): number {
  const isLeftBeside = !isTwoStep(run.plan) && !isStagedFirst(run.plan)
  if (isLeftBeside || (run.plan.isComparison && run.decided !== 'promote')) return 0
  const there = (['staged', 'shadowing', 'splitting'] as const).flatMap((state) => [...tally.byState[state]])
  return there.filter((device) => run.devices.get(device)?.last?.slot === 'beside').length
}

/** Moves the waves on, from the first; a wave begins when all before it have passed. */
export function stepWaves(draft: Draft, facts: Facts): void {
  for (const wave of draft.run.plan.waves.keys()) {
    if (draft.run.state !== 'running' || draft.run.begunAt === null) return
    stepWave(draft, wave, facts)
    if (draft.run.waves[wave]!.state !== 'passed') return
  }
}

function stepWave(draft: Draft, wave: number, facts: Facts): void {
  const { state, openedAt } = draft.run.waves[wave]!
  if (state === 'passed') return
  // A wave that began and was emptied has shown nothing of the version, or something bad that people rescued: it is no pass.
  if (openedAt === null && devicesLeft(draft.tally.waves[wave]!) === 0) {
    const all = draft.tally.waves[wave]!.counts
    const why = Object.values(all).some((count) => count > 0) ? 'has no device left' : 'has no devices'
    return draft.wave(wave, 'wave-passed', { sentence: `${title(draft, wave)} ${why} and passes at once.`, detail: { evidence: null } })
  }
  if (state === 'waiting')
    draft.wave(wave, 'wave-opened', {
      sentence: `${title(draft, wave)} begins with ${counted(devicesLeft(draft.tally.waves[wave]!), 'device')}.`,
    })
  mayReach(draft, wave)
  lookAtGate(draft, wave, facts)
}

/** All were offered, and what is still under way cannot shut the gate any more, or nothing is. */
function mayReach(draft: Draft, wave: number): void {
  const { run, tally } = draft
  if (run.waves[wave]!.state !== 'open' || tally.waves[wave]!.unoffered > 0) return
  const count = gateCount(run, tally, wave)
  if (count.underway > 0 && !(count.good + count.reached > 0 && hasNumbers(count, run.plan.waves[wave]!.gate))) return
  if (count.left === 0)
    return draft.wave(wave, 'wave-reached', {
      sentence: `${title(draft, wave)} has no device left: it waits for a person, or for devices that come back.`,
    })
  const away = count.unreachable === 0 ? '' : `; ${count.unreachable} cannot be reached`
  draft.wave(wave, 'wave-reached', {
    sentence: `${title(draft, wave)} is at its gate: ${count.good} of ${counted(count.reached, 'device')} that answered are good${away}.`,
  })
}

function lookAtGate(draft: Draft, wave: number, facts: Facts): void {
  const { run } = draft
  const { state, isLetThrough } = run.waves[wave]!
  if (state !== 'at-gate' && !isLetThrough) return
  const isOpen = isLetThrough || isThrough(draft, wave, facts)
  if (!isOpen) return waitAtGate(draft, wave, facts)
  const evidence = facts.evidence(wave) ?? run.waves[wave]!.evidence
  const because = isLetThrough ? 'A person let it through.' : evidence?.verdict === 'pass' ? evidence.sentence : ''
  const { good, reached, left } = gateCount(run, draft.tally, wave)
  if (left > 0 && isTwoStep(run.plan) && !run.plan.isComparison && gatePhase(run, wave) === 'beside') {
    const sentence = `The gate of ${waveWords(wave)} is through: ${versionOf(draft)} is activated. ${because}`.trim()
    return draft.wave(wave, 'wave-activated', { sentence, detail: { evidence, isLetThrough } })
  }
  const shows = left === 0 ? 'no device is left in it' : `${good} of ${counted(reached, 'device')} that answered are good`
  const sentence = `${title(draft, wave)} has passed: ${shows}. ${because}`.trim()
  draft.wave(wave, 'wave-passed', { sentence, detail: { evidence, isLetThrough } })
}

function isThrough(draft: Draft, wave: number, facts: Facts): boolean {
  const { run, tally } = draft
  const count = gateCount(run, tally, wave)
  // A read of evidence costs: the numbers are looked at first.
  if (!hasNumbers(count, run.plan.waves[wave]!.gate)) return false
  const known = { now: facts.now, alert: facts.alert, evidence: facts.evidence(wave) ?? run.waves[wave]!.evidence }
  return gateConditions(run, count, wave, known).every(({ isMet }) => isMet)
}

function waitAtGate(draft: Draft, wave: number, facts: Facts): void {
  const { run } = draft
  const time = gateTime(run, wave)
  if (time !== null) draft.wake(time)
  const { patienceSeconds } = run.plan.waves[wave]!.gate
  const since = run.waves[wave]!.reachedAt
  if (patienceSeconds === null || since === null) return
  const until = Math.max(since, run.resumedAt ?? 0) + patienceSeconds * 1000
  if (until > facts.now) return draft.wake(until)
  const sentence = `${title(draft, wave)} has been at its gate for ${spanWords(patienceSeconds * 1000)} without a decision.`
  draft.rollout('pause', `Paused: ${sentence}`, { held: { code: 'gate', sentence }, cause: 'gate' })
}

/** Done when every wave has passed and nobody is under way. Who cannot be reached gets the order when it connects, and is no reason to wait. */
export function mayComplete(draft: Draft): void {
  const { run, tally } = draft
  if (run.state !== 'running' || run.begunAt === null || run.waves.some(({ state }) => state !== 'passed')) return
  if (run.plan.isComparison && run.decided !== 'promote') return
  if (run.decided === null && tally.toRetry > 0) return
  if (run.waves.some((_, wave) => gateCount(run, tally, wave).underway > 0)) return
  const { committed, unreachable } = tally.byState
  if (targeted(tally) === 0) return stopEmpty(draft)
  const away = unreachable.size === 0 ? '' : `; ${unreachable.size} cannot be reached and get it when they connect`
  draft.rollout('complete', `Done: ${counted(committed.size, 'device')} committed ${versionOf(draft)}${away}.`)
}

/** People took every device away: nothing was released, and whoever waits for the rollout must not take that for done. */
function stopEmpty(draft: Draft): void {
  const sentence = `Every device was taken out of the rollout; nobody has ${versionOf(draft)} by it.`
  draft.rollout('stop', `Stopped: ${sentence}`, { held: { code: 'gate', sentence }, cause: 'gate' })
}

function title({ run }: Draft, wave: number): string {
  const words = waveWords(wave, run.plan.waves[wave]!.name)
  return `W${words.slice(1)}`
}
