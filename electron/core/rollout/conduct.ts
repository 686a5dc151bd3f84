import { messageOf } from '../../../shared/domain/problem.ts'
import { settleOrders } from '../api/settle-orders.ts'
import { consequencesOf } from './consequences.ts'
import { engineActor, openDraft } from './engine/draft.ts'
import type { Decision, NewEvent } from './engine/facts.ts'
import type { Live } from './engine/live.ts'
import { takeBack } from './engine/take-back.ts'
import type { FactsReader } from './facts-reader.ts'
import { placeOffers, placeReverts, type OrderedDevices } from './place-orders.ts'
import type { RolloutParts } from './rollout-parts.ts'
import type { RunBook } from './run-book.ts'

/**
 * Does what the engine decided: events, orders with their signed assignments, penalties, the halt list and the alias are one transaction. What cannot be
 * written leaves nothing; the rollout is then read again from its log.
 * @returns devices that got an order
 */
export function conduct(parts: RolloutParts & { runs: RunBook }, live: Live, of: { decision: Decision; at: number }): string[] {
  const { decision, at } = of
  const { id } = live.run
  const ordered = parts.store.transact(() => write(parts, live, { decision, at }))
  parts.runs.settle(id)
  if (ordered.length > 0) settleOrders(parts, ordered)
  // Penalties, halts and orders are in the outbox, or seen by views that ask again.
  parts.onOutbox()
  parts.changed('rollouts')
  return ordered
}

/** What the engine decided, within a transaction. @returns devices that got an order */
function write(parts: RolloutParts & { runs: RunBook }, live: Live, { decision, at }: { decision: Decision; at: number }): string[] {
  const offered = placeOffers(parts, live.run, { offers: decision.offers, at })
  const reverted = placeReverts(parts, live.run, { devices: decision.reverts, at })
  const events = parts.runs.record(
    live,
    decision.events.map((event) => withOrder(event, { offered, reverted })),
    at,
  )
  consequencesOf(parts, live, events)
  return [...offered.keys(), ...reverted.keys()]
}

/**
 * The orders that a person's stop or revert means, in the transaction of that act: a halt that is lifted with it lets no device begin to use the version.
 * @returns devices that got an order; null: what is known could not be read, and the next look does it
 */
export function takeBackAtOnce(parts: RolloutParts & { runs: RunBook; facts: FactsReader }, live: Live, at: number): string[] | null {
  let decision: Decision
  try {
    const draft = openDraft(live, { now: at, actor: engineActor })
    takeBack(draft, parts.facts.read(live, { now: at, changed: null }))
    decision = draft.done()
  } catch (error) {
    parts.log('error', 'what a rollout takes back could not be read; the next look does it', {
      rollout: live.run.id,
      reason: messageOf(error),
    })
    return null
  }
  return write(parts, live, { decision, at })
}

/** The number of its order becomes part of an event when it is written. */
function withOrder(event: NewEvent, of: { offered: OrderedDevices; reverted: OrderedDevices }): NewEvent {
  if (event.device === null) return event
  const from = event.kind === 'offer' || event.kind === 'activate' ? of.offered : event.kind === 'revert' ? of.reverted : null
  const order = from?.get(event.device)
  return order === undefined ? event : { ...event, detail: { ...event.detail, ...order } }
}
