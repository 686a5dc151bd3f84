import { Problem } from '../../../../shared/domain/problem.ts'
import { listBackups, type FoundBackup } from '../places.ts'
import { folderOf } from '../pointer.ts'
import { damagedStores } from '../restore/damage.ts'
import type { StoreName } from '../snapshot.ts'
import { trustedKeysOf } from '../trusted-keys.ts'

/** What can be done about a store that cannot be opened. */
export interface Advice {
  damaged: StoreName[]
  folder: string
  /** Good backups, the newest first. */
  backups: FoundBackup[]
  /** Telemetry alone is damaged: it may be begun anew, the fleet keeps all else. */
  mayBeginTelemetry: boolean
}

/** Codes that a restore is the answer to. A full, read-only or busy disk is none: there the data are whole. */
const recoverable = ['store.corrupt', 'store.missing'] as const

/** True if a restore, and nothing less, helps. */
export function isRecoverable(problem: Problem): boolean {
  return recoverable.some((code) => code === problem.code)
}

/** Looks at the data directory and at its backups. Nothing is changed. */
export function adviceFor(dataDirectory: string): Advice {
  const damaged = damagedStores(dataDirectory)
  const folder = folderOf(dataDirectory)
  const backups = listBackups(folder, trustedKeysOf(dataDirectory)).filter(({ fault, signer }) => fault === null && signer.isOurs)
  return { damaged, folder, backups, mayBeginTelemetry: damaged.length === 1 && damaged[0] === 'telemetry.db' }
}

/** The same for a terminal: what happened to the data, and what to run. */
export function adviceLines({ damaged, folder, backups, mayBeginTelemetry }: Advice, dataDirectory: string): string[] {
  const newest = backups[0]
  const at = `muster --data ${dataDirectory} backup`
  return [
    `Damaged or missing: ${damaged.length === 0 ? 'nothing that can be named' : damaged.join(', ')}. Nothing was changed or deleted.`,
    ...(newest === undefined
      ? [`There is no good backup in ${folder}. If you have one elsewhere: ${at} restore PATH --only damaged`]
      : [
          `The newest good backup is of ${new Date(newest.manifest.madeAt).toISOString()}. To put it in the place of what is damaged, run:`,
          `  ${at} restore latest --only damaged`,
        ]),
    ...(mayBeginTelemetry ? ['Or begin telemetry anew; devices, models and orders stay as they are:', `  ${at} begin-telemetry`] : []),
    ...(backups.length > 1 ? [`All backups: ${at} list`] : []),
  ]
}

/** The same for a window, in the hint of the problem; what no restore helps with is returned as it is. */
export function withAdvice(error: unknown, dataDirectory: string): unknown {
  if (!(error instanceof Problem) || !isRecoverable(error)) return error
  const hint = `Quit Muster. ${adviceLines(adviceFor(dataDirectory), dataDirectory)
    .map((line) => line.trim())
    .join(' ')}`
  return new Problem(error.code, error.message, { hint, cause: error })
}
