import * as fs from 'node:fs'
import { join } from 'node:path'
import { payloadTypes } from '../../../shared/protocol/envelope.ts'
import { replaceFile, syncDirectory } from '../../../shared/store/durable-file.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'
import type { ErasedSubjects } from '../privacy/erase-rows.ts'
import type { Keyring } from '../trust/keys.ts'
import { removeBackup } from './make-backup.ts'
import { MANIFEST, writeManifest, type BackupManifest } from './manifest.ts'
import { newBackupName, partialOf, type FoundBackup } from './places.ts'
import { eraseInWorker } from './run-worker.ts'

/** What a backup is written anew with. */
export interface RewriteParts {
  folder: string
  erased: ErasedSubjects
  keyring: Keyring
  signal: AbortSignal
  /** Told before the old one goes. */
  onWritten?(next: { name: string; directory: string }): void
}

/**
 * Writes a backup anew without some people, under a name of its own, and then removes the old one: at any moment there is a whole backup of
 * that time. One that holds nothing of them stays as it is.
 * @returns rows that were taken out
 * @throws Problem `backup.damaged` if it is not what its manifest says, `store.*`, `cancelled`
 */
export async function rewriteBackup({ name, directory, manifest }: FoundBackup, parts: RewriteParts): Promise<number> {
  const { folder, keyring, signal, erased } = parts
  const next = newBackupName(folder, manifest.madeAt)
  const target = join(folder, partialOf(next))
  try {
    fs.mkdirSync(target, { mode: 0o700 })
    const { files } = manifest
    const done = await eraseInWorker(
      { erased, backup: { from: directory, to: target, files }, files: [], at: manifest.madeAt },
      { signal, progress: () => undefined },
    )
    if (done.rows === 0) return 0
    const changed: BackupManifest = { ...manifest, files: done.files as BackupManifest['files'] }
    const bytes = Buffer.from(JSON.stringify(changed))
    const signed = {
      payloadType: payloadTypes.backup,
      payload: bytes.toString('base64'),
      signatures: keyring.sign(payloadTypes.backup, bytes),
    }
    replaceFile(fs, { directory: target, name: MANIFEST }, writeManifest(signed, keyring.roots().assignment[0]!))
    fs.renameSync(target, join(folder, next))
    syncDirectory(fs, folder)
    parts.onWritten?.({ name: next, directory: join(folder, next) })
    removeBackup(folder, name)
    return done.rows
  } catch (error) {
    throw storeProblem(error, folder)
  } finally {
    fs.rmSync(target, { recursive: true, force: true })
  }
}
