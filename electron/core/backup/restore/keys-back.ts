import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../../../shared/domain/problem.ts'
import type { FoundBackup } from '../places.ts'
import { openSealedKeys, secretFolders } from '../seal-keys.ts'

type SecretFolder = (typeof secretFolders)[number]

/**
 * The keys of a backup, where somebody gave the passphrase and they are not there already. Keys that an enrolled device trusts are never replaced.
 * @returns null: nothing is brought back
 * @throws Problem `backup.passphrase`, `backup.damaged`, `input.invalid` if other keys are there, and devices that trust them
 */
export function keysOf(of: { backup: FoundBackup; dataDirectory: string; passphrase: string | null }): Map<string, Buffer> | null {
  const { backup, dataDirectory, passphrase } = of
  if (passphrase === null || (hasKeys(dataDirectory) && backup.signer.isOurs)) return null
  const sealed = join(backup.directory, 'keys.sealed')
  if (!fs.existsSync(sealed))
    throw new Problem('backup.passphrase', `The backup ${backup.name} holds no keys: they were left out when it was made.`)
  if (hasKeys(dataDirectory) && !isUnused(dataDirectory))
    throw new Problem('input.invalid', `${dataDirectory} holds other keys, and devices that may trust them: they are not replaced.`, {
      hint: 'Restore into a new data directory with --into, or restore without the passphrase.',
    })
  return openSealedKeys(fs.readFileSync(sealed), passphrase)
}

/** The folders that keys of a backup fill. */
export function keyFolders(keys: ReadonlyMap<string, Buffer>): SecretFolder[] {
  return secretFolders.filter((folder) => [...keys.keys()].some((path) => path.startsWith(`${folder}/`)))
}

/** True if there are keys in a data directory, of whatever fleet. */
export function hasKeys(dataDirectory: string): boolean {
  return secretFolders.some((folder) => {
    try {
      return fs.readdirSync(join(dataDirectory, folder)).length > 0
    } catch {
      return false
    }
  })
}

/** No device has joined here, as where a console was started once; or its fleet.db was restored, and no console has worked with it since. */
function isUnused(dataDirectory: string): boolean {
  const file = join(dataDirectory, 'fleet.db')
  if (!fs.existsSync(file)) return true
  let db: Database.Database | null = null
  try {
    db = new Database(file, { readonly: true, fileMustExist: true })
    if (db.prepare<[], number>('SELECT count(*) FROM device').pluck().get() === 0) return true
    const restored = db.prepare<[], string>(`SELECT value FROM setting WHERE key = 'restored'`).pluck().get()
    return restored !== undefined && (JSON.parse(restored) as { isSettled?: unknown }).isSettled === false
  } catch {
    return false
  } finally {
    db?.close()
  }
}
