import { addShadow } from '../../store/telemetry/shadow-totals.ts'
import type { CountCell } from './counts.ts'
import type { Look } from './evidence-parts.ts'
import { OTHER, saidBy, type Said } from './outcome-counts.ts'
import { sliceOf } from './scope.ts'

/**
 * What a shadow says, from what the active bundle said on the same devices and the classes in which the two differ: a row of (a, b) is one less of a
 * and one more of b. Null where the active one counts no outcomes, or values instead of classes.
 */
export function saidInPairs({ parts, question, shadows }: Look): { candidate: Said; incumbent: Said } | null {
  const sums = shadows.map((arm) => arm.sums).reduce(addShadow)
  if (sums.compared === 0 || sums.difference !== null) return null
  const devices = shadows.map(({ device }) => device)
  const cells = [...new Set(shadows.map(({ against }) => against))].flatMap((digest): CountCell[] => {
    const bundle = parts.bundle(digest)
    if (bundle === null) return []
    return parts.slices
      .distributions(sliceOf(question, digest, devices), { bucketMs: null, by: 'all' }, bundle.references)
      .map(({ state }) => ({ device: '', bundle, counts: state }))
  })
  const said = saidBy(cells, cells)
  if (said === null || said.incumbent.values === 0) return null
  const { bins, values, effective } = said.incumbent
  const scale = sums.compared / values
  const active = new Map([...bins].map(([name, count]) => [name, count * scale]))
  const shadow = new Map(active)
  // A class that the active one has no name for is one of its others, whatever the pair calls it.
  const named = (name: string): string => (active.has(name) ? name : OTHER)
  for (const [first, second, rows] of sums.pairs) {
    const [from, to] = [named(first), named(second)]
    shadow.set(from, Math.max(0, (shadow.get(from) ?? 0) - rows))
    shadow.set(to, (shadow.get(to) ?? 0) + rows)
  }
  const worth = Math.max(1, sums.compared * Math.min(1, effective / values))
  return {
    candidate: { bins: shadow, values: sums.compared, effective: worth },
    incumbent: { bins: active, values: sums.compared, effective: worth },
  }
}
