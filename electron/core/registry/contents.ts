import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import {
  artifactsOf,
  baseline,
  bundleSizeBytes,
  goldenSet,
  type Baseline,
  type GoldenSet,
  type Manifest,
} from '../../../shared/domain/bundle.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { decodeMessage } from '../../../shared/protocol/decode.ts'
import type { ArtifactStore } from './artifact-store.ts'

/** A parsed golden set or baseline is kept while somebody looks at its version. */
const KEPT = 4

/** What is inside a bundle, beside the model. */
export interface BundleContents {
  /** null: the bundle has none. @throws Problem `store.corrupt` */
  golden(of: Manifest): GoldenSet | null
  /** null: the bundle has none. @throws Problem `store.corrupt` */
  baseline(of: Manifest): Baseline | null
}

/** Reads the artifacts of bundles from the store. */
export function openContents(store: Pick<ArtifactStore, 'pathOf'>): BundleContents {
  const kept = new Map<string, unknown>()
  function read<Schema extends z.ZodType>(schema: Schema, sha256: string | undefined, what: string): z.infer<Schema> | null {
    if (sha256 === undefined) return null
    const known = kept.get(sha256)
    // The digest names the content, so what was parsed under it by one schema is of that schema.
    if (known !== undefined) return known as z.infer<Schema>
    const parsed = decodeMessage(schema, textOf(store.pathOf(sha256), what), what)
    kept.set(sha256, parsed)
    const oldest = kept.keys().next()
    if (kept.size > KEPT && oldest.done !== true) kept.delete(oldest.value)
    return parsed
  }
  return {
    golden: (of) => read(goldenSet, of.artifacts.golden?.sha256, `The golden set of ${of.model}@${of.version}`),
    baseline: (of) => read(baseline, of.artifacts.baseline?.sha256, `The baseline of ${of.model}@${of.version}`),
  }
}

function textOf(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Problem('store.corrupt', `${what} cannot be read: ${messageOf(error)}`, {
      hint: 'Import the model again, under the same version.',
      cause: error,
    })
  }
}

/** Bytes and blocks of all artifacts of a bundle. */
export function sizeOfBundle(of: Manifest): { bytes: number; blocks: number } {
  return { bytes: bundleSizeBytes(of), blocks: artifactsOf(of).reduce((sum, { entry }) => sum + entry.blocks.length, 0) }
}

/** The blocks of a bundle by hash, with their bytes; one that occurs twice is sent once. */
export function blocksOfBundle(of: Manifest): Map<string, number> {
  return new Map(artifactsOf(of).flatMap(({ entry }) => entry.blocks.map(([bytes, sha256]) => [sha256, bytes] as const)))
}
