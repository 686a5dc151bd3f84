import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { PackedDistribution } from '../../../../shared/stats/reference/distribution.ts'
import type { PackedSums } from '../../../../shared/stats/reference/distribution-sum.ts'

/** Names and keys repeat in every record: deflated it takes a third. */
const LEVEL = { level: 6 } as const
/** A record has at most 128 KiB; sums of four references each may be longer. */
const MOST_BYTES = 16 * 1024 * 1024

/** The counts of a record, or sums of records, as bytes. */
export function packBody({ rows, features, outcome, confidence, estimate }: PackedDistribution | PackedSums): Uint8Array {
  return deflateRawSync(JSON.stringify({ rows, features, outcome, confidence, estimate }), LEVEL)
}

/** What the bytes hold; null if they are damaged: one row never makes a question fail. */
export function unpackBody(bytes: Uint8Array): PackedDistribution | PackedSums | null {
  try {
    return JSON.parse(inflateRawSync(bytes, { maxOutputLength: MOST_BYTES }).toString()) as PackedDistribution | PackedSums
  } catch {
    return null
  }
}
