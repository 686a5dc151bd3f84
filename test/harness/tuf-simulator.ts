import { createHash, generateKeyPairSync, sign, constants, type KeyObject } from 'node:crypto'

/** One signed part of TUF metadata, open to any change that a test wants to make. */
export interface SignedPart {
  _type: string
  spec_version: string
  version: number
  expires: string
  [field: string]: unknown
}
interface RolePart {
  keyids: string[]
  threshold: number
  [field: string]: unknown
}
export interface MetaPart {
  version: number
  length?: number
  hashes?: Record<string, string>
}
interface KeyPart {
  keytype: string
  scheme: string
  keyval: { public: string }
  [field: string]: unknown
}
export interface DelegatedPart extends RolePart {
  name: string
  terminating: boolean
  paths: string[]
}
type RootPart = SignedPart & { keys: Record<string, KeyPart>; roles: Record<string, RolePart> }
type TargetsPart = SignedPart & {
  targets: Record<string, { length: number; hashes: Record<string, string> }>
  delegations?: { keys: Record<string, KeyPart>; roles: DelegatedPart[] }
}

/** A key of the simulated repository. */
export interface TufSigner {
  keyid: string
  key: KeyPart
  sign(bytes: Buffer): string
}

const DAY_MS = 86_400_000
export const topLevel = ['root', 'targets', 'snapshot', 'timestamp'] as const

/**
 * A TUF repository whose every file a test can change before it is signed, as the public conformance suite has one. What it is asked for is kept, so
 * that a test sees how a client behaved.
 */
export class TufSimulator {
  readonly parts: Record<string, SignedPart>
  readonly signers: Record<string, TufSigner[]> = {}
  /** Every version that was published, as bytes. */
  readonly published: Record<string, { version: number; bytes: Buffer }[]> = {}
  readonly artifacts: Record<string, Buffer> = {}
  readonly asked: [role: string, version: number | null][] = []
  readonly artifactsAsked: string[] = []
  hashesInMetadata = false
  readonly now: number

  constructor(now: number = Date.now()) {
    this.now = now
    const part = (type: string, more: object): SignedPart => ({
      ...{ _type: type, spec_version: '1.0.31', version: 1, expires: timeText(this.now + 30 * DAY_MS) },
      ...more,
    })
    this.parts = {
      root: part('root', {
        consistent_snapshot: true,
        keys: {},
        roles: Object.fromEntries(topLevel.map((role) => [role, { keyids: [], threshold: 1 }])),
      }),
      targets: part('targets', { targets: {} }),
      snapshot: part('snapshot', { meta: { 'targets.json': { version: 1 } } }),
      timestamp: part('timestamp', { meta: { 'snapshot.json': { version: 1 } } }),
    }
    for (const role of topLevel) this.addKey(role)
    this.publish('targets', 'snapshot', 'timestamp', 'root')
  }

  get root(): RootPart {
    return this.parts['root'] as RootPart
  }

  targets(role = 'targets'): TargetsPart {
    return this.parts[role] as TargetsPart
  }

  get snapshotMeta(): Record<string, MetaPart> {
    return this.parts['snapshot']!['meta'] as Record<string, MetaPart>
  }

  get timestampMeta(): MetaPart {
    return (this.parts['timestamp']!['meta'] as Record<string, MetaPart>)['snapshot.json']!
  }

  /** Signs the next version of each role; what names it is brought to it, and is published by who wants that. */
  publish(...roles: string[]): void {
    for (const role of roles) {
      const part = this.parts[role]!
      if (this.published[role] !== undefined) part.version += 1
      this.publishAsIs(role)
    }
  }

  /** Signs a role in the version that it has. */
  publishAsIs(role: string): void {
    const part = this.parts[role]!
    const body = Buffer.from(canonical(part))
    const signatures = (this.signers[role] ?? []).map((signer) => ({ keyid: signer.keyid, sig: signer.sign(body) }))
    const bytes = Buffer.from(JSON.stringify({ signatures, signed: part }))
    ;(this.published[role] ??= []).push({ version: part.version, bytes })
    if (role === 'root' || role === 'timestamp') return
    const meta: MetaPart = { version: part.version }
    if (this.hashesInMetadata) Object.assign(meta, { length: bytes.length, hashes: { sha256: hashOf('sha256', bytes) } })
    if (role === 'snapshot') this.parts['timestamp']!['meta'] = { 'snapshot.json': meta }
    else this.snapshotMeta[`${role}.json`] = meta
  }

  addKey(role: string, signer: TufSigner = makeSigner(), delegator: string | null = null): TufSigner {
    const holder = delegator === null ? this.root : this.targets(delegator).delegations!
    const part = delegator === null ? this.root.roles[role]! : this.targets(delegator).delegations!.roles.find(({ name }) => name === role)!
    holder.keys[signer.keyid] = signer.key
    if (!part.keyids.includes(signer.keyid)) part.keyids.push(signer.keyid)
    ;(this.signers[role] ??= []).push(signer)
    return signer
  }

  rotateKeys(role: string): void {
    const part = this.root.roles[role]!
    part.keyids = []
    this.signers[role] = []
    for (let i = 0; i < part.threshold; i += 1) this.addKey(role)
  }

  addDelegation(
    delegator: string,
    role: { name: string; terminating: boolean; paths: string[] },
    expiresAt = this.now + 30 * DAY_MS,
  ): void {
    const targets = this.targets(delegator)
    targets.delegations ??= { keys: {}, roles: [] }
    targets.delegations.roles.push({ keyids: [], threshold: 1, ...role })
    this.parts[role.name] ??= { _type: 'targets', spec_version: '1.0.31', version: 1, expires: timeText(expiresAt), targets: {} }
    this.addKey(role.name, makeSigner(), delegator)
  }

  addArtifact(role: string, path: string, bytes: string, hashes: readonly string[] = ['sha256']): void {
    const content = Buffer.from(bytes)
    this.targets(role).targets[path] = {
      length: content.length,
      hashes: Object.fromEntries(hashes.map((name) => [name, hashOf(name, content)])),
    }
    this.artifacts[path] = content
  }

  /** A metadata file by its TUF name; null: there is none. */
  fetch(name: string): Buffer | null {
    const match = /^(?:(\d+)\.)?(.+)\.json$/s.exec(name)!
    const role = match[2]!
    const version = match[1] === undefined ? null : Number(match[1])
    this.asked.push([role, version])
    const all = this.published[role] ?? []
    return (version === null ? all.at(-1) : all.findLast((one) => one.version === version))?.bytes ?? null
  }
}

/** Makes a key; RSA and ECDSA for the cases that ask whether a client knows them. */
export function makeSigner(keytype = 'ed25519', scheme = 'ed25519', more: Record<string, unknown> = {}): TufSigner {
  const { publicKey, privateKey } = pairOf(keytype)
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const raw = keytype === 'ed25519' ? Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('hex') : pem
  const key: KeyPart = { keytype, scheme, keyval: { public: raw }, ...more }
  return { keyid: hashOf('sha256', Buffer.from(canonical(key))), key, sign: (bytes) => signed(keytype, privateKey, bytes).toString('hex') }
}

function pairOf(keytype: string): { publicKey: KeyObject; privateKey: KeyObject } {
  if (keytype === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 })
  if (keytype === 'ecdsa') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return generateKeyPairSync('ed25519')
}

function signed(keytype: string, key: KeyObject, bytes: Buffer): Buffer {
  if (keytype === 'ed25519') return sign(null, bytes, key)
  if (keytype === 'ecdsa') return sign('sha256', bytes, key)
  return sign('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })
}

/** A time as TUF writes it. */
export function timeText(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`
}

export function hashOf(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex')
}

/** Canonical JSON (OLPC): sorted keys, no blanks, only quotes and backslashes escaped. */
export function canonical(value: unknown): string {
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, (c) => `\\${c}`)}"`
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, one]) => `${canonical(key)}:${canonical(one)}`).join(',')}}`
  }
  return JSON.stringify(value)
}
