import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../../../shared/store/durable-file.ts'
import { usualFolder } from './places.ts'

const FILE = 'backups.json'

/** What must be known of the backups when fleet.db cannot be opened: it lies beside the stores. */
const pointer = z.looseObject({
  folder: z.string().min(1).max(1024),
  keys: z
    .array(z.string().max(64))
    .max(100)
    .default([])
    .describe('Public keys that signed backups of this console, also before a rotation.'),
  folders: z
    .array(z.looseObject({ folder: z.string().min(1).max(1024), hasBackups: z.boolean() }))
    .max(100)
    .default([])
    .describe('Folders that backups were ever made in, and whether some should lie there.'),
})
export type BackupPointer = z.infer<typeof pointer>

/** A folder of backups, past or present. */
export type NotedFolder = BackupPointer['folders'][number]

/** Writes it, where it is another than before. @param noted what is known of folders now */
export function writePointer(
  dataDirectory: string,
  { folder, keys, noted = [] }: { folder: string; keys: readonly string[]; noted?: readonly NotedFolder[] },
): void {
  const before = readPointer(dataDirectory)
  const all = [...new Set([...(before?.keys ?? []), ...keys])]
  const kept = new Map((before?.folders ?? []).map((one) => [one.folder, one.hasBackups]))
  for (const one of noted) kept.set(one.folder, one.hasBackups)
  const folders = [...kept].map(([path, hasBackups]) => ({ folder: path, hasBackups }))
  const next = { folder, keys: all, folders }
  if (before !== null && JSON.stringify({ folder: before.folder, keys: before.keys, folders: before.folders }) === JSON.stringify(next))
    return
  replaceFile(fs, { directory: dataDirectory, name: FILE }, Buffer.from(`${JSON.stringify(next)}\n`))
}

/** Forgets a folder that is gone for good. @returns false: it was not known */
export function forgetFolder(dataDirectory: string, folder: string): boolean {
  const before = readPointer(dataDirectory)
  if (before === null || !before.folders.some((one) => one.folder === folder)) return false
  const next = { ...before, folders: before.folders.filter((one) => one.folder !== folder) }
  replaceFile(fs, { directory: dataDirectory, name: FILE }, Buffer.from(`${JSON.stringify(next)}\n`))
  return true
}

/** Reads it; null: there is none. */
export function readPointer(dataDirectory: string): BackupPointer | null {
  try {
    return pointer.parse(JSON.parse(fs.readFileSync(join(dataDirectory, FILE), 'utf8')))
  } catch {
    return null
  }
}

/** The folder of the backups of a data directory. */
export function folderOf(dataDirectory: string): string {
  return readPointer(dataDirectory)?.folder ?? usualFolder(dataDirectory)
}
