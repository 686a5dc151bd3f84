import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { envelope, payloadTypes, type Envelope } from '../../../shared/protocol/envelope.ts'
import { keyIdOf, verifySignatures } from '../trust/keys.ts'

/** Name of the signed list of contents within a backup. It is written last: a folder without it is no backup. */
export const MANIFEST = 'manifest.json'

/** Why a backup was made. */
export const backupReasons = ['schedule', 'person'] as const
export type BackupReason = (typeof backupReasons)[number]

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const size = z.int().nonnegative()

/** What a backup contains, as the signed bytes say it. */
export const backupManifest = z.looseObject({
  v: z.literal(1),
  fleet: z.string().max(64),
  fleetName: z.string().max(200),
  madeBy: z.string().max(64).describe('Version of Muster.'),
  madeAt: z.int().nonnegative(),
  reason: z.enum(backupReasons),
  devices: size,
  schemas: z.object({ fleet: size, telemetry: size.nullable() }),
  files: z.array(z.object({ name: z.enum(['fleet.db', 'telemetry.db', 'keys.sealed']), bytes: size, sha256 })).max(8),
  artifacts: z.array(z.object({ sha256, bytes: size })),
})
export type BackupManifest = z.infer<typeof backupManifest>

/** Whose signature a backup carries. */
export type Signer = { keyId: string; isOurs: boolean }

const stored = z.looseObject({ envelope, publicKey: z.string().max(64) })

/** The bytes of the manifest file: the envelope, and the public key that it can be checked with. */
export function writeManifest(signed: Envelope, publicKey: string): Buffer {
  return Buffer.from(`${JSON.stringify({ envelope: signed, publicKey })}\n`)
}

/**
 * Reads and checks the manifest of a backup.
 * @param trusted raw public keys (base64) that sign for this fleet; empty where there is none, as on a new machine
 * @throws Problem `backup.not-found`, `backup.damaged`
 */
export function readManifest(directory: string, trusted: readonly string[]): { manifest: BackupManifest; signer: Signer } {
  let text: string
  try {
    text = readFileSync(join(directory, MANIFEST), 'utf8')
  } catch (error) {
    throw new Problem('backup.not-found', `There is no whole backup in ${directory}: ${messageOf(error)}`, { cause: error })
  }
  const damaged = (why: string): Problem => new Problem('backup.damaged', `The manifest of the backup ${directory} is damaged: ${why}`)
  try {
    const { envelope: signed, publicKey } = stored.parse(JSON.parse(text))
    const bytes = Buffer.from(signed.payload, 'base64')
    if (signed.payloadType !== payloadTypes.backup || !verifySignatures(payloadTypes.backup, bytes, signed.signatures, [publicKey])) {
      throw damaged('its signature does not fit its content.')
    }
    const manifest = backupManifest.parse(JSON.parse(bytes.toString('utf8')))
    const keyId = keyIdOf(Buffer.from(publicKey, 'base64'))
    return { manifest, signer: { keyId, isOurs: trusted.includes(publicKey) } }
  } catch (error) {
    throw error instanceof Problem ? error : damaged('it cannot be read.')
  }
}
