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
})
export type BackupPointer = z.infer<typeof pointer>

/** Writes it, where it is another than before. */
export function writePointer(dataDirectory: string, { folder, keys }: { folder: string; keys: readonly string[] }): void {
  const before = readPointer(dataDirectory)
  if (before !== null && before.folder === folder && keys.every((key) => before.keys.includes(key))) return
  const all = [...new Set([...(before?.keys ?? []), ...keys])]
  replaceFile(fs, { directory: dataDirectory, name: FILE }, Buffer.from(`${JSON.stringify({ folder, keys: all })}\n`))
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
