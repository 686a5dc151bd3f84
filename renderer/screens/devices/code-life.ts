import type { DeviceTableRow } from '../../../shared/rpc/contract/device-views.ts'
import type { HistoryEntry } from '../../../shared/rpc/contract/devices.ts'

/** A one-time code, with what it was made for. */
export interface MadeCode {
  madeAt: number
  /** The id that it is bound to, or `null`: the device chooses one. */
  device: string | null
  labels: Readonly<Record<string, string>>
}

/** What is left of a code's life as `9:05`; `null` when it is over. */
export function timeLeft(expiresAt: number, now: number): string | null {
  const seconds = Math.ceil((expiresAt - now) / 1000)
  if (seconds <= 0) return null
  const minutes = Math.floor(seconds / 60)
  const rest = String(seconds % 60).padStart(2, '0')
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`
}

/**
 * The device that joined with a code that is bound to no id: the first that was enrolled after it was made and carries its labels.
 * @param rows devices, the newest enrolment first
 */
export function joinedDevice(rows: readonly DeviceTableRow[], { madeAt, labels }: MadeCode): string | null {
  const fitting = rows.filter(
    (row) => row.enrolledAt >= madeAt && Object.entries(labels).every(([key, value]) => row.labels[key] === value),
  )
  return fitting.at(-1)?.device ?? null
}

/** True if a device was enrolled after a code was made, also if it was known before. @param entries its timeline, the newest first */
export function hasJoined(entries: readonly HistoryEntry[], { madeAt }: MadeCode): boolean {
  return entries.some(({ kind, at }) => kind === 'enrolment' && at >= madeAt)
}
