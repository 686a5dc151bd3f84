import * as fs from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { errorCodeOf, messageOf, Problem } from '../../../../shared/domain/problem.ts'
import type { KeyFileInput } from '../../../../shared/rpc/contract/keys.ts'
import { replaceFile } from '../../../../shared/store/durable-file.ts'
import { storeProblem } from '../../../../shared/store/sqlite-rules.ts'
import { MAX_SEALED_BYTES, parseSealedKey, type SealedKey } from './sealed-key.ts'

/**
 * A folder that a key of people may be written to: there, writable, and not within the data directory: whoever takes that must not have the keys.
 * @throws Problem `trust.folder`
 */
export function requireFolder(folder: string, dataDirectory: string): string {
  if (!isAbsolute(folder)) throw new Problem('trust.folder', `'${folder}' is no whole path.`)
  let path: string
  try {
    path = fs.realpathSync(resolve(folder))
    if (!fs.statSync(path).isDirectory()) throw new Error('it is no folder')
    fs.accessSync(path, fs.constants.W_OK | fs.constants.X_OK)
  } catch (error) {
    throw new Problem('trust.folder', `${folder} cannot be written to: ${messageOf(error)}`, { cause: error })
  }
  const inside = relative(fs.realpathSync(dataDirectory), path)
  if (inside === '' || (!inside.startsWith('..') && !isAbsolute(inside)))
    throw new Problem('trust.folder', `${folder} is within the data directory of the console.`)
  return path
}

/** Writes a sealed key durably. An older file of that name stays. @returns its path @throws Problem `trust.folder`, `store.*` */
export function writeSealedKey(folder: string, file: SealedKey): string {
  const name = nameOf(file)
  const path = join(folder, name)
  if (fs.existsSync(path)) throw new Problem('trust.folder', `${path} is there already.`)
  try {
    const text = `${JSON.stringify(file, null, 2)}\n`
    replaceFile(fs, { directory: folder, name, mode: 0o600 }, Buffer.from(text))
    // A stick that says yes and keeps something else would be noticed on the day that the key is needed.
    if (fs.readFileSync(path, 'utf8') !== text) throw new Problem('trust.folder', `${path} does not keep what was written to it.`)
  } catch (error) {
    throw storeProblem(error, path)
  }
  return path
}

/** Reads a sealed key, from its place or as it was handed over. @throws Problem `trust.key-file` */
export function readSealedKey(input: Pick<KeyFileInput, 'path' | 'content'>): SealedKey {
  if (input.content !== undefined) return parseSealedKey(input.content)
  if (input.path === undefined) throw new Problem('trust.key-file', 'Name the file of the key.')
  try {
    const stat = fs.statSync(input.path)
    if (!stat.isFile() || stat.size > MAX_SEALED_BYTES) throw new Problem('trust.key-file', `${input.path} is no sealed key of Muster.`)
    return parseSealedKey(fs.readFileSync(input.path, 'utf8'))
  } catch (error) {
    if (error instanceof Problem) throw error
    const why = errorCodeOf(error) === 'ENOENT' ? 'it is not there' : messageOf(error)
    throw new Problem('trust.key-file', `${input.path} cannot be read: ${why}.`, { cause: error })
  }
}

/** Name of the file of a key: the fleet, what it is, and the first digits of its id. */
function nameOf({ fleet, label, publicKey }: SealedKey): string {
  const digits = Buffer.from(publicKey, 'base64').toString('hex').slice(0, 8)
  return `muster-${fleet}-${label.replaceAll(' ', '-')}-${digits}.key.json`
}
