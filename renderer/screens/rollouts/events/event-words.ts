import type { State } from '../../../components/state-mark.tsx'
import { csvText } from '../../../../shared/domain/csv.ts'
import type { RolloutEvent } from '../../../../shared/domain/rollout/event.ts'
import { gateEvidence, type GateEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'

/** What happened, in a word or two, and the state that it is drawn with; `null`: it needs no mark. */
const words: Record<string, { word: string; state: State | null }> = {
  created: { word: 'Written', state: null },
  edited: { word: 'Edited', state: null },
  submit: { word: 'Submitted', state: 'attention' },
  approve: { word: 'Approved', state: 'ok' },
  refuse: { word: 'Refused', state: 'failed' },
  begin: { word: 'Begun', state: 'working' },
  pause: { word: 'Paused', state: 'attention' },
  resume: { word: 'Resumed', state: 'working' },
  complete: { word: 'Completed', state: 'ok' },
  reopen: { word: 'Reopened', state: 'attention' },
  stop: { word: 'Stopped', state: 'failed' },
  target: { word: 'Target', state: null },
  join: { word: 'Joined', state: null },
  'wave-opened': { word: 'Wave opened', state: 'working' },
  'wave-activated': { word: 'Wave activated', state: 'working' },
  'wave-reached': { word: 'Wave reached', state: 'working' },
  'wave-passed': { word: 'Wave passed', state: 'ok' },
  verdict: { word: 'Verdict', state: 'unsure' },
  'gate-let-through': { word: 'Let through', state: 'attention' },
  promoted: { word: 'Promoted', state: 'ok' },
  acknowledged: { word: 'Failures seen', state: null },
  held: { word: 'Held', state: 'attention' },
  released: { word: 'Goes on', state: 'working' },
  halted: { word: 'Halted', state: 'attention' },
  penalty: { word: 'Penalty', state: 'attention' },
  'penalty-lifted': { word: 'Penalty lifted', state: null },
  priority: { word: 'Priority', state: null },
  note: { word: 'Note', state: null },
  'alias-moved': { word: 'Alias moved', state: 'ok' },
  offer: { word: 'Offered', state: 'working' },
  fetch: { word: 'Fetching', state: 'working' },
  stage: { word: 'Staged', state: 'working' },
  shadow: { word: 'Shadowing', state: 'working' },
  split: { word: 'Splitting', state: 'working' },
  activate: { word: 'Activating', state: 'working' },
  probe: { word: 'On probation', state: 'working' },
  commit: { word: 'Committed', state: 'ok' },
  retry: { word: 'Tried again', state: 'working' },
  find: { word: 'Back online', state: 'working' },
  return: { word: 'Matches again', state: null },
  'fall-back': { word: 'Fell back', state: 'failed' },
  reject: { word: 'Rejected', state: 'failed' },
  fail: { word: 'Failed', state: 'failed' },
  'time-out': { word: 'Timed out', state: 'failed' },
  lose: { word: 'Unreachable', state: 'offline' },
  supersede: { word: 'Taken', state: 'offline' },
  skip: { word: 'Skipped', state: 'offline' },
}
/** Kinds that a rollout and a device both have. */
const shared: Record<string, { ofRollout: { word: string; state: State }; ofDevice: { word: string; state: State } }> = {
  revert: { ofRollout: { word: 'Reverted', state: 'failed' }, ofDevice: { word: 'Reverting', state: 'attention' } },
  'all-back': { ofRollout: { word: 'All back', state: 'offline' }, ofDevice: { word: 'Back', state: 'offline' } },
}

/** How an event is drawn. */
export function eventWords({ kind, device, detail }: Pick<RolloutEvent, 'kind' | 'device' | 'detail'>): {
  word: string
  state: State | null
} {
  const both = shared[kind]
  if (both !== undefined) return device === null ? both.ofRollout : both.ofDevice
  if (kind === 'verdict') return { word: 'Verdict', state: verdictState(evidenceOf({ detail })) }
  return words[kind] ?? { word: kind, state: null }
}

function verdictState(evidence: GateEvidence | null): State {
  if (evidence === null || evidence.verdict === 'not enough evidence') return 'unsure'
  return evidence.verdict === 'pass' ? 'ok' : 'failed'
}

/** The evidence as it was when the event was written; `null`: it has none, or of a form that is not known any more. */
export function evidenceOf({ detail }: Pick<RolloutEvent, 'detail'>): GateEvidence | null {
  return gateEvidence.safeParse(detail['evidence']).data ?? null
}

/** The reason that a person gave; empty: none. */
export function reasonOf({ detail }: Pick<RolloutEvent, 'detail'>): string {
  const { why } = detail
  return typeof why === 'string' ? why : ''
}

/** A line of the log as text, to be copied. */
export function eventText(event: RolloutEvent): string {
  const reason = reasonOf(event)
  return `${new Date(event.at).toISOString()} ${event.actor} ${event.kind}: ${event.sentence}${reason === '' ? '' : ` (${reason})`}`
}

/** The log as CSV: the oldest first, moments as ISO, waves from 1. */
export function eventsCsv(events: readonly RolloutEvent[]): string {
  return csvText(
    ['seq', 'at', 'actor', 'kind', 'device', 'wave', 'from', 'to', 'sentence', 'reason', 'detail'],
    [...events]
      .sort((left, right) => left.seq - right.seq)
      .map((event) => [
        ...[event.seq, new Date(event.at).toISOString(), event.actor, event.kind, event.device],
        ...[
          event.wave === null ? null : event.wave + 1,
          event.from,
          event.to,
          event.sentence,
          reasonOf(event),
          JSON.stringify(event.detail),
        ],
      ]),
  )
}
