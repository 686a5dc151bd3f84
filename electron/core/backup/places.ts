import * as fs from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { Problem } from '../../../shared/domain/problem.ts'
import { replaceFile } from '../../../shared/store/durable-file.ts'
import { MANIFEST, readManifest, type BackupManifest, type Signer } from './manifest.ts'

/** Artifacts of all backups of a folder, by hash: each lies there once. */
export const POOL = 'artifacts'
/** Last word on a backup that was checked again. */
const VERIFIED = 'verified.json'

/** A backup that lies in a folder. */
export interface FoundBackup {
  name: string
  directory: string
  manifest: BackupManifest
  signer: Signer
  /** When its content was last compared with its manifest. It was when it was made. */
  verifiedAt: number
  /** What was wrong then; null: it was good. */
  fault: string | null
}

const namePattern = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z(-\d+)?$/
const verified = z.looseObject({ at: z.int().nonnegative(), fault: z.string().max(2000).nullable() })

/** The name of a backup that is begun now, that no other in the folder has. */
export function newBackupName(folder: string, now: number): string {
  const stamp = `${new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')}Z`
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? stamp : `${stamp}-${n}`
    if (!fs.existsSync(join(folder, name)) && !fs.existsSync(join(folder, partialOf(name)))) return name
  }
}

/** What a backup is called while it is made: a folder of this name is never taken for one. */
export function partialOf(name: string): string {
  return `${name}.partial`
}

/** The folder of backups where nobody has chosen another. */
export function usualFolder(dataDirectory: string): string {
  return join(dataDirectory, 'backups')
}

/** Backups of a folder, the newest first. What is no backup, or cannot be read, is passed over. @param trusted keys of this fleet */
export function listBackups(folder: string, trusted: readonly string[]): FoundBackup[] {
  let names: string[]
  try {
    names = fs.readdirSync(folder).filter((name) => namePattern.test(name))
  } catch {
    return []
  }
  const found = names.flatMap((name) => {
    try {
      return [readBackup(join(folder, name), trusted)]
    } catch {
      return []
    }
  })
  return found.sort((a, b) => b.manifest.madeAt - a.manifest.madeAt || b.name.localeCompare(a.name))
}

/** A folder as an erasure finds it: nothing in it is passed over in silence. */
export interface FolderContent {
  backups: FoundBackup[]
  /** Folders with the name of a backup whose manifest cannot be read. */
  unreadable: string[]
}

/** Everything in a folder that is a backup, or was one. @returns null: the folder cannot be read, as that of a disk that is not there */
export function lookThrough(folder: string, trusted: readonly string[]): FolderContent | null {
  let names: string[]
  try {
    names = fs.readdirSync(folder).filter((name) => namePattern.test(name))
  } catch {
    return null
  }
  const content: FolderContent = { backups: [], unreadable: [] }
  for (const name of names.sort()) {
    try {
      content.backups.push(readBackup(join(folder, name), trusted))
    } catch {
      content.unreadable.push(join(folder, name))
    }
  }
  return content
}

/** One backup. @throws Problem `backup.not-found`, `backup.damaged` */
export function readBackup(directory: string, trusted: readonly string[]): FoundBackup {
  const { manifest, signer } = readManifest(directory, trusted)
  const last = readVerified(directory)
  return {
    ...{ name: relative(dirname(directory), directory), directory, manifest, signer },
    ...{ verifiedAt: last?.at ?? manifest.madeAt, fault: last?.fault ?? null },
  }
}

/**
 * The backup that a person names: `latest` (the newest good one), a name in the folder, or a path.
 * @throws Problem `backup.not-found`, `backup.damaged`
 */
export function chooseBackup(named: string, folder: string, trusted: readonly string[]): FoundBackup {
  if (named === 'latest') {
    const newest = listBackups(folder, trusted).find(({ fault }) => fault === null)
    if (newest === undefined) throw new Problem('backup.not-found', `There is no good backup in ${folder}.`)
    return newest
  }
  if (namePattern.test(named)) return readBackup(join(folder, named), trusted)
  if (!isAbsolute(named) && !named.includes('/') && !named.includes('\\') && !fs.existsSync(named))
    throw new Problem('backup.not-found', `There is no backup '${named}' in ${folder}.`)
  return readBackup(resolve(named.endsWith(MANIFEST) ? dirname(named) : named), trusted)
}

/** Notes what a check of a backup came to. */
export function noteVerified(directory: string, word: { at: number; fault: string | null }): void {
  replaceFile(fs, { directory, name: VERIFIED }, Buffer.from(`${JSON.stringify(word)}\n`))
}

function readVerified(directory: string): z.infer<typeof verified> | null {
  try {
    return verified.parse(JSON.parse(fs.readFileSync(join(directory, VERIFIED), 'utf8')))
  } catch {
    return null
  }
}

/** True if both lie on one file system: what breaks the one breaks the other. The nearest folder that exists counts. */
export function isSameDisk(a: string, b: string): boolean {
  const device = (path: string): number | null => {
    for (let at = resolve(path); ; at = dirname(at)) {
      const stat = fs.statSync(at, { throwIfNoEntry: false })
      if (stat !== undefined) return stat.dev
      if (dirname(at) === at) return null
    }
  }
  return device(a) === device(b)
}

/** Bytes that are free where a path lies or will lie; null where the system does not say. */
export function freeBytesAt(path: string): number | null {
  for (let at = resolve(path); ; at = dirname(at)) {
    try {
      const { bavail, bsize } = fs.statfsSync(at)
      return bavail * bsize
    } catch {
      if (dirname(at) === at) return null
    }
  }
}
