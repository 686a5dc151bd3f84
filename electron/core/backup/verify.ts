import * as fs from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OnProgress } from './copy-data.ts'
import { hashFile } from './file-bytes.ts'
import type { BackupManifest } from './manifest.ts'
import { POOL } from './places.ts'

/**
 * Compares a backup with its manifest, byte by byte. That is enough: what the manifest names was found sound when it was written.
 * @throws Problem `backup.damaged` that names the first file that differs
 */
export function verifyBackup(directory: string, folder: string, manifest: BackupManifest, onProgress: OnProgress = () => undefined): void {
  const wanted = [
    ...manifest.files.map(({ name, bytes, sha256 }) => ({ what: name as string, file: join(directory, name), bytes, sha256 })),
    ...manifest.artifacts.map(({ bytes, sha256 }) => ({ what: `artifact ${sha256}`, file: join(folder, POOL, sha256), bytes, sha256 })),
  ]
  const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  for (const { what, file, bytes, sha256 } of wanted) {
    const stat = fs.statSync(file, { throwIfNoEntry: false })
    if (stat === undefined) throw new Problem('backup.damaged', `The backup lacks ${what}.`)
    if (stat.size !== bytes) throw new Problem('backup.damaged', `${what} of the backup has ${stat.size} bytes and should have ${bytes}.`)
    const found = hashFile(file, (read) => {
      done += read
      onProgress(total === 0 ? 1 : done / total, `reading ${what}`)
    })
    if (found.sha256 !== sha256)
      throw new Problem('backup.damaged', `${what} of the backup is damaged: its bytes are not those that were written.`)
  }
}
