import type { Distribution } from '../../../../shared/stats/reference/distribution.ts'
import type { WatchedBundle } from '../../monitor/watched-bundle.ts'
import type { Look } from './evidence-parts.ts'
import { sliceOf, windowLength } from './scope.ts'

/** So many sums of a device and window are unpacked for one look: each has up to a hundred bins of every feature. */
const MOST_ROWS = 2000

/** What one device counted of one bundle in one window. */
export interface CountCell {
  device: string
  bundle: WatchedBundle
  counts: Distribution
}

/** Both sides in the same time. */
export interface CountWindow {
  at: number
  candidate: CountCell[]
  incumbent: CountCell[]
}

/** Two metrics of one look read the same counts. */
const kept = new WeakMap<Look, readonly CountWindow[]>()

/** What went in and came out on both sides, window by window. */
export function countsAt(look: Look): readonly CountWindow[] {
  const known = kept.get(look) ?? readCounts(look)
  kept.set(look, known)
  return known
}

function readCounts({ parts, question, scope }: Look): CountWindow[] {
  const all = [...new Set([...scope.devices, ...scope.baseline])]
  const bucketMs = windowLength(question, all.length, MOST_ROWS)
  const windows = new Map<string, CountWindow>()
  const read = (digest: string, devices: readonly string[], side: 'candidate' | 'incumbent'): void => {
    const bundle = parts.bundle(digest)
    if (bundle === null) return
    for (const { key, state } of parts.slices.distributions(
      sliceOf(question, digest, devices),
      { bucketMs, by: 'device' },
      bundle.references,
    )) {
      const name = question.method === 'split' ? `${key.bucket} ${key.device}` : String(key.bucket)
      const window = windows.get(name) ?? { at: key.bucket, candidate: [], incumbent: [] }
      window[side].push({ device: key.device!, bundle, counts: state })
      windows.set(name, window)
    }
  }
  read(question.candidate.digest, scope.devices, 'candidate')
  // A shadow, or a version that has answered nothing, counts nothing: then the others need not be read.
  if (windows.size > 0) for (const digest of scope.incumbents) read(digest, all, 'incumbent')
  return [...windows.values()].sort((a, b) => a.at - b.at)
}
