import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../../../shared/store/durable-file.ts'

/** Name of the list of people who were erased. It lies beside the stores and beside the backups, because a restore brings both back to before. */
export const ERASED_FILE = 'erased.json'

const entry = z.looseObject({ subject: z.string().regex(/^[0-9a-f]{32}$/), at: z.int().nonnegative(), reason: z.string(), by: z.string() })
const content = z.looseObject({ v: z.literal(1), salt: z.string().min(1).max(64), erased: z.array(entry) })
export type ErasedList = z.infer<typeof content>

/** Reads a list; null: there is none, or it cannot be read. */
export function readErased(directory: string): ErasedList | null {
  try {
    return content.parse(JSON.parse(fs.readFileSync(join(directory, ERASED_FILE), 'utf8')))
  } catch {
    return null
  }
}

/** Writes a list durably, for its owner alone. */
export function writeErased(directory: string, list: ErasedList): void {
  replaceFile(fs, { directory, name: ERASED_FILE }, Buffer.from(`${JSON.stringify(list)}\n`))
}
