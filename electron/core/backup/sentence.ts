import { dueAt, isOverdue } from '../../../shared/domain/backup/schedule.ts'
import type { BackupsShown } from '../../../shared/rpc/contract/backups.ts'
import { duration } from '../devices/why.ts'
import type { BackupKeeper } from './keeper.ts'
import { isSameDisk } from './places.ts'

/** How the backups of a console stand. */
export interface BackupHealth {
  state: BackupsShown['state']
  sentence: string
}

const DAY_MS = 86_400_000

/** The state of the backups in one sentence; what is worst comes first. */
export function backupHealth(keeper: BackupKeeper, of: { dataDirectory: string; now: number }): BackupHealth {
  const { now, dataDirectory } = of
  const newest = keeper.list().find(({ fault }) => fault === null)
  const age = newest === undefined ? null : `The newest good backup is ${duration(Math.max(0, now - newest.manifest.madeAt))} old`
  const { failure, schedule, since } = keeper
  if (failure !== null)
    return {
      state: 'bad',
      sentence: `The last backup failed: ${failure.problem.message} ${age === null ? 'There is no good one.' : `${age}.`}`,
    }
  const bad = keeper.list()[0]
  if (bad?.fault != null)
    return { state: 'bad', sentence: `The newest backup is damaged: ${bad.fault} ${age === null ? 'There is no good one.' : `${age}.`}` }
  if (isOverdue(schedule, since, now))
    return { state: 'bad', sentence: age === null ? 'No backup was made since one was due.' : `${age}: it should have been made anew.` }
  if (!schedule.isOn)
    return { state: 'attention', sentence: `No backups are made by themselves. ${age === null ? 'There is none.' : `${age}.`}` }
  const next = `The next one is made in ${duration(Math.max(0, dueAt(schedule, since) - now))}.`
  if (age === null) return { state: 'attention', sentence: `There is no backup yet. ${next}` }
  if (!schedule.isSameDiskFine && isSameDisk(keeper.folder, dataDirectory))
    return { state: 'attention', sentence: `${age} and lies on the disk of the data: what breaks that disk takes both. ${next}` }
  return { state: 'good', sentence: `${age}. ${next}` }
}

/**
 * What the overview tells of it: nothing while all is well, and nothing on the first days of a fleet, in which there is little to lose.
 * @returns null: nobody is needed
 */
export function backupTrouble(keeper: BackupKeeper, of: { dataDirectory: string; now: number; devices: number }): BackupHealth | null {
  const health = backupHealth(keeper, of)
  if (health.state === 'bad') return health
  const isOld = of.now - keeper.firstAt > 2 * DAY_MS
  return health.state === 'attention' && keeper.schedule.isOn && isOld && of.devices > 0 ? health : null
}
