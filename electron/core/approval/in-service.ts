import type { RosterEntry } from '../store/fleet/roster-rows.ts'

/**
 * Tells which released version of a model most devices are ordered to have active; null: none is. Of two that are equal, the later name.
 * @param isReleased a device may still have a version that was withdrawn, or that was never released here
 */
export function serviceOf(
  entries: readonly RosterEntry[],
  isReleased: (model: string, version: string) => boolean,
): (model: string) => string | null {
  const counts = new Map<string, Map<string, number>>()
  for (const { orders } of entries) {
    for (const { model, version } of orders) {
      const versions = counts.get(model) ?? new Map<string, number>()
      counts.set(model, versions)
      versions.set(version, (versions.get(version) ?? 0) + 1)
    }
  }
  return (model) => {
    const versions = [...(counts.get(model) ?? [])].sort(([a, of], [b, other]) => other - of || (a < b ? 1 : -1))
    return versions.find(([version]) => isReleased(model, version))?.[0] ?? null
  }
}
