import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, reportOf } from '../../../../shared/domain/problem.ts'
import { replaceFile } from '../../../../shared/store/durable-file.ts'
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
  if (plan === null) fs.rmSync(join(dataDirectory, FILE), { force: true })
  else replaceFile(fs, { directory: dataDirectory, name: FILE }, Buffer.from(JSON.stringify(plan)))
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
    planRestore(dataDirectory, { ...plan, problem: reportOf(error) })
  }
}
