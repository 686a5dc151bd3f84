import { messageOf } from '../../../../shared/domain/problem.ts'
import type { Log } from '../../log.ts'
import type { ChannelRow } from '../../store/fleet/channels.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { NoticeRow } from '../../store/fleet/notices.ts'
import { nextAttempt } from './backoff.ts'
import { startLanes, type Lanes } from './lanes.ts'
import { composeMessage, type Message } from './message.ts'
import { noticeTitle } from './notice-title.ts'
import { refused, type Outcome } from './outcome.ts'
import { sendMessage, type Send } from './send.ts'

/**
 * INVARIANTS
 * 1. A notice is `sending` in the store before the first byte leaves; after a crash the attempt is made again under the same `uid`.
 * 2. A notice is sent by one attempt at a time, and those of a channel in the order in which they are due.
 * 3. What is sent is fixed at the first attempt.
 * 4. A channel that hangs delays no other channel.
 */
export type Delivery = Lanes

interface DeliveryParts {
  store: FleetStore
  fleet(): { id: string; name: string }
  now(): number
  log: Log
  /** Told after each attempt. */
  onChange(): void
  /** Draws the jitter; 0 to 1. */
  random(): number
  send?: Send
}

/** Delivers notices from the outbox. Being offline delays a notice, for up to a day. */
export function startDelivery(parts: DeliveryParts): Delivery {
  const { store, now, log } = parts
  const send = parts.send ?? sendMessage

  const attempt = async ({ row, message }: Begun): Promise<Outcome> =>
    row.isShut ? refused('channel.secret', shutWords) : send(row.settings, message, now())

  async function step(channel: string): Promise<boolean> {
    const begun = store.transact(() => begin(parts, channel))
    if (begun === null) return false
    const outcome = await attempt(begun).catch((error: unknown): Outcome => ({
      ok: false,
      code: 'internal',
      message: messageOf(error),
      isFinal: false,
    }))
    store.transact(() => end(parts, begun, outcome))
    if (!outcome.ok) log('warn', 'a notice was not delivered', { channel, code: outcome.code, reason: outcome.message })
    parts.onChange()
    return true
  }

  const served = (): string[] =>
    store.channels
      .all()
      .filter(({ settings }) => settings.kind !== 'desktop')
      .map(({ channel }) => channel)
  return startLanes({ lanes: served, step, log })
}

const shutWords = 'Its secret was sealed by a desktop whose key is not here. Set the channel again.'

interface Begun {
  notice: NoticeRow
  row: ChannelRow
  message: Message
}

/** Takes the next due notice of a channel and writes down that an attempt begins. */
function begin({ store, fleet, now }: DeliveryParts, channel: string): Begun | null {
  const row = store.channels.find(channel)
  const due = row === null ? null : store.notices.due(channel, now())
  if (row === null || due === null) return null
  if (!row.settings.isEnabled && due.kind !== 'test') {
    store.notices.dropOf(channel, now() + 1, 'The channel is off.')
    return null
  }
  const alerts = store.notices.alertsOf(due.notice).flatMap((alert) => store.alerts.find(alert) ?? [])
  const title = noticeTitle(store, due)
  const message = due.message === null ? composeMessage({ ...due, title }, alerts, fleet()) : (JSON.parse(due.message) as Message)
  const notice: NoticeRow = { ...due, title, state: 'sending', attempts: due.attempts + 1, message: JSON.stringify(message) }
  store.notices.set(notice)
  return { notice, row, message }
}

function end(parts: DeliveryParts, { notice, row }: Begun, outcome: Outcome): void {
  const { store, now, random } = parts
  // Somebody removed the channel, and its notices with it, while the attempt was under way.
  if (store.notices.find(notice.notice) === null) return
  const at = now()
  const { settings, channel } = row
  const note = (kind: 'told' | 'not-told', message: string): void => {
    for (const alert of store.notices.alertsOf(notice.notice)) {
      if (store.alerts.find(alert) !== null) store.alerts.addEvent(alert, { at, kind, by: settings.name, message })
    }
  }
  if (outcome.ok) {
    store.notices.set({ ...notice, state: 'delivered', nextAt: null, deliveredAt: at, problem: null })
    store.channels.noteDelivered(channel, at)
    note('told', `${settings.name} was told: ${notice.title}`)
    return
  }
  store.channels.noteProblem(channel, { code: outcome.code, message: outcome.message, at })
  const { attempts, createdAt } = notice
  const nextAt = outcome.isFinal
    ? null
    : nextAttempt({ attempts, createdAt, now: at, retryAfterMs: outcome.retryAfterMs, random: random() })
  store.notices.set({ ...notice, state: nextAt === null ? 'failed' : 'waiting', nextAt, problem: outcome.message })
  if (nextAt === null) note('not-told', `${settings.name} was not told: ${outcome.message}`)
  if (outcome.disables !== true) return
  store.channels.enable(channel, false)
}
