import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, reportOf } from '../../../../shared/domain/problem.ts'
import { replaceFile, syncDirectory } from '../../../../shared/store/durable-file.ts'
import type { Log } from '../../log.ts'
import { readBackup } from '../places.ts'
import { trustedKeysOf } from '../trusted-keys.ts'
import { restoreBackup } from './restore.ts'

const FILE = 'restore.request.json'

/** A restore that was asked for while the console ran. It is made at the next start, before a store is opened. */
const planned = z.object({
  directory: z.string().max(2048),
  backup: z.string().max(64),
  scope: z.enum(['everything', 'fleet', 'telemetry']),
  at: z.int(),
  actor: z.string().max(200),
  /** Why it could not be made; it is not tried again. */
  problem: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
})
export type PlannedRestore = z.infer<typeof planned>

/** Writes a plan down, or takes it back. */
export function planRestore(dataDirectory: string, plan: PlannedRestore | null): void {
  if (plan !== null) return replaceFile(fs, { directory: dataDirectory, name: FILE }, Buffer.from(JSON.stringify(plan)))
  fs.rmSync(join(dataDirectory, FILE), { force: true })
  // A power cut must not bring it back: it would be made once more.
  syncDirectory(fs, dataDirectory)
}

/** The plan of a data directory; null: there is none. */
export function readPlan(dataDirectory: string): PlannedRestore | null {
  try {
    return planned.parse(JSON.parse(fs.readFileSync(join(dataDirectory, FILE), 'utf8')))
  } catch {
    return null
  }
}

/** Makes the planned restore, if there is one. A plan that cannot be carried out changes nothing, and says why. The caller holds the directory. */
export function carryOutPlan(dataDirectory: string, { now, log }: { now: number; log: Log }): void {
  const plan = readPlan(dataDirectory)
  if (plan === null || plan.problem !== null) return
  try {
    const backup = readBackup(plan.directory, trustedKeysOf(dataDirectory))
    const { actor, scope } = plan
    const report = restoreBackup({ backup, dataDirectory, scope, actor, now, passphrase: null, acceptedKey: null })
    planRestore(dataDirectory, null)
    log('info', 'a backup was restored', { backup: report.backup, aside: report.aside ?? '' })
  } catch (error) {
    log('error', 'the planned restore could not be made; the data are as they were', { reason: messageOf(error) })
    noteFailure(dataDirectory, { ...plan, problem: reportOf(error) }, log)
  }
}

/** A disk that has no space for the restore may have none for this word either. The console starts all the same, and the next start tries again. */
function noteFailure(dataDirectory: string, plan: PlannedRestore, log: Log): void {
  try {
    planRestore(dataDirectory, plan)
  } catch (error) {
    log('error', 'why the planned restore was not made could not be noted', { reason: messageOf(error) })
  }
}
