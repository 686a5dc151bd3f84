import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { RolloutSummary } from '../../../shared/rpc/contract/rollouts.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { printLine, printTable, timeText } from './output.ts'

/** A number of a rollout. @throws Problem `usage` */
export function rolloutOf(text: string): number {
  const rollout = Number(text)
  if (!Number.isSafeInteger(rollout) || rollout < 1)
    throw new Problem('usage', `'${text}' is no number of a rollout.`, { hint: '`muster rollouts list` shows them.' })
  return rollout
}

/** A number of a wave as people count, from 1. @returns from 0 @throws Problem `usage` */
export function waveOf(text: string): number {
  const wave = Number(text)
  if (!Number.isSafeInteger(wave) || wave < 1) throw new Problem('usage', `'${text}' is no number of a wave; the first one is 1.`)
  return wave - 1
}

/** A whole number of a flag. @throws Problem `usage` */
export function wholeOf(flag: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new Problem('usage', `${flag}: '${text}' is no whole number.`)
  return number
}

/** How far a rollout is, in brief. */
export function progressText({ state, wave, waves, targeted, reached, committed, verdict, heldBy }: RolloutSummary): string {
  const where = wave === null ? state : `${state}, wave ${wave + 1} of ${waves}`
  const said = verdict === null ? '' : `, verdict ${verdict}`
  return `${where}: ${committed} of ${targeted} committed, ${reached} reached${said}${heldBy === null ? '' : `; ${heldBy}`}`
}

export function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}

/** A table of rollouts. */
export function printRollouts({ rollouts, total }: OutputOf<'rollouts.list'>): void {
  if (rollouts.length === 0) printLine('There is no such rollout. Next: muster rollouts init FILE')
  else {
    printTable(
      ['rollout', 'state', 'name', 'version', 'deployment', 'wave', 'targeted', 'reached', 'committed', 'verdict', 'by', 'at'],
      rollouts.map((one) => [
        ...[one.rollout, one.state, one.name, `${one.model}@${one.version}`, one.deployment],
        ...[one.wave === null ? null : `${one.wave + 1} of ${one.waves}`, one.targeted, one.reached, one.committed, one.verdict],
        ...[one.createdBy, timeText(one.createdAt)],
      ]),
    )
    if (total > rollouts.length) printLine(`… and ${total - rollouts.length} more; ask with --limit or a filter.`)
  }
}

/** A rollout with its waves, gates and what may be done. */
export function printRollout(shown: OutputOf<'rollouts.show'>): void {
  printLine(`Rollout ${shown.rollout}: ${shown.name} (${shown.state})`)
  printLine(shown.sentence)
  printLine(`  version   ${shown.model}@${shown.version} for ${shown.deployment}, method ${shown.method}, priority ${shown.priority}`)
  printLine(`  devices   query '${shown.query}': ${shown.targeted} targeted, ${shown.reached} reached, ${shown.committed} committed`)
  printLine(`  written   ${timeText(shown.createdAt)} by ${shown.createdBy}${startText(shown)}`)
  printLine(`  offered   ${shown.spent.bytes} bytes, ${shown.spent.money}${shown.forecast === null ? '' : ` ${shown.forecast.currency}`}`)
  if (shown.heldBy !== null) printLine(`  held      ${shown.heldBy}`)
  if (shown.needsApproval !== null) printLine(`  approval  ${shown.needsApproval}`)
  for (const one of shown.approvals) printLine(`  ${one.decision.padEnd(8)}  ${timeText(one.at)} by ${one.by}: ${one.why}`)
  for (const one of shown.overridden) printLine(`  outranked by rollout ${one.rollout} (${one.name}) on ${one.devices} devices`)
  printLine('')
  printWaves(shown)
  const acts = (Object.keys(shown.acts) as (keyof typeof shown.acts)[]).filter((act) => shown.acts[act])
  if (acts.length > 0) printLine(`What may be done now: ${acts.map(verbOf).join(', ')}`)
}

function startText({ startedAt, endedAt }: RolloutSummary): string {
  return `${startedAt === null ? '' : `, started ${timeText(startedAt)}`}${endedAt === null ? '' : `, ended ${timeText(endedAt)}`}`
}

function printWaves({ waveViews }: OutputOf<'rollouts.show'>): void {
  printTable(
    ['wave', 'state', 'size', 'targeted', 'reached', 'committed', 'unreachable', 'gate'],
    waveViews.map((one) => [
      ...[`${one.wave + 1}${one.name === '' ? '' : ` ${one.name}`}`, one.state, one.size],
      ...[one.targeted, one.reached, one.committed, one.unreachable, one.gate?.sentence ?? null],
    ]),
  )
  const open = waveViews.find(({ state }) => state === 'open' || state === 'at-gate')
  for (const { isMet, sentence } of open?.gate?.conditions ?? []) printLine(`  ${isMet ? 'met    ' : 'not met'}  ${sentence}`)
  for (const one of open?.gate?.evidence?.metrics ?? []) printLine(`  ${one.metric}: ${one.verdict}. ${one.sentence}`)
  printLine('')
}

/** The verb of the command line for an act of the contract. */
function verbOf(act: string): string {
  if (act === 'halt') return 'pause --halt'
  return act === 'letThrough' ? 'let-through' : act
}
