import { artifactsOf, isConsistentArtifact, type Manifest, manifest as manifestSchema } from '../../shared/domain/bundle.ts'
import { Problem } from '../../shared/domain/problem.ts'
import { decodeSigned } from '../../shared/protocol/decode.ts'
import { sha256Of } from './block-check.ts'

/** The same cap that an assignment puts on the size of a manifest. */
export const MAX_MANIFEST_BYTES = 16 * 1024 * 1024

/**
 * A fetched manifest as the device may use it: the bytes that the digest names, of a known form, with block lists that add up.
 * @throws Problem `bundle.invalid`, or `message.unsupported-version` if a newer console made it
 */
export function parseManifest(bytes: Uint8Array, digest: string): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw new Problem('bundle.invalid', `Manifest ${digest} has ${bytes.length} bytes; ${MAX_MANIFEST_BYTES} are allowed.`)
  if (sha256Of(bytes) !== digest) throw new Problem('bundle.invalid', `The bytes of manifest ${digest} are not those that the order names.`)
  const manifest = decode(bytes, digest)
  for (const { role, entry } of artifactsOf(manifest)) {
    if (!isConsistentArtifact(entry))
      throw new Problem('bundle.invalid', `Manifest ${digest}: the blocks of '${role}' do not add up to ${entry.sizeBytes} bytes.`)
  }
  return manifest
}

function decode(bytes: Uint8Array, digest: string): Manifest {
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return decodeSigned(manifestSchema, json, `manifest ${digest}`, { hasMeasures: true })
  } catch (error) {
    if (error instanceof Problem && error.code !== 'message.malformed') throw error
    const why = error instanceof Problem ? error.message : `manifest ${digest} is not UTF-8 text`
    throw new Problem('bundle.invalid', why, { cause: error })
  }
}
