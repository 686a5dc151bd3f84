import { createHash } from 'node:crypto'
import { payloadTypes, preAuthEncoding, type Signature } from '../../../../shared/protocol/envelope.ts'
import { openModelTable } from '../../store/fleet/models.ts'
import type { WriteDb } from '../../store/open.ts'
import type { SigningKey } from './signing-key.ts'

/** As many as a reference to a bundle may carry. */
const MAX_SIGNATURES = 8

/**
 * Adds the signature of another key to bundles that are on the signed list, for devices that trust keys and no metadata. The older ones stay:
 * devices that were enrolled with those keys still check by them. A manifest that is not what its digest says gets none.
 */
export function resignBundles(db: WriteDb, key: SigningKey, listed: { has(digest: string): boolean }): void {
  const table = openModelTable(db)
  for (const { digest, manifest, signatures } of table.bundles()) {
    const before = JSON.parse(signatures) as Signature[]
    if (!listed.has(digest) || before.some(({ keyid }) => keyid === key.id)) continue
    if (createHash('sha256').update(manifest).digest('hex') !== digest) continue
    const sig = key.sign(preAuthEncoding(payloadTypes.bundle, manifest)).toString('base64')
    table.setSignatures(digest, JSON.stringify([...before, { keyid: key.id, sig }].slice(-MAX_SIGNATURES)))
  }
}
