import type { RolloutHappening } from '../../../../shared/domain/rollout/life.ts'
import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import { actDecide, actLetThrough, actNote, actPriority, actRetry } from './acts-within.ts'
import { openDraft, type Draft } from './draft.ts'
import type { NewEvent } from './facts.ts'
import { versionOf } from './failing.ts'
import type { Live } from './live.ts'
import { isFailure } from './tally.ts'
import { counted } from './words.ts'
import { isActAllowed, isDoneAlready, refuseAct } from './allowed.ts'

/** What a version stands for when a rollout is started. */
export interface RolloutTarget {
  digest: string
  model: string
  version: string
}

/** Something that a person does to a rollout. */
export type Act = { actor: string; why?: string; now: number } & (
  | { kind: 'edit'; plan: RolloutPlan }
  | { kind: 'start'; target: RolloutTarget; despiteAlerts: boolean; needsApproval: string | null; detail?: Record<string, unknown> }
  | { kind: 'pause'; halt: boolean }
  | { kind: 'approve' | 'refuse' | 'resume' | 'stop' | 'revert' | 'promote' | 'discard' }
  | { kind: 'letThrough'; wave: number }
  | { kind: 'setPriority'; priority: number }
  | { kind: 'retry'; devices: readonly string[] }
  | { kind: 'annotate'; text: string }
)
export type ActKind = Act['kind']

/**
 * The events of what a person does; none if it is so already, as when two people do the same at once. After them `advance` does what follows.
 * @throws Problem `rollout.not-allowed`
 */
export function act(live: Live, request: Act): NewEvent[] {
  if (isDoneAlready(live.run, request)) return []
  if (!isActAllowed(live.run, request)) throw refuseAct(live.run, request)
  const draft = openDraft(live, { now: request.now, actor: request.actor })
  perform(draft, request)
  return draft.done().events
}

function perform(draft: Draft, request: Act): void {
  switch (request.kind) {
    case 'edit':
      return draft.mark('edited', `${request.actor} changed the plan.`, { detail: { plan: request.plan } })
    case 'start':
      return start(draft, request)
    case 'approve':
    case 'refuse':
    case 'stop':
    case 'revert':
      return whole(draft, request, request.kind)
    case 'pause':
      return pause(draft, request, request.halt)
    case 'resume':
      return resume(draft, request)
    case 'letThrough':
      return actLetThrough(draft, request.wave, because(request))
    case 'promote':
    case 'discard':
      return actDecide(draft, request.kind, because(request))
    case 'setPriority':
      return actPriority(draft, request.priority)
    case 'retry':
      return actRetry(draft, request.devices)
    case 'annotate':
      return actNote(draft, request.text)
  }
}

type Start = Extract<Act, { kind: 'start' }>

function start(draft: Draft, { actor, target, despiteAlerts, needsApproval, detail = {}, ...rest }: Start): void {
  const version = `${target.model} ${target.version}`
  const all = { ...detail, target, despiteAlerts, needsApproval }
  const tail = because(rest)
  if (needsApproval === null) draft.rollout('approve', `${actor} started the rollout of ${version}.${tail}`, all)
  else draft.rollout('submit', `${actor} started the rollout of ${version}; it waits for approval: ${needsApproval}${tail}`, all)
}

const wholeWords = { approve: 'approved', refuse: 'refused', stop: 'stopped', revert: 'takes back' } as const

function whole(draft: Draft, request: Act, happening: keyof typeof wholeWords & RolloutHappening): void {
  const sentence = `${request.actor} ${wholeWords[happening]} the rollout of ${versionOf(draft)}.${because(request)}`
  draft.rollout(happening, sentence, { why: request.why ?? '' })
}

const brakeWords = ' Devices that have not activated the version keep from it.'

function pause(draft: Draft, request: Act, halt: boolean): void {
  if (draft.run.state === 'paused') return haltPaused(draft, request)
  const brake = halt ? brakeWords : ''
  const sentence = `${request.actor} paused the rollout.${because(request)}${brake}`
  draft.rollout('pause', sentence, { held: { code: 'person', sentence }, halt, why: request.why ?? '' })
}

/** A rollout that is paused stays so, for the reason that it had. */
function haltPaused(draft: Draft, request: Act): void {
  const { held } = draft.run
  const sentence = `${request.actor} halted the rollout.${because(request)}${brakeWords}`
  const both = held === null ? { code: 'person', sentence } : { ...held, sentence: `${held.sentence}${brakeWords}` }
  draft.mark('halted', sentence, { detail: { held: both, why: request.why ?? '' } })
}

/** What failed until now was seen by whoever lets the rollout go on. */
function resume(draft: Draft, request: Act): void {
  const seen = [...draft.run.devices.values()].filter(({ state, isAcknowledged }) => isFailure(state) && !isAcknowledged).length
  const away = draft.tally.byState.unreachable.size - draft.tally.acknowledged.unreachable
  if (seen + away > 0) {
    const sentence = `${request.actor} has seen ${counted(seen, 'failure')} and ${counted(away, 'device')} that cannot be reached.`
    draft.mark('acknowledged', sentence, { detail: { failures: seen, unreachable: away } })
  }
  draft.rollout('resume', `${request.actor} lets the rollout go on.${because(request)}`, { why: request.why ?? '' })
}

function because({ why = '' }: { why?: string }): string {
  return why === '' ? '' : ` ${why.trim().replace(/([^.?])$/, '$1.')}`
}
