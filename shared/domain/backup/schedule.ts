import { z } from 'zod'

/** How many backups of a schedule are kept: one a day, a week and a month, the newest of each. */
export const keptBackups = z.strictObject({
  daily: z.int().min(1).max(366),
  weekly: z.int().min(0).max(520),
  monthly: z.int().min(0).max(600),
})
export type KeptBackups = z.infer<typeof keptBackups>

/** When backups are made by themselves, where they lie, and what is in them. */
export const backupSchedule = z.strictObject({
  isOn: z.boolean().describe('false: only a person makes backups.'),
  at: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 03:00')
    .describe('Time of the day at the console.'),
  keep: keptBackups,
  folder: z.string().min(1).max(1024).nullable().describe('null: the folder `backups` in the data directory.'),
  isSameDiskFine: z.boolean().describe('Somebody has said that backups may lie on the disk of the data only.'),
})
export type BackupSchedule = z.infer<typeof backupSchedule>

/** Each night, at an hour at which few work, into the data directory: better than none, and the console says that it is the same disk. */
export const usualSchedule: BackupSchedule = {
  isOn: true,
  at: '03:00',
  keep: { daily: 7, weekly: 4, monthly: 6 },
  folder: null,
  isSameDiskFine: false,
}

const DAY_MS = 86_400_000

/**
 * When the next backup is due: the first time of day of the schedule after the newest good backup. A moment in the past means now: a console
 * that slept at that hour makes it when it wakes.
 * @param after the newest good backup, or when the console first ran
 */
export function dueAt(schedule: Pick<BackupSchedule, 'at'>, after: number): number {
  const [hours = 0, minutes = 0] = schedule.at.split(':').map(Number)
  const due = new Date(after)
  due.setHours(hours, minutes, 0, 0)
  while (due.getTime() <= after) due.setDate(due.getDate() + 1)
  return due.getTime()
}

/** True if the newest good backup is older than the schedule allows: a whole day passed since it was due. */
export function isOverdue(schedule: Pick<BackupSchedule, 'at' | 'isOn'>, after: number, now: number): boolean {
  return schedule.isOn && now - dueAt(schedule, after) > DAY_MS
}
