import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../../../../shared/domain/problem.ts'
import { replaceFile, syncDirectory } from '../../../../shared/store/durable-file.ts'
import { storeProblem } from '../../../../shared/store/sqlite-rules.ts'
import type { SecretBox } from '../secret-box.ts'
import { makeSigningKey, publicKeyOf, signingKeyFromPem, type PublicKey, type SigningKey } from './signing-key.ts'

/** A key in the data directory. Its public half is always known; the private one only where its seal can be opened. */
export interface StoredKey {
  public: PublicKey
  /** @throws Problem `trust.passphrase-needed` */
  key(): SigningKey
  isSealed: boolean
}

/** The key files of a directory: PEM for their owner only, or sealed under the passphrase of the console. */
export interface KeyFiles {
  /** The key of a name; null: there is no such file. @throws Problem `trust.key-exposed`, `trust.key-invalid` */
  find(name: string): StoredKey | null
  /** The same, made at the first use. */
  open(name: string): StoredKey
  /** Writes a key, durably. @throws Problem `store.disk-full`, `data-directory.read-only` */
  put(name: string, key: SigningKey): void
  /** Overwrites a key and removes it. On flash memory older copies of the bytes may stay until the disk reuses them. */
  destroy(name: string): void
  /** Gives a key the name of another, which it replaces. */
  rename(from: string, to: string): void
  /** Seals what lies open although there is a passphrase. @returns names of the keys that were */
  sealOpenOnes(): string[]
}

/** Nobody but the owner of a key file may read it, and keys are small. */
const FORBIDDEN_MODE = 0o077
const MAX_KEY_FILE_BYTES = 4096
const SUFFIX = '.pem'
/** What lay open, while the sealed file takes its place. */
const OPEN = '.open'

/** A sealed key beside its public half, in the place of the PEM. */
const sealedFile = z.object({ v: z.literal(1), publicKey: z.string(), sealed: z.string() })

/** Opens the key files in a directory. @param box seals what is written, and opens what is sealed */
export function openKeyFiles(directory: string, box: SecretBox): KeyFiles {
  const fileOf = (name: string): string => join(directory, `${name}${SUFFIX}`)
  const guarded = <Result>(name: string, work: () => Result): Result => {
    try {
      return work()
    } catch (error) {
      throw storeProblem(error, fileOf(name))
    }
  }

  const find = (name: string): StoredKey | null =>
    guarded(name, () => {
      const stat = fs.lstatSync(fileOf(name), { throwIfNoEntry: false })
      if (stat === undefined) return null
      checkKeyFile(fileOf(name), stat)
      return storedKey(fs.readFileSync(fileOf(name), 'utf8'), fileOf(name), box)
    })

  const put = (name: string, key: SigningKey): void =>
    guarded(name, () => {
      fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
      // A file left by an interrupted run keeps its mode when it is opened again; it must not.
      fs.rmSync(`${fileOf(name)}.new`, { force: true })
      const stored = box.seal(key.pem())
      const text = typeof stored === 'string' ? stored : JSON.stringify({ v: 1, publicKey: key.publicKey, ...stored })
      replaceFile(fs, { directory, name: `${name}${SUFFIX}`, mode: 0o600 }, Buffer.from(text))
    })

  const destroy = (name: string): void =>
    guarded(name, () => {
      if (!fs.existsSync(fileOf(name))) return
      shred(fileOf(name))
      syncDirectory(fs, directory)
    })

  return {
    find,
    put,
    destroy,
    open(name) {
      const found = find(name)
      if (found !== null) return found
      const key = makeSigningKey()
      put(name, key)
      return { public: key, key: () => key, isSealed: box.seals }
    },
    rename: (from, to) =>
      guarded(to, () => {
        fs.renameSync(fileOf(from), fileOf(to))
        syncDirectory(fs, directory)
      }),
    sealOpenOnes() {
      if (!box.seals || !fs.existsSync(directory)) return []
      // What a cut left in the middle of this.
      for (const name of fs.readdirSync(directory).filter((one) => one.endsWith(`${SUFFIX}${OPEN}`))) shred(join(directory, name))
      return fs
        .readdirSync(directory)
        .filter((name) => name.endsWith(SUFFIX))
        .map((name) => name.slice(0, -SUFFIX.length))
        .filter((name) => {
          const found = find(name)
          if (found === null || found.isSealed) return false
          // The name goes over to the sealed file first: at no moment is there no key.
          const old = `${fileOf(name)}${OPEN}`
          fs.linkSync(fileOf(name), old)
          put(name, found.key())
          shred(old)
          return true
        })
    },
  }
}

/** Overwrites a file and removes it. */
export function shred(file: string): void {
  const fd = fs.openSync(file, 'r+')
  try {
    fs.writeSync(fd, randomBytes(fs.fstatSync(fd).size))
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
  fs.rmSync(file, { force: true })
}

function storedKey(text: string, file: string, box: SecretBox): StoredKey {
  if (!text.startsWith('{')) {
    const key = signingKeyFromPem(text, file)
    return { public: key, key: () => key, isSealed: false }
  }
  const parsed = sealedFile.safeParse(jsonOf(text))
  if (!parsed.success) throw new Problem('trust.key-invalid', `${file} holds no sealed key.`)
  const { publicKey, sealed } = parsed.data
  let opened: SigningKey | null = null
  return {
    public: publicKeyOf(publicKey),
    key() {
      opened ??= openSealed(sealed, file, box)
      return opened
    },
    isSealed: true,
  }
}

function openSealed(sealed: string, file: string, box: SecretBox): SigningKey {
  const pem = box.open({ sealed })
  if (pem === null) throw new Problem('trust.passphrase-needed', `${file} is sealed, and the passphrase that opens it was not given.`)
  return signingKeyFromPem(pem, file)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function checkKeyFile(file: string, stat: fs.Stats): void {
  if (!stat.isFile() || stat.size > MAX_KEY_FILE_BYTES) throw new Problem('trust.key-invalid', `${file} is no key file.`)
  // Windows has no such bits: what it reports there is made up.
  if (process.platform !== 'win32' && (stat.mode & FORBIDDEN_MODE) !== 0) {
    throw new Problem('trust.key-exposed', `${file} has mode ${(stat.mode & 0o777).toString(8)}: others than its owner have rights on it.`)
  }
}
