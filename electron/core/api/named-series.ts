import type { TelemetrySeries } from '../../../shared/rpc/contract/telemetry-series.ts'
import type { VersionName } from '../store/fleet/version-names.ts'

/** What this console calls a bundle; nothing where it does not know it: then the word of the device stands. */
export function nameOf(names: ReadonlyMap<string, VersionName>, digest: string | null): { model: string; version: string } | undefined {
  const known = digest === null ? undefined : names.get(digest)
  return known === undefined ? undefined : { model: known.model, version: known.version }
}

/** Series with the names of this console. */
export function named(series: readonly TelemetrySeries[], names: ReadonlyMap<string, VersionName>): TelemetrySeries[] {
  return series.map((one) => ({ ...one, ...nameOf(names, one.digest) }))
}
