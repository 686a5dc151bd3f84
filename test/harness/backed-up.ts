import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { makeBackup } from '../../electron/core/backup/make-backup.ts'
import { readBackup, type FoundBackup } from '../../electron/core/backup/places.ts'
import type { KeySeal } from '../../electron/core/backup/seal-keys.ts'
import { openFleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../electron/core/store/fleet/open.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import { openKeyring, type Keyring } from '../../electron/core/trust/keys.ts'
import { enrolled, T0, temporaryDirectory } from './fleet.ts'

/** A data directory as a console leaves it: two stores, an artifact, keys. */
export interface DataDirectory {
  directory: string
  folder: string
  keyring: Keyring
  artifact: string
}

/** Makes a data directory with devices, telemetry of one spool up to a number, and an artifact. */
export function dataDirectory(options: { devices?: readonly string[]; through?: number } = {}): DataDirectory {
  const directory = temporaryDirectory()
  const db = openFleet(join(directory, 'fleet.db'))
  const store = openFleetStore(db)
  store.settings.set('fleet', 'plant')
  store.settings.set('fleetName', 'Plant')
  for (const device of options.devices ?? ['cam-1', 'cam-2']) enrolled(store, device)
  store.audit.append({ at: T0, actor: 'test', action: 'test.begin', detail: {} })
  db.close()
  setThrough(directory, options.through ?? 100)
  const bytes = Buffer.from('bytes of a model')
  const artifact = createHash('sha256').update(bytes).digest('hex')
  fs.mkdirSync(join(directory, 'artifacts'))
  fs.writeFileSync(join(directory, 'artifacts', artifact), bytes)
  const keyring = openKeyring(join(directory, 'keys'))
  return { directory, folder: join(directory, 'backups'), keyring, artifact }
}

/** What the telemetry store has settled of the spool of cam-1. */
export function setThrough(directory: string, through: number): void {
  const db = openTelemetryWriter(join(directory, 'telemetry.db'))
  const row = { device: 'cam-1', spool: 'spool-1', through, at: T0 }
  db.prepare('DELETE FROM spool').run()
  db.prepare(
    'INSERT INTO spool (device, spool, through, stored, first_received_at, last_received_at) VALUES (@device, @spool, @through, @through, @at, @at)',
  ).run(row)
  db.close()
}

/** Makes a backup of it, in the process that makes them. */
export async function backedUp(
  of: DataDirectory,
  options: { seal?: KeySeal | null; now?: number; signal?: AbortSignal; reason?: 'schedule' | 'person' } = {},
): Promise<FoundBackup> {
  const name = await makeBackup(
    {
      ...{ dataDirectory: of.directory, folder: of.folder, reason: options.reason ?? 'person', seal: options.seal ?? null },
      ...{ fleet: 'plant', fleetName: 'Plant', version: '0.0.0', now: options.now ?? T0 },
    },
    { keyring: of.keyring, signal: options.signal ?? new AbortController().signal, progress: () => undefined },
  )
  return readBackup(join(of.folder, name), of.keyring.roots().assignment)
}
