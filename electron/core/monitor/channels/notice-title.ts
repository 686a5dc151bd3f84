import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { NoticeRow } from '../../store/fleet/notices.ts'
import { titleOf } from './message.ts'

/** The title of a notice: until its first attempt that of all alerts which were collected, then the one that was sent. */
export function noticeTitle(store: FleetStore, { notice, kind, title, message }: NoticeRow): string {
  if (message !== null || kind === 'test') return title
  const { alerts, first } = store.notices.sizeOf(notice)
  const row = first === null ? null : store.alerts.find(first)
  return row === null ? title : titleOf(kind, row, alerts)
}
