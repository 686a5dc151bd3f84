import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ArtifactEntry, artifactEntry, manifest } from '../../../../shared/domain/bundle.ts'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A generator of numbers in 0..1 with a seed (mulberry32), so that a failing row can be run again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Bytes that do not compress. */
export function randomBytes(size: number, random: () => number): Uint8Array {
  return Uint8Array.from({ length: size }, () => Math.floor(random() * 256))
}

/** The block list of bytes that are cut at the given sizes in turn. */
export function entryOf(bytes: Uint8Array, cut: readonly number[], encoding: 'identity' | 'zstd' = 'identity'): ArtifactEntry {
  const blocks: [number, string][] = []
  for (let start = 0, i = 0; start < bytes.length; i += 1) {
    const block = bytes.subarray(start, start + cut[i % cut.length]!)
    blocks.push([block.length, sha256(block)])
    start += block.length
  }
  return artifactEntry.parse({ sha256: sha256(bytes), sizeBytes: bytes.length, encoding, blocks })
}

/** A manifest around an artifact entry, as bytes with their digest. */
export function manifestOf(model: ArtifactEntry, version = '1.0.0'): { bytes: Uint8Array; digest: string } {
  const value = manifest.parse({
    v: 1,
    model: 'digits',
    version,
    task: 'classification',
    labels: [],
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
    outcome: { label: null, probabilities: null, value: null },
    schema: { input: null, features: [], target: null },
    preprocessing: { v: 1, steps: [] },
    onnx: { irVersion: 8, opsets: { '': 17 }, operators: [], producer: '', metadata: {} },
    metrics: {},
    artifacts: { model },
  })
  const bytes = Buffer.from(JSON.stringify(value))
  return { bytes, digest: sha256(bytes) }
}

/** A model version in the store of a console. */
export interface SampleBundle {
  bytes: Uint8Array
  entry: ArtifactEntry
  digest: string
  manifestBytes: Uint8Array
}

/** Puts an artifact and its manifest where the console keeps them. */
export function publishBundle(directory: string, bytes: Uint8Array, entry: ArtifactEntry, version = '1.0.0'): SampleBundle {
  const made = manifestOf(entry, version)
  writeFileSync(join(directory, entry.sha256), bytes)
  writeFileSync(join(directory, made.digest), made.bytes)
  return { bytes, entry, digest: made.digest, manifestBytes: made.bytes }
}
