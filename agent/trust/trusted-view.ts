import { createHash } from 'node:crypto'
import { Metadata, MetadataKind } from '@tufjs/models'
import { z } from 'zod'
import { fleetOfRoot, type FleetOfRoot } from '../../shared/protocol/trust.ts'
import type { MetadataFiles } from './metadata-files.ts'
import { trustedKeys, type TrustedKey } from './verify.ts'

const file = z.looseObject({
  signed: z.looseObject({
    version: z.int().positive(),
    expires: z.string(),
    keys: z.record(z.string(), z.looseObject({ keytype: z.string(), keyval: z.looseObject({ public: z.string().optional() }) })).optional(),
    'x-muster': z.unknown().optional(),
  }),
})

/** What the trusted files say, read once after each change. The TUF client has checked them; nothing here decides whether they are right. */
export interface TrustedView {
  versions: { root: number; targets: number; timestamp: number }
  /** The first of the four files that expires, epoch ms; null: some file is not there yet. */
  expiresAt: number | null
  /** Who may sign orders; null: the root does not say. */
  assignmentKeys: readonly TrustedKey[] | null
  fleet: string | null
  /** False: some file is not signed by the keys that the root names, as while the rest is not heard under a new root. */
  isUnderRoot: boolean
  /** SHA-256 of the timestamp, hex: tells whether one that comes in is the known one. */
  timestampHash: string | null
}

const roles = ['root', 'timestamp', 'snapshot', 'targets'] as const

/** Reads the files; null: there is no root. */
export function readTrusted(files: MetadataFiles): TrustedView | null {
  const bytes = Object.fromEntries(roles.map((role) => [role, files.read(role)])) as Record<(typeof roles)[number], Buffer | null>
  const parsed = Object.fromEntries(roles.map((role) => [role, parse(bytes[role])])) as Record<(typeof roles)[number], ParsedFile | null>
  if (parsed.root === null) return null
  const ends = roles.map((role) => (parsed[role] === null ? null : Date.parse(parsed[role].expires)))
  const ours = fleetOfRoot.safeParse(parsed.root['x-muster'])
  return {
    versions: {
      root: parsed.root.version,
      targets: parsed.targets?.version ?? 0,
      timestamp: parsed.timestamp?.version ?? 0,
    },
    expiresAt: ends.some((end) => end === null || Number.isNaN(end)) ? null : Math.min(...(ends as number[])),
    assignmentKeys: ours.success ? keysOf(parsed.root, ours.data) : null,
    fleet: ours.success ? ours.data.fleet : null,
    isUnderRoot: isUnderRoot(bytes),
    timestampHash: bytes.timestamp === null ? null : createHash('sha256').update(bytes.timestamp).digest('hex'),
  }
}

type ParsedFile = z.infer<typeof file>['signed']

function parse(bytes: Buffer | null): ParsedFile | null {
  if (bytes === null) return null
  try {
    const parsed = file.safeParse(JSON.parse(bytes.toString('utf8')))
    return parsed.success ? parsed.data.signed : null
  } catch {
    // A damaged file is as good as none: the client fetches it again.
    return null
  }
}

function isUnderRoot({ root, timestamp, snapshot, targets }: Record<(typeof roles)[number], Buffer | null>): boolean {
  const json = (bytes: Buffer): Parameters<typeof Metadata.fromJSON>[1] => JSON.parse(bytes.toString('utf8')) as never
  try {
    const by = Metadata.fromJSON(MetadataKind.Root, json(root!))
    if (timestamp !== null) by.verifyDelegate('timestamp', Metadata.fromJSON(MetadataKind.Timestamp, json(timestamp)))
    if (snapshot !== null) by.verifyDelegate('snapshot', Metadata.fromJSON(MetadataKind.Snapshot, json(snapshot)))
    if (targets !== null) by.verifyDelegate('targets', Metadata.fromJSON(MetadataKind.Targets, json(targets)))
    return true
  } catch {
    return false
  }
}

function keysOf(root: ParsedFile, { assignment }: FleetOfRoot): readonly TrustedKey[] {
  const hexKeys = assignment.keyids.flatMap((id) => {
    const key = root.keys?.[id]
    return key?.keytype === 'ed25519' && /^[0-9a-f]{64}$/.test(key.keyval.public ?? '') ? [key.keyval.public!] : []
  })
  return trustedKeys(hexKeys.map((hex) => Buffer.from(hex, 'hex').toString('base64')))
}
