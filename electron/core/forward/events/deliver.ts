import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { messageOf } from '../../../../shared/domain/problem.ts'
import type { WebhookForward } from '../../../../shared/domain/forward.ts'
import type { Log } from '../../log.ts'
import { isDue } from '../../monitor/channels/backoff.ts'
import { startLanes, type Lanes } from '../../monitor/channels/lanes.ts'
import { failed, refused, type Outcome } from '../../monitor/channels/outcome.ts'
import { post } from '../../monitor/channels/post.ts'
import { webhookHeaders } from '../../monitor/channels/signature.ts'
import type { ForwardEventRow } from '../../store/fleet/forward-events.ts'
import type { ForwardRow } from '../../store/fleet/forwards.ts'
import { CLOUD_EVENT } from './cloud-event.ts'
import { enqueueEvents } from './enqueue.ts'
import type { SourceParts } from './sources.ts'
import { verdictOf } from './verdict.ts'

/**
 * INVARIANTS
 * 1. An event is in the outbox from the transaction that moves its place on, and `sending` before the first byte leaves: after a crash it goes out
 *    again under the same id.
 * 2. Events of a webhook go out in order, one at a time: while the first of them waits, so do the others.
 * 3. A receiver that cannot be reached, or is busy, makes events wait, however long. One that refuses an event eight times and for a day loses that
 *    event, and it is said.
 * 4. What only a person can mend pauses the webhook; nothing is lost meanwhile.
 * 5. Whoever asks for patience gets it for all events: no other one is tried before.
 */
export interface DeliverParts extends SourceParts {
  fleet(): string
  now(): number
  log: Log
  /** Told after each attempt. */
  onChange(): void
  /** Draws the jitter; 0 to 1. */
  random(): number
  send?: typeof sendEvent
}

/** Pages of each source that are read in one transaction. */
const MOST_PAGES = 5

/** Delivers the events of all webhooks that are not paused. */
export function startEventDelivery(parts: DeliverParts): Lanes {
  const { store, log } = parts
  const send = parts.send ?? sendEvent

  async function step(forward: string): Promise<boolean> {
    const begun = store.transact(() => begin(parts, forward))
    if (begun === null) return false
    if (begun === 'more') {
      // The console answers people between two pieces of work.
      await yieldToOthers()
      return true
    }
    const outcome = await send(begun.settings, begun.event, parts.now()).catch((error: unknown) => failed('internal', messageOf(error)))
    store.transact(() => end(parts, begun, outcome))
    if (!outcome.ok) log('warn', 'an event was not delivered', { forward, code: outcome.code, reason: outcome.message })
    parts.onChange()
    return true
  }

  const served = (): string[] => store.forwards.all().flatMap(({ forward, settings }) => (settings.kind === 'webhook' ? forward : []))
  return startLanes({ lanes: served, step, log })
}

/** One attempt to post an event, signed. */
export async function sendEvent(
  { url, secret, allowsPrivate }: WebhookForward,
  { uid, body }: Pick<ForwardEventRow, 'uid' | 'body'>,
  now: number,
): Promise<Outcome> {
  return post({ url, body, allowsPrivate, headers: { 'content-type': CLOUD_EVENT, ...webhookHeaders({ uid, now, body, secret }) } })
}

interface Begun {
  forward: ForwardRow
  settings: WebhookForward
  event: ForwardEventRow
}

/**
 * Brings the outbox up to now, takes its first event if that is due, and writes down that an attempt begins.
 * @returns `more`: nothing is due, and there is more to read
 */
function begin(parts: DeliverParts, name: string): Begun | 'more' | null {
  const { store, now } = parts
  const forward = store.forwards.find(name)
  if (forward === null || forward.settings.kind !== 'webhook' || forward.state !== 'running') return null
  if (forward.isShut) {
    store.forwards.stop(name, { ...shut, at: now() })
    return null
  }
  let isMore = true
  // After a long pause most of what is read may be of no interest: not all of it at once.
  for (let page = 0; page < MOST_PAGES && isMore; page += 1) isMore = enqueueEvents(parts, store.forwards.find(name)!)
  const head = store.forwardEvents.head(name)
  if (head === null) return isMore ? 'more' : null
  if (!isDue(head.nextAt, now())) return null
  const event: ForwardEventRow = { ...head, state: 'sending', attempts: head.attempts + 1, firstAt: head.firstAt ?? now() }
  store.forwardEvents.set(event)
  return { forward, settings: forward.settings, event }
}

const shut = { code: 'channel.secret', message: 'Its secret was sealed by a desktop whose key is not here. Give the secret again.' }

function end({ store, now, random }: DeliverParts, { forward, event }: Begun, outcome: Outcome): void {
  // Somebody removed the webhook, or dropped what waits, while the attempt was under way.
  if (store.forwardEvents.find(event.event) === null) return
  const at = now()
  if (outcome.ok) {
    // What went out is not kept: it may name people, and would be one more place to erase them from.
    store.forwardEvents.set({ ...event, state: 'delivered', nextAt: null, deliveredAt: at, problem: null, body: '' })
    store.forwards.noteSent(forward.forward, at)
    return
  }
  const name = forward.forward
  const current = store.forwards.find(name)
  if (current !== null && current.setAt !== forward.setAt) {
    // Settings that somebody has just mended say nothing about the ones of now.
    store.forwardEvents.set({ ...event, state: 'waiting', nextAt: null, problem: outcome.message })
    return
  }
  const before = current?.problem ?? null
  const { state, nextAt, problem, stops } = verdictOf(event, { outcome, before, at, random: random() })
  store.forwardEvents.set({ ...event, state, nextAt, problem: outcome.message })
  const next = state === 'failed' ? store.forwardEvents.head(name) : null
  if (next !== null && outcome.retryAfterMs !== undefined) store.forwardEvents.set({ ...next, nextAt: at + outcome.retryAfterMs })
  if (stops) store.forwards.stop(name, problem)
  else store.forwards.noteProblem(name, problem)
}

/** What a test sends: an event that tells nothing. */
export function testEvent(fleet: string, uid: string, now: number): Pick<ForwardEventRow, 'uid' | 'body'> {
  const event = {
    ...{ specversion: '1.0', id: uid, source: `/muster/${fleet}/test`, type: 'muster.test', time: new Date(now).toISOString() },
    ...{ datacontenttype: 'application/json', data: { title: 'Test event of Muster' } },
  }
  return { uid, body: JSON.stringify(event) }
}

/** The words for a webhook that cannot be tried. */
export const shutOutcome = refused(shut.code, shut.message)
