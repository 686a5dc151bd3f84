import { createHash } from 'node:crypto'
import { Key, MetaFile, Metadata, MetadataKind, Root, Signature, Snapshot, TargetFile, Targets, Timestamp } from '@tufjs/models'
import { Problem } from '../../../../shared/domain/problem.ts'
import { fleetOfRoot, MAX_TRUST_VERSION, trustRoles, type TrustRole } from '../../../../shared/protocol/trust.ts'
import type { PublicKey, SigningKey } from '../keys/signing-key.ts'

const SPEC_VERSION = '1.0.31'

/** Who may sign what, as a root says it. */
export interface RootKeys {
  root: readonly PublicKey[]
  /** So many of the root keys must sign the next root. */
  threshold: number
  targets: readonly PublicKey[]
  snapshot: readonly PublicKey[]
  timestamp: readonly PublicKey[]
  assignment: readonly PublicKey[]
}

interface Stamp {
  version: number
  expiresAt: number
}

/** A file that is signed, with what the next one in the chain says of it. */
export interface SignedFile {
  version: number
  bytes: Buffer
}

/** Makes a root and signs it with every key that is given: those of the root before, and its own. */
export function makeRoot(of: Stamp & { fleet: string; keys: RootKeys }, signers: readonly SigningKey[]): SignedFile {
  const { keys, fleet } = of
  const { specVersion, version, expires } = stampOf(of)
  const all = [...trustRoles, 'assignment' as const].flatMap((role) => keys[role])
  const root = Root.fromJSON({
    ...{ spec_version: specVersion, version, expires, consistent_snapshot: true },
    keys: Object.fromEntries(all.map((key) => [key.tufId, tufKeyOf(key).toJSON()])),
    roles: Object.fromEntries(
      trustRoles.map((role) => [role, { keyids: keys[role].map(({ tufId }) => tufId), threshold: role === 'root' ? keys.threshold : 1 }]),
    ),
    'x-muster': { fleet, assignment: { keyids: keys.assignment.map(({ tufId }) => tufId), threshold: 1 } },
  })
  return signed(root, signers)
}

/** Makes the list of bundles that devices may run. @param targets sizes of manifests by digest */
export function makeTargets(of: Stamp & { targets: ReadonlyMap<string, number> }, signers: readonly SigningKey[]): SignedFile {
  const targets = new Targets({ ...stampOf(of), targets: {} })
  for (const [digest, length] of of.targets)
    targets.addTarget(new TargetFile({ path: targetPath(digest), length, hashes: { sha256: digest } }))
  return signed(targets, signers)
}

/** Makes the snapshot that names one version of the list. */
export function makeSnapshot(of: Stamp & { targets: SignedFile }, signers: readonly SigningKey[]): SignedFile {
  return signed(new Snapshot({ ...stampOf(of), meta: { 'targets.json': metaOf(of.targets) } }), signers)
}

/** Makes the timestamp that names one version of the snapshot. */
export function makeTimestamp(of: Stamp & { snapshot: SignedFile }, signers: readonly SigningKey[]): SignedFile {
  return signed(new Timestamp({ ...stampOf(of), snapshotMeta: metaOf(of.snapshot) }), signers)
}

/** Path of a bundle's manifest among the targets. */
export function targetPath(digest: string): string {
  return `bundles/${digest}`
}

/** What a root says, read back. @throws Problem `trust.key-invalid` */
export function readRoot(bytes: Buffer): Stamp & { fleet: string; keys: RootKeys } {
  const { signed: root } = Metadata.fromJSON(MetadataKind.Root, jsonOf(bytes))
  const ours = fleetOfRoot.safeParse(root.unrecognizedFields['x-muster'])
  if (!ours.success) throw new Problem('trust.key-invalid', 'The stored root does not say which fleet it is of.')
  const keysOf = (ids: readonly string[]): PublicKey[] =>
    ids.flatMap((id) => (root.keys[id] === undefined ? [] : [publicOf(root.keys[id], id)]))
  const ofRole = (role: TrustRole): PublicKey[] => keysOf(root.roles[role]?.keyIDs ?? [])
  return {
    ...{ version: root.version, expiresAt: Date.parse(root.expires), fleet: ours.data.fleet },
    keys: {
      ...{ root: ofRole('root'), targets: ofRole('targets'), snapshot: ofRole('snapshot'), timestamp: ofRole('timestamp') },
      threshold: root.roles['root']?.threshold ?? 1,
      assignment: keysOf(ours.data.assignment.keyids),
    },
  }
}

/** The list of bundles, read back: sizes of manifests by digest. */
export function readTargets(bytes: Buffer): Stamp & { targets: Map<string, number> } {
  const { signed: targets } = Metadata.fromJSON(MetadataKind.Targets, jsonOf(bytes))
  const entries = Object.values(targets.targets ?? {}).map(({ hashes, length }) => [hashes['sha256'] ?? '', length] as const)
  return { version: targets.version, expiresAt: Date.parse(targets.expires), targets: new Map(entries) }
}

/** Version and expiry of any file. */
export function readStamp(bytes: Buffer): Stamp {
  const { signed: part } = jsonOf(bytes) as { signed: { version: number; expires: string } }
  return { version: part.version, expiresAt: Date.parse(part.expires) }
}

/** True if a root is signed by enough keys of another one, as a device checks it. */
export function isSignedBy(root: Buffer, by: Buffer): boolean {
  try {
    Metadata.fromJSON(MetadataKind.Root, jsonOf(by)).verifyDelegate('root', Metadata.fromJSON(MetadataKind.Root, jsonOf(root)))
    return true
  } catch {
    return false
  }
}

/** True if a file is signed by a key that a root gives that right to. */
export function isRoleSigned(role: Exclude<TrustRole, 'root'>, file: Buffer, root: Buffer): boolean {
  try {
    const read = {
      targets: () => Metadata.fromJSON(MetadataKind.Targets, jsonOf(file)),
      snapshot: () => Metadata.fromJSON(MetadataKind.Snapshot, jsonOf(file)),
      timestamp: () => Metadata.fromJSON(MetadataKind.Timestamp, jsonOf(file)),
    }
    Metadata.fromJSON(MetadataKind.Root, jsonOf(root)).verifyDelegate(role, read[role]())
    return true
  } catch {
    return false
  }
}

/** True if one of the keys signed a list of bundles, whatever any root says. */
export function isListSignedBy(file: Buffer, keys: readonly Pick<PublicKey, 'tufId' | 'publicKey'>[]): boolean {
  return keys.some((key) => {
    try {
      tufKeyOf(key).verifySignature(Metadata.fromJSON(MetadataKind.Targets, jsonOf(file)))
      return true
    } catch {
      return false
    }
  })
}

type JsonObject = Parameters<typeof Root.fromJSON>[0]

function jsonOf(bytes: Buffer): JsonObject {
  return JSON.parse(bytes.toString('utf8')) as JsonObject
}

function signed(part: Root | Targets | Snapshot | Timestamp, signers: readonly SigningKey[]): SignedFile {
  const metadata = new Metadata(part)
  for (const key of signers) metadata.sign((bytes) => new Signature({ keyID: key.tufId, sig: key.sign(bytes).toString('hex') }))
  return { version: part.version, bytes: Buffer.from(JSON.stringify(metadata.toJSON())) }
}

function stampOf({ version, expiresAt }: Stamp): { specVersion: string; version: number; expires: string } {
  if (version > MAX_TRUST_VERSION) throw new RangeError(`version ${version} is out of bounds`)
  // TUF writes times without parts of a second.
  return { specVersion: SPEC_VERSION, version, expires: `${new Date(expiresAt).toISOString().slice(0, 19)}Z` }
}

function metaOf({ version, bytes }: SignedFile): MetaFile {
  return new MetaFile({ version, length: bytes.length, hashes: { sha256: createHash('sha256').update(bytes).digest('hex') } })
}

function tufKeyOf({ tufId, publicKey }: Pick<PublicKey, 'tufId' | 'publicKey'>): Key {
  return new Key({
    keyID: tufId,
    keyType: 'ed25519',
    scheme: 'ed25519',
    keyVal: { public: Buffer.from(publicKey, 'base64').toString('hex') },
  })
}

function publicOf(key: Key, tufId: string): PublicKey {
  const raw = Buffer.from(key.keyVal['public'] ?? '', 'hex')
  return { id: createHash('sha256').update(raw).digest('hex').slice(0, 32), tufId, publicKey: raw.toString('base64') }
}
