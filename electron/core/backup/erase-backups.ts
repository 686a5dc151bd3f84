import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { ErasedSubjects } from '../privacy/erase-rows.ts'
import type { Keyring } from '../trust/keys.ts'
import { lookThrough, noteVerified, type FoundBackup } from './places.ts'
import type { NotedFolder } from './pointer.ts'
import { planRestore, readPlan } from './restore/planned.ts'
import { rewriteBackup } from './rewrite.ts'

export interface EraseParts {
  dataDirectory: string
  /** The folder of the backups, and those that it was before. */
  folders: readonly (NotedFolder & { isChosen: boolean })[]
  trusted: readonly string[]
  fleet: string
  erased: ErasedSubjects
  keyring: Keyring
  now(): number
  signal: AbortSignal
}

/** What became of people in backups. */
export interface ErasedBackups {
  /** Backups that were written anew. */
  count: number
  /** What could not be looked through, the first of it; null: everything was. */
  left: Problem | null
}

/** Takes people out of every backup. What cannot be looked through is named, and the rest is done all the same. @throws Problem `cancelled`, `store.*` */
export async function eraseBackups(parts: EraseParts): Promise<ErasedBackups> {
  const done: ErasedBackups = { count: 0, left: null }
  for (const one of parts.folders) {
    const content = lookThrough(one.folder, parts.trusted)
    if (content === null || content.backups.length + content.unreadable.length === 0) {
      if (one.hasBackups || (one.isChosen && content === null)) done.left ??= away(one.folder)
      continue
    }
    for (const directory of content.unreadable)
      done.left ??= new Problem(
        'backup.damaged',
        `Nobody can be taken out of ${directory}: its manifest cannot be read. Remove that folder.`,
      )
    for (const backup of content.backups) await eraseOne(parts, { backup, folder: one.folder, done })
  }
  return done
}

async function eraseOne(parts: EraseParts, of: { backup: FoundBackup; folder: string; done: ErasedBackups }): Promise<void> {
  const { backup, folder, done } = of
  // One of another fleet is about people of another fleet.
  if (backup.manifest.fleet !== parts.fleet) return
  if (!backup.signer.isOurs) {
    done.left ??= stuck(backup.directory, `it was signed by the key ${backup.signer.keyId}, which this console does not have.`)
    return
  }
  const { dataDirectory, erased, keyring, signal, now } = parts
  try {
    const onWritten = (next: { name: string; directory: string }): void => movePlan(dataDirectory, backup.directory, next)
    if ((await rewriteBackup(backup, { folder, erased, keyring, signal, onWritten })) > 0) done.count += 1
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'backup.damaged') throw error
    noteVerified(backup.directory, { at: now(), fault: messageOf(error) })
    done.left ??= stuck(backup.directory, error.message)
  }
}

/** A restore that is planned is made of the backup as it is now. */
function movePlan(dataDirectory: string, directory: string, next: { name: string; directory: string }): void {
  const plan = readPlan(dataDirectory)
  if (plan?.directory === directory && plan.problem === null)
    planRestore(dataDirectory, { ...plan, directory: next.directory, backup: next.name })
}

function away(folder: string): Problem {
  return new Problem(
    'backup.folder',
    `The backups in ${folder} cannot be looked through: they are not there. Plug in the disk. If they are gone for good, choose another folder, and then: muster backup schedule --forget ${folder}`,
  )
}

function stuck(directory: string, why: string): Problem {
  return new Problem(
    'backup.damaged',
    `Nobody can be taken out of the backup ${directory}: ${why} Remove it: muster backup remove ${directory}`,
  )
}
