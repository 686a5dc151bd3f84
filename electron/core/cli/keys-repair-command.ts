import Database from 'better-sqlite3'
import { join } from 'node:path'
import type { Command } from 'commander'
import { actorOf } from '../../../shared/domain/actor.ts'
import { lockDirectory } from '../../../shared/store/directory-lock.ts'
import { accountName } from '../account-name.ts'
import { prepareStores } from '../backup/restore/prepare-stores.ts'
import { openFleetStore } from '../store/fleet/fleet-store.ts'
import { openFleet } from '../store/fleet/open.ts'
import { repairKeys, type Repaired } from '../trust/keys/repair.ts'
import { openSecretBox } from '../trust/secret-box.ts'
import { consoleKey } from './console-command.ts'
import { printJson, printLine } from './output.ts'
import { flagsOf } from './program.ts'

/** A root key that a person names, with what opens it. */
type RootKey = { path: string; passphrase: string }

/** `muster keys repair`: for a console that does not start, as keys of it are gone. It works on the data directory itself. */
export async function repair(command: Command, flags: { rootKeys: RootKey[]; isAnew: boolean }): Promise<void> {
  const { data, person, json } = flagsOf(command)
  process.umask(0o077)
  const release = lockDirectory((file) => new Database(file), join(data, 'console.lock'), data)
  try {
    const now = Date.now()
    // A restore that waits for the next start comes first: it may bring the keys.
    prepareStores(data, { now, log: () => undefined })
    const box = openSecretBox(await consoleKey(data))
    const db = openFleet(join(data, 'fleet.db'))
    try {
      const by = { actor: actorOf('cli', person ?? accountName() ?? null) }
      const done = await repairKeys({ ...flags, store: openFleetStore(db, undefined, box), dataDirectory: data, box, now, by })
      if (json === true) printJson(done)
      else for (const line of wordsOf(done)) printLine(line)
    } finally {
      db.close()
    }
  } finally {
    release()
  }
}

function wordsOf({ did, aside }: Repaired): string[] {
  if (did === 'nothing') return ['All keys are there; nothing was changed.']
  if (did === 'replaced')
    return ['New keys are in the place of those that were gone; devices follow when they hear the next root.', '  next      muster console']
  return [
    `The old keys are given up${aside === null ? '' : `; what was left of them lies in ${aside}`}. The next start makes new ones.`,
    'Devices go on serving what they serve, and obey this console only after they were enrolled anew.',
    '  next      muster console',
  ]
}
