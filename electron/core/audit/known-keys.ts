import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../../../shared/store/durable-file.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

const NAME = 'checkpoint-keys.json'
const file = z.object({ keys: z.array(z.string().max(64)).max(10_000) })

/** Keys that signed checkpoints of this log, raw, base64. */
export interface KnownKeys {
  all(): string[]
  /** Adds what is not known yet. @throws SystemError if it cannot be written */
  add(keys: readonly string[]): void
}

/**
 * Opens the list of keys that ever signed checkpoints. It stands beside the keys: whoever may only write the database could put an own key there
 * and sign a whole log anew. Where the file is not there, as after a restore without keys, the list of the store counts, and is kept from then on.
 */
export function openKnownKeys(directory: string, { settings }: Pick<FleetStore, 'settings'>): KnownKeys {
  const path = join(directory, NAME)
  const read = (): string[] | null => {
    if (!fs.existsSync(path)) return null
    const parsed = file.safeParse(jsonOrNull(fs.readFileSync(path, 'utf8')))
    // A damaged list names no key: what they signed is told as not signed, and a person looks.
    return parsed.success ? parsed.data.keys : []
  }
  const all = (): string[] => read() ?? settings.get('auditKeys') ?? []
  return {
    all,
    add(keys) {
      const known = read()
      const wanted = [...new Set([...all(), ...keys])]
      if (known?.length !== wanted.length)
        replaceFile(fs, { directory, name: NAME, mode: 0o600 }, Buffer.from(JSON.stringify({ keys: wanted })))
      if (settings.get('auditKeys')?.length !== wanted.length) settings.set('auditKeys', wanted)
    },
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
