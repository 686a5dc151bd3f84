import type { WriteDb } from '../open.ts'
import type { Within } from './report-rows.ts'

/** A time in which a device that was removed since belonged to the fleet. */
export interface FormerDevice {
  device: string
  enrolledAt: number
  leftAt: number
}

export type FormerDevices = ReturnType<typeof openFormerDevices>

/** Devices that have left the fleet; one that came again stands here once for each time. */
export function openFormerDevices(db: WriteDb) {
  const note = db.prepare('INSERT OR REPLACE INTO former_device (device, enrolled_at, left_at) VALUES (@device, @enrolledAt, @leftAt)')
  const within = db.prepare<Within, FormerDevice>(
    `SELECT device, enrolled_at AS enrolledAt, left_at AS leftAt FROM former_device
    WHERE enrolled_at < @through AND left_at > @from ORDER BY device, enrolled_at`,
  )
  return {
    /** Notes that a device leaves, in the transaction that removes it. */
    note: (device: FormerDevice): void => void note.run(device),
    /** Those that belonged to the fleet in some part of a period. */
    within: ({ from, through }: Within): FormerDevice[] => within.all({ from, through }),
  }
}
