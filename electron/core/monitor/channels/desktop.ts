import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import { composeMessage, cut, linesOf } from './message.ts'
import { noticeTitle } from './notice-title.ts'

/** A notice that no desktop took by then is no news any more: the page of alerts has it. */
const STALE_MS = 12 * 3_600_000

/** Gives the notices that are due to whoever asks first: each of them once. Call it in a transaction. */
export function takeDesktopNotices(
  store: FleetStore,
  { limit, now, fleetName }: { limit: number; now: number; fleetName: string },
): ResultOf<'alerts.takeDesktopNotices'>['notices'] {
  const taken: ResultOf<'alerts.takeDesktopNotices'>['notices'] = []
  for (const { channel, settings } of store.channels.all()) {
    if (settings.kind !== 'desktop') continue
    store.notices.dropOf(channel, now - STALE_MS, 'No desktop or browser was open to show it.')
    if (!settings.isEnabled) store.notices.dropOf(channel, now + 1, 'The channel is off.')
    while (taken.length < limit) {
      const due = store.notices.due(channel, now)
      if (due === null) break
      const notice = { ...due, title: noticeTitle(store, due) }
      const alerts = store.notices.alertsOf(notice.notice).flatMap((alert) => store.alerts.find(alert) ?? [])
      const message = composeMessage(notice, alerts, { id: '', name: fleetName })
      store.notices.set({
        ...{ ...notice, state: 'delivered', attempts: 1, nextAt: null, deliveredAt: now, problem: null },
        message: JSON.stringify(message),
      })
      store.channels.noteDelivered(channel, now)
      for (const { alert } of alerts)
        store.alerts.addEvent(alert, { at: now, kind: 'told', by: settings.name, message: `${settings.name} showed: ${notice.title}` })
      taken.push({
        ...{
          notice: notice.notice,
          title: cut(message.title, 120),
          body: cut(linesOf(message).join('\n'), 500),
          severity: message.severity,
        },
        path: alerts.length === 1 ? `/alerts/${alerts[0]!.alert}` : '/alerts',
      })
    }
  }
  return taken
}
