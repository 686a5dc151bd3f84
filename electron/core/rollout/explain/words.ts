import { duration } from '../../devices/why.ts'
import { gateConditions, gateCount, goodWord } from '../engine/gate.ts'
import { counted, percent, waveWords } from '../engine/words.ts'
import { NEVER } from '../planning/windows.ts'
import type { Under } from './case.ts'

/** A moment, and how far it is from now. */
export function momentWords(at: number, now: number): string {
  if (at >= NEVER) return 'never'
  const away = at > now ? `, in ${duration(at - now)}` : ''
  return `${new Date(at).toISOString()}${away}`
}

/** A problem as devices state it. */
export function problemWords(problem: { code: string; message: string } | null): string {
  return problem === null ? 'it gave no reason' : `${problem.message.replace(/\.$/, '')} (${problem.code})`
}

/** A rollout by number and what it does. */
export function rolloutWords({ run }: Under): string {
  return `rollout ${run.id}`
}

/** What keeps the gate of a wave shut, with the number that decides it; null: the wave is through. */
export function gateReason({ run, tally, facts }: Under, wave: number): string | null {
  const { gate } = run.plan.waves[wave]!
  const state = run.waves[wave]!
  if (state.state === 'passed' || state.isLetThrough) return null
  const name = waveWords(wave)
  if (state.state === 'waiting') return `${name} has not begun either`
  const count = gateCount(run, tally, wave)
  if (count.left === 0) return `no device is left in ${name}, which had begun`
  const all = count.reached + count.underway
  if (count.good < count.needed)
    return `${name} has ${count.good} of ${all} ${goodWord(run, count.phase)} and needs ${count.needed} (gate: ${percent(gate.success)})`
  if (count.reached < gate.leastReached)
    return `${name} has ${counted(count.reached, 'device')} that answered and needs ${gate.leastReached}`
  if (state.state === 'open' && count.underway > 0)
    return `${name} is open: ${count.underway} of ${counted(all, 'device')} have not answered`
  const conditions = gateConditions(run, count, wave, { now: facts.now, alert: facts.alert, evidence: state.evidence })
  const unmet = conditions.find(({ isMet }) => !isMet)
  return unmet === undefined ? null : `the gate of ${name} is shut: ${small(unmet.sentence)}`
}

/** A sentence within another one. */
export function small(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`.replace(/\.$/, '')
}
