import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { messageOf } from '../../shared/domain/problem.ts'
import { monitoredReferences, type MonitoredReferences } from '../../shared/stats/reference/monitored.ts'
import type { ArtifactStore } from '../artifact/store.ts'
import type { Bundles } from '../converge/bundles.ts'
import type { Log } from '../log.ts'
import { parseBaseline } from '../runtime/read-baseline.ts'

/** Bundles whose references are kept in memory. */
const MOST_KEPT = 8

/** Reads the references of bundles from their files, once per bundle and run of the agent. */
export function openReferences(of: { bundles: Bundles; store: ArtifactStore; log: Log }): (digest: string) => MonitoredReferences | null {
  const kept = new Map<string, MonitoredReferences | null>()
  return (digest) => {
    const known = kept.get(digest)
    if (known !== undefined) return known
    const made = read(of, digest)
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!)
    kept.set(digest, made)
    return made
  }
}

function read({ bundles, store, log }: { bundles: Bundles; store: ArtifactStore; log: Log }, digest: string): MonitoredReferences | null {
  try {
    const manifest = bundles.manifest(digest)
    const entry = manifest.artifacts.baseline
    if (entry === undefined) return monitoredReferences(manifest, null)
    const bytes = readFileSync(store.path(entry.sha256))
    if (createHash('sha256').update(bytes).digest('hex') === entry.sha256) return monitoredReferences(manifest, parseBaseline(bytes))
    log('warn', 'the baseline of a bundle is damaged; its values are not watched', { digest })
  } catch (error) {
    log('warn', 'the baseline of a bundle cannot be read; its values are not watched', { digest, reason: messageOf(error) })
  }
  return null
}
