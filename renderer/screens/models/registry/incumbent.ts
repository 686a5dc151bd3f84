import type { VersionSummary } from '../../../../shared/rpc/contract/models.ts'

/** What a version is measured against, and why that one. */
export interface Incumbent {
  version: VersionSummary
  why: 'production' | 'most devices' | 'imported before'
}

/**
 * The version that another one of its model would replace: what `production` stands for, else what most devices run, else the one
 * imported before it. `null` where it is the only one.
 */
export function incumbentOf(versions: readonly VersionSummary[], of: { version: string; importedAt: number }): Incumbent | null {
  const others = versions.filter(({ version }) => version !== of.version)
  const production = others.find(({ aliases }) => aliases.some((alias) => alias === 'production'))
  if (production !== undefined) return { version: production, why: 'production' }
  const most = largestBy(others, ({ devices }) => devices.active)
  if (most !== null && most.devices.active > 0) return { version: most, why: 'most devices' }
  const before = largestBy(
    others.filter(({ importedAt }) => importedAt <= of.importedAt),
    ({ importedAt }) => importedAt,
  )
  return before === null ? null : { version: before, why: 'imported before' }
}

/** The version to offer for a comparison: the incumbent, else the newest other one. */
export function otherToCompare(versions: readonly VersionSummary[], of: { version: string; importedAt: number }): VersionSummary | null {
  const others = versions.filter(({ version }) => version !== of.version)
  return incumbentOf(versions, of)?.version ?? largestBy(others, ({ importedAt }) => importedAt)
}

function largestBy<Item>(items: readonly Item[], measure: (item: Item) => number): Item | null {
  return items.reduce<Item | null>((best, item) => (best === null || measure(item) > measure(best) ? item : best), null)
}
