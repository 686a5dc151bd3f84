import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../../../shared/domain/problem.ts'
import type { TrustRoots } from '../../../shared/protocol/enrolment.ts'
import { payloadTypes, preAuthEncoding, type PayloadType, type Signature } from '../../../shared/protocol/envelope.ts'
import { replaceFile } from '../../../shared/store/durable-file.ts'
import { storeProblem } from '../../../shared/store/sqlite-rules.ts'
import { openKeyFiles, type KeyFiles } from './keys/key-files.ts'
import { keyIdOf, publicKeyOf, type PublicKey, type SigningKey } from './keys/signing-key.ts'
import { openSecretBox, type SecretBox } from './secret-box.ts'

export { keyIdOf } from './keys/signing-key.ts'

/** Keys that the console holds at all times. */
export const onlineRoles = ['snapshot', 'timestamp', 'assignment'] as const
export type OnlineRole = (typeof onlineRoles)[number]

/** What people hold since the ceremony, by its public halves. */
const offlineKeys = z.object({
  v: z.literal(1),
  targets: z.array(z.string()).min(1),
  root: z.array(z.string()).min(1),
  threshold: z.int().positive(),
})
export type OfflineKeys = Omit<z.infer<typeof offlineKeys>, 'v'>

/**
 * The keys of the fleet: what signs, and what devices are told to trust. Everything that signs goes through here.
 *
 * INVARIANTS
 * 1. Before the ceremony the directory holds every key; after it no key for bundles or roots, neither file nor copy, except while a person has
 *    unlocked the targets key: then it is in memory, for as long as was said.
 * 2. A key is replaced only by one that is durably on the disk under another name already.
 */
export interface Keyring {
  /** Signatures over the DSSE encoding of type and bytes, by the key that may sign this type. Equal input gives equal signatures. @throws Problem `trust.locked`, `trust.passphrase-needed` */
  sign(type: PayloadType, bytes: Uint8Array): Signature[]
  /** Raw public keys, base64, by what they may sign. */
  roots(): TrustRoots
  readonly keyIds: { readonly bundle: string; readonly assignment: string }
  /** The key of an online role. */
  online(role: OnlineRole): SigningKey
  /** Public halves of the online keys. */
  onlinePublic(role: OnlineRole): PublicKey
  /** The key that authorises bundles. @throws Problem `trust.locked` */
  targets(): SigningKey
  /** The root key that a console without a ceremony keeps. @throws Problem `trust.root-keys-needed` */
  bootstrapRoot(): SigningKey
  /** Another key for bundles in the place of one that is gone; for a repair, before the ceremony. */
  remakeBundleKey(): SigningKey
  /** What people hold; null before the ceremony. */
  offline(): OfflineKeys | null
  /** Whether bundles can be signed now, and until when; null: as long as the console runs. */
  lockState(): { isLocked: boolean; until: number | null }
  /** Keeps the targets key in memory until a time, epoch ms. */
  unlock(key: SigningKey, until: number): void
  lock(): void
  /** Keeps an unlocked key beyond its time until the work that began under it is done. @returns the end of it */
  hold(): () => void
  /** Writes new online keys beside those that count; `adopt` makes them count. */
  prepare(roles: readonly OnlineRole[]): Partial<Record<OnlineRole, SigningKey>>
  adopt(roles: readonly OnlineRole[]): void
  /** Brings to the disk what counts already, where `adopt` or `goOffline` could not. Does not throw. @returns false: the disk still refuses */
  settle(): boolean
  /** False: what counts is not on the disk yet, or keys of before still are. */
  isSettled(): boolean
  /** Makes sure that no key is gone, and makes none from here on: devices would trust no new one. @throws Problem `trust.key-missing` */
  requireAll(): void
  /** Prepared keys that were never adopted, as after a cut in between. */
  prepared(role: OnlineRole): PublicKey | null
  discard(role: OnlineRole): void
  /** From now on people hold these; the keys of before the ceremony are destroyed. Does not throw: see `settle`. */
  goOffline(keys: OfflineKeys): void
  /** How the key files lie on the disk. */
  atRest(): 'open' | 'sealed'
}

const OFFLINE_FILE = 'offline.json'
const BUNDLE = 'bundle'
const ROOT = 'root'

/**
 * Opens the keys in a directory of their own (files of mode 0600, written durably).
 * @param box seals the files, where the console has a passphrase
 * @param now clock of unlocking, epoch ms
 * @param mayMake keys that are not there are made: only where devices trust none yet
 * @throws Problem `trust.key-exposed` if group or others may read a key, `trust.key-invalid` if a file holds no Ed25519 key,
 *   `store.disk-full`, `data-directory.read-only`
 */
export function openKeyring(
  directory: string,
  box: SecretBox = openSecretBox(null),
  now: () => number = Date.now,
  mayMake = true,
): Keyring {
  return new FileKeyring(directory, { box, now, mayMake })
}

class FileKeyring implements Keyring {
  readonly #directory: string
  readonly #files: KeyFiles
  readonly #now: () => number
  #mayMake: boolean
  readonly #online = new Map<OnlineRole, ReturnType<KeyFiles['open']>>()
  #offline: OfflineKeys | null
  #bundle: ReturnType<KeyFiles['open']> | null = null
  /** What is still to be brought to the disk. */
  readonly #toAdopt = new Set<OnlineRole>()
  #isOfflineWritten = true
  #unlocked: { key: SigningKey; until: number } | null = null
  #holders = 0

  constructor(directory: string, { box, now, mayMake }: { box: SecretBox; now: () => number; mayMake: boolean }) {
    this.#directory = directory
    this.#mayMake = mayMake
    this.#files = openKeyFiles(directory, box)
    this.#now = now
    this.#files.sealOpenOnes()
    this.#offline = readOffline(directory)
    if (this.#offline === null) this.#bundle = mayMake ? this.#files.open(BUNDLE) : this.#files.find(BUNDLE)
    else this.#destroyOld()
    if (mayMake) this.#stored('assignment')
  }

  get keyIds(): { bundle: string; assignment: string } {
    return { bundle: keyIdOf(Buffer.from(this.roots().bundle[0]!, 'base64')), assignment: this.onlinePublic('assignment').id }
  }

  sign(type: PayloadType, bytes: Uint8Array): Signature[] {
    const encoded = preAuthEncoding(type, bytes)
    // An introduction is believed only if both keys of an enrolment signed it.
    const keys = type === payloadTypes.trust ? [this.targets(), this.online('assignment')] : [this.#keyFor(type)]
    return keys.map((key) => ({ keyid: key.id, sig: key.sign(encoded).toString('base64') }))
  }

  roots(): TrustRoots {
    const bundle = this.#offline?.targets ?? [this.#held(BUNDLE).public.publicKey]
    return { bundle, assignment: [this.onlinePublic('assignment').publicKey] }
  }

  online(role: OnlineRole): SigningKey {
    return this.#stored(role).key()
  }

  onlinePublic(role: OnlineRole): PublicKey {
    return this.#stored(role).public
  }

  targets(): SigningKey {
    if (this.#offline === null) return this.#held(BUNDLE).key()
    this.#expire()
    if (this.#unlocked !== null) return this.#unlocked.key
    throw new Problem('trust.locked', 'New bytes are signed with the targets key of this fleet, which is locked.')
  }

  bootstrapRoot(): SigningKey {
    if (this.#offline !== null) throw new Problem('trust.root-keys-needed', 'The root keys of this fleet are with people.')
    return this.#held(ROOT).key()
  }

  remakeBundleKey(): SigningKey {
    this.#files.destroy(BUNDLE)
    this.#bundle = this.#files.open(BUNDLE)
    return this.#bundle.key()
  }

  offline(): OfflineKeys | null {
    return this.#offline
  }

  lockState(): { isLocked: boolean; until: number | null } {
    if (this.#offline === null) return { isLocked: false, until: null }
    this.#expire()
    return { isLocked: this.#unlocked === null, until: this.#unlocked?.until ?? null }
  }

  unlock(key: SigningKey, until: number): void {
    if (this.#offline?.targets.includes(key.publicKey) !== true)
      throw new Problem('trust.key-unknown', 'This is no targets key that counts in this fleet.')
    this.#unlocked = { key, until }
  }

  lock(): void {
    this.#unlocked = null
  }

  hold(): () => void {
    this.#holders += 1
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      this.#holders -= 1
    }
  }

  prepare(roles: readonly OnlineRole[]): Partial<Record<OnlineRole, SigningKey>> {
    return Object.fromEntries(
      roles.map((role) => {
        this.#files.destroy(nextOf(role))
        this.#toAdopt.delete(role)
        return [role, this.#files.open(nextOf(role)).key()]
      }),
    )
  }

  adopt(roles: readonly OnlineRole[]): void {
    for (const role of roles) {
      const next = this.#files.find(nextOf(role))
      if (next === null) continue
      this.#online.set(role, next)
      this.#toAdopt.add(role)
    }
    this.settle()
  }

  settle(): boolean {
    try {
      for (const role of this.#toAdopt) {
        this.#files.rename(nextOf(role), role)
        this.#toAdopt.delete(role)
      }
      if (!this.#isOfflineWritten) {
        this.#writeOffline()
        this.#destroyOld()
        this.#isOfflineWritten = true
      }
    } catch {
      // What counts is in memory; isSettled() says that the disk does not know it.
    }
    return this.isSettled()
  }

  isSettled(): boolean {
    return this.#toAdopt.size === 0 && this.#isOfflineWritten
  }

  requireAll(): void {
    this.#mayMake = false
    for (const role of onlineRoles) this.online(role)
    if (this.#offline !== null) return
    for (const name of [ROOT, BUNDLE]) this.#held(name)
  }

  prepared(role: OnlineRole): PublicKey | null {
    return this.#files.find(nextOf(role))?.public ?? null
  }

  discard(role: OnlineRole): void {
    this.#files.destroy(nextOf(role))
  }

  goOffline(keys: OfflineKeys): void {
    // The root says so already: from here on nothing is signed with the old keys, whatever the disk does.
    this.#offline = keys
    this.#bundle = null
    this.#isOfflineWritten = false
    if (this.#unlocked !== null && !keys.targets.includes(this.#unlocked.key.publicKey)) this.lock()
    this.settle()
  }

  atRest(): 'open' | 'sealed' {
    return this.#stored('assignment').isSealed ? 'sealed' : 'open'
  }

  #keyFor(type: PayloadType): SigningKey {
    return type === payloadTypes.bundle ? this.targets() : this.online('assignment')
  }

  #stored(role: OnlineRole): ReturnType<KeyFiles['open']> {
    const known = this.#online.get(role) ?? this.#held(role)
    this.#online.set(role, known)
    return known
  }

  /** A key that must be there: made only where no device trusts another one yet. */
  #held(name: string): ReturnType<KeyFiles['open']> {
    if (name === BUNDLE && this.#bundle !== null) return this.#bundle
    const found = this.#mayMake ? this.#files.open(name) : this.#files.find(name)
    if (found !== null) return found
    const file = join(this.#directory, `${name}.pem`)
    throw new Problem('trust.key-missing', `${file} is gone, and devices trust no other key in its place.`)
  }

  #writeOffline(): void {
    const bytes = Buffer.from(`${JSON.stringify({ v: 1, ...this.#offline })}\n`)
    try {
      replaceFile(fs, { directory: this.#directory, name: OFFLINE_FILE, mode: 0o600 }, bytes)
    } catch (error) {
      throw storeProblem(error, join(this.#directory, OFFLINE_FILE))
    }
  }

  #destroyOld(): void {
    this.#files.destroy(ROOT)
    this.#files.destroy(BUNDLE)
    this.#bundle = null
  }

  #expire(): void {
    if (this.#unlocked !== null && this.#unlocked.until <= this.#now() && this.#holders === 0) this.lock()
  }
}

function nextOf(role: OnlineRole): string {
  return `${role}-next`
}

function readOffline(directory: string): OfflineKeys | null {
  const file = join(directory, OFFLINE_FILE)
  if (!fs.existsSync(file)) return null
  let value: unknown = null
  try {
    value = JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    // Said below.
  }
  const parsed = offlineKeys.safeParse(value)
  if (!parsed.success) throw new Problem('trust.key-invalid', `${file} is damaged: it names the keys that people hold.`)
  const { targets, root, threshold } = parsed.data
  return { targets: targets.map((key) => publicKeyOf(key).publicKey), root, threshold }
}

/**
 * True if at least one signature over type and bytes was made with one of the keys (raw, base64). A signature by an unknown key
 * proves nothing and harms nothing; anything malformed counts as no signature.
 */
export function verifySignatures(
  type: PayloadType,
  bytes: Uint8Array,
  signatures: readonly Signature[],
  publicKeys: readonly string[],
): boolean {
  const known = new Map(publicKeys.map((text) => [keyIdOf(Buffer.from(text, 'base64')), text]))
  const encoded = preAuthEncoding(type, bytes)
  return signatures.some(({ keyid, sig }) => {
    const text = known.get(keyid)
    const key = text === undefined ? null : keyObjectOf(text)
    const signature = Buffer.from(sig, 'base64')
    return key !== null && signature.length === 64 && verify(null, encoded, key, signature)
  })
}

function keyObjectOf(base64: string): KeyObject | null {
  const raw = Buffer.from(base64, 'base64')
  if (raw.length !== 32) return null
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' })
}
