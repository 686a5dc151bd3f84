import type { GateRules, TimeWindow } from '../../../../shared/domain/rollout/plan.ts'
import { spanText } from './file-values.ts'

/** What opens a gate, for people. */
export function gateWords(gate: GateRules): string {
  const conditions = [
    `${countWords(gate.leastReached, 'device')} of the wave ${gate.leastReached === 1 ? 'has' : 'have'} answered`,
    `${percentText(gate.success)} of those that answered have committed`,
    ...(gate.verdict === 'pass' ? ['the verdict is pass'] : gate.verdict === 'not-fail' ? ['the verdict is not fail'] : []),
    ...(gate.afterSeconds === 0 ? [] : [`${spanText(gate.afterSeconds)} have gone by`]),
    ...(gate.byPerson ? ['a person lets the next wave begin'] : []),
  ]
  const last = conditions.pop()!
  const patience = gate.patienceSeconds === null ? '' : `; pauses after ${spanText(gate.patienceSeconds)} without a decision`
  return `Goes on when ${conditions.join(', ')} and ${last}${patience}.`
}

/** A window, for people. */
export function windowWords({ cron, minutes, timeZone }: TimeWindow): string {
  return `${spanText(minutes * 60)} from each '${cron}', ${timeZone === 'site' ? 'time of the site' : timeZone}`
}

/** A number with its thing: 1 device, 2 devices. */
export function countWords(n: number, thing: string): string {
  return n === 1 ? `1 ${thing}` : `${n} ${thing}s`
}

/** A share as percent: 0.8 is 80 %. */
export function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`
}
