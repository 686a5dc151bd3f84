import { randomUUID } from 'node:crypto'
import type { AlertRule } from '../../../../shared/domain/alert.ts'
import type { AlertRow } from '../../store/fleet/alerts.ts'
import type { ChannelRow } from '../../store/fleet/channels.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { NoticeKind } from '../../store/fleet/notices.ts'
import { isAtLeast, titleOf } from '../channels/message.ts'
import { silencer } from './silencing.ts'

/** A group that was told is not told of more devices sooner. */
const GROUP_INTERVAL_MS = 5 * 60_000

/** When something is told, and how long more of its group is waited for. */
export interface TellTime {
  now: number
  groupWaitMs: number
}

/**
 * Brings silences to the open alerts, and puts what fires and was not told yet into the outbox of its channels. An alert that is silenced or
 * acknowledged waits; when its silence ends while it still fires, it is told then. Call it in a transaction.
 * @returns true if anything changed
 */
export function tellFiring(store: FleetStore, rules: readonly AlertRule[], time: TellTime): boolean {
  const { now } = time
  const quietBy = silencer(store, store.silences.after(now), now)
  const channels = store.channels.all()
  let hasChanged = false
  for (const alert of store.alerts.open()) {
    const silence = quietBy(alert)
    const silencedUntil = silence?.until ?? null
    const isTold = alert.state === 'firing' && alert.toldAt === null && silence === null && alert.acknowledged === null
    if (silencedUntil === alert.silencedUntil && !isTold) continue
    hasChanged = true
    if ((silencedUntil === null) !== (alert.silencedUntil === null)) {
      const kind = silence === null ? 'unsilenced' : 'silenced'
      const message =
        silence === null ? 'The silence is over.' : `Silenced until ${new Date(silence.until).toISOString()}: ${silence.reason}`
      store.alerts.addEvent(alert.alert, { at: now, kind, by: silence?.by ?? 'Muster', message })
    }
    store.alerts.set({ ...alert, silencedUntil, toldAt: isTold ? now : alert.toldAt })
    if (isTold) for (const channel of channelsFor(alert, rules, channels)) enqueue(store, { alert, channel, kind: 'firing' }, time)
  }
  return hasChanged
}

/** Channels that are told of an alert. */
function channelsFor(alert: AlertRow, rules: readonly AlertRule[], channels: readonly ChannelRow[]): ChannelRow[] {
  const chosen = rules.find(({ rule }) => rule === alert.rule)?.channels ?? null
  return channels.filter(
    ({ channel, settings }) =>
      settings.isEnabled && isAtLeast(alert.severity, settings.leastSeverity) && (chosen === null || chosen.includes(channel)),
  )
}

/**
 * Says that an alert is over: where it was told, it is told; where it was about to be told, nobody need hear of it any more. Somebody who
 * acknowledged it knows, and a silence covers its end. Call it in the transaction that resolves it.
 */
export function tellResolved(store: FleetStore, alert: AlertRow, time: TellTime): void {
  for (const notice of store.notices.untold(alert.alert)) {
    store.notices.takeAlert(notice.notice, alert.alert)
    const first = store.notices.firstOf(notice.notice)
    if (first !== null) store.notices.set({ ...notice, alert: first })
    else store.notices.set({ ...notice, state: 'dropped', nextAt: null, problem: 'It was over before it was told.' })
  }
  if (alert.acknowledged !== null || (alert.silencedUntil !== null && alert.silencedUntil > time.now)) return
  for (const name of store.notices.toldIn(alert.alert)) {
    const channel = store.channels.find(name)
    if (channel !== null && channel.settings.isEnabled && channel.settings.tellsResolved)
      enqueue(store, { alert, channel, kind: 'resolved' }, time)
  }
}

function enqueue(store: FleetStore, of: { alert: AlertRow; channel: ChannelRow; kind: NoticeKind }, { now, groupWaitMs }: TellTime): void {
  const { alert, kind } = of
  const { channel } = of.channel
  const { notices } = store
  const collecting = notices.collecting(channel, alert.group, kind)
  if (collecting !== null) {
    notices.addAlert(collecting.notice, alert.alert)
    return
  }
  const last = kind === 'firing' ? notices.lastOf(channel, alert.group) : null
  const nextAt = Math.max(now + groupWaitMs, last === null ? 0 : Math.min(last, now) + GROUP_INTERVAL_MS)
  notices.add({
    ...{ uid: randomUUID(), channel, kind, group: alert.group, alert: alert.alert, title: titleOf(kind, alert), createdAt: now, nextAt },
  })
}
