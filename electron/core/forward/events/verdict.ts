import { nextAttempt } from '../../monitor/channels/backoff.ts'
import type { Failure } from '../../monitor/channels/outcome.ts'
import type { ForwardEventRow } from '../../store/fleet/forward-events.ts'
import type { ForwardProblem } from '../../store/fleet/forwards.ts'

/** What follows from an attempt that failed. */
export interface Verdict {
  state: 'waiting' | 'failed'
  nextAt: number | null
  problem: ForwardProblem
  /** The webhook goes on only when a person has changed something. */
  stops: boolean
}

/** Attempts that the wait grows with while nobody answers: a receiver that is back is not left alone for hours. */
const MOST_GROWTH = 5
/** An event is given up after so many refusals in a row, and not before they have lasted a day: a laptop that slept made two of them. */
const REFUSALS = { times: 8, lastMs: 86_400_000 } as const
/** What looks like a wrong address is often the sign-in page of a network: it must last before the webhook stops. */
const WRONG_WAYS = { times: 5, lastMs: 3_600_000 } as const
const wrongWays = ['channel.redirected', 'channel.address']
/** Answers of a receiver, or of a proxy in front of it, that is busy or away: it says nothing against the event. */
const busy = [408, 425, 429, 502, 503, 504]

/** @param before what was wrong until now; null: nothing */
export function verdictOf(
  { event, attempts }: Pick<ForwardEventRow, 'event' | 'attempts'>,
  { outcome, before, at, random }: { outcome: Failure; before: ForwardProblem | null; at: number; random: number },
): Verdict {
  const { code, message, retryAfterMs } = outcome
  const kind = kindOf(outcome)
  const of = `${event} ${kind === 'wrong-way' ? code : kind}`
  const streak = before?.streak?.of === of && before.streak.since <= at ? before.streak : { of, since: at, times: 0 }
  const times = streak.times + 1
  const problem = { code, message, at, streak: { ...streak, times } }
  const has = (limit: { times: number; lastMs: number }): boolean => times >= limit.times && at - streak.since >= limit.lastMs
  const stops = kind === 'final' || (kind === 'wrong-way' && has(WRONG_WAYS))
  if (stops) return { state: 'waiting', nextAt: null, problem, stops }
  if (kind === 'event' || (kind === 'refused' && has(REFUSALS))) return { state: 'failed', nextAt: null, problem, stops }
  const growth = kind === 'refused' ? times : Math.min(attempts, MOST_GROWTH)
  return { state: 'waiting', nextAt: nextAttempt({ attempts: growth, createdAt: at, now: at, retryAfterMs, random }), problem, stops }
}

function kindOf({ code, isFinal, status }: Failure): 'event' | 'final' | 'wrong-way' | 'refused' | 'away' {
  if (code === 'input.too-large') return 'event'
  if (wrongWays.includes(code)) return 'wrong-way'
  if (isFinal) return 'final'
  return code === 'channel.refused' && !(status !== undefined && busy.includes(status)) ? 'refused' : 'away'
}
