import { createHash } from 'node:crypto'
import { manifest as manifestSchema, type Manifest } from '../../../shared/domain/bundle.ts'
import { bundleDigest, type BundleDigest } from '../../../shared/domain/ids.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { decodeMessage } from '../../../shared/protocol/decode.ts'

/** The cap that an assignment puts on a manifest. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024

/** The bytes of a manifest and their digest. */
export interface ManifestBytes {
  bytes: Buffer
  digest: BundleDigest
}

/**
 * Writes a manifest. Keys stand in the order of the given object and records are sorted by name, so equal content gives equal bytes.
 * @throws Problem `model.unsupported` if a device would refuse to read it, `model.resource-limit` if it is too large
 */
export function writeManifest(content: Manifest): ManifestBytes {
  const bytes = Buffer.from(
    JSON.stringify({
      ...content,
      onnx: { ...content.onnx, opsets: sorted(content.onnx.opsets), metadata: sorted(content.onnx.metadata) },
      metrics: sorted(content.metrics),
    }),
  )
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw new Problem('model.resource-limit', `The manifest has ${bytes.length} bytes; at most ${MAX_MANIFEST_BYTES} are sent to a device.`)
  try {
    readManifest(bytes)
  } catch (error) {
    throw new Problem('model.unsupported', `The model cannot be described to devices: ${messageOf(error)}`, { cause: error })
  }
  return { bytes, digest: bundleDigest.parse(createHash('sha256').update(bytes).digest('hex')) }
}

/** Reads the bytes of a manifest, as a device does. @throws Problem `message.malformed`, `message.unsupported-version` */
export function readManifest(bytes: Buffer): Manifest {
  return decodeMessage(manifestSchema, bytes.toString('utf8'), 'The manifest')
}

function sorted<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}
