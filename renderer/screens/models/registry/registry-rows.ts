import { versionStages, type VersionStage } from '../../../../shared/domain/version-stage.ts'
import type { VersionSummary } from '../../../../shared/rpc/contract/models.ts'
import type { Sort } from '../../../components/grid/column.ts'
import { isHigherBetter, keyMetricOf } from '../metrics.ts'

/** A version as a row of the registry, which keeps the versions of one model together. */
export interface RegistryRow {
  version: VersionSummary
  /** The first row of its model. */
  isFirst: boolean
  /** Versions of its model that are shown. */
  ofModel: number
}

/** The key of a row: names of models and versions hold no `@`. */
export function keyOfVersion({ model, version }: { model: string; version: string }): string {
  return `${model}@${version}`
}

/**
 * The rows of the registry: versions (of one stage, if one is named) whose texts hold every word of the search, models together, the newest version first unless sorted.
 * A sort orders the versions within their model, and the models by the version that leads them.
 */
export function registryRows(
  versions: readonly VersionSummary[],
  { search, stage = null, sort }: { search: string; stage?: VersionStage | null; sort: Sort },
): RegistryRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const inStage = stage === null ? versions : versions.filter((version) => version.stage === stage)
  const found = inStage.filter((version) => words.every((word) => textOf(version).includes(word)))
  const groups = new Map<string, VersionSummary[]>()
  for (const version of found) groups.set(version.model, [...(groups.get(version.model) ?? []), version])
  const compare = comparison(sort)
  const ordered = [...groups.values()].map((group) => group.sort((a, b) => compare(a, b) || b.importedAt - a.importedAt))
  ordered.sort((a, b) => compare(a[0]!, b[0]!) || byText(a[0]!.model, b[0]!.model))
  return ordered.flatMap((group) => group.map((version, i) => ({ version, isFirst: i === 0, ofModel: group.length })))
}

function textOf({ model, version, aliases, task, sourceName, digest }: VersionSummary): string {
  return [`${model}@${version}`, ...aliases, task, sourceName, digest].join('\n').toLowerCase()
}

type Comparison = (a: VersionSummary, b: VersionSummary) => number

function comparison({ column, descending }: Sort): Comparison {
  const sign = descending ? -1 : 1
  switch (column) {
    case 'version':
      return (a, b) => sign * byVersion(a.version, b.version)
    case 'stage':
      return (a, b) => sign * (versionStages.indexOf(a.stage) - versionStages.indexOf(b.stage))
    case 'task':
      return (a, b) => sign * byText(a.task, b.task)
    case 'size':
      return (a, b) => sign * (a.sizeBytes - b.sizeBytes)
    case 'devices':
      return (a, b) => sign * (a.devices.active - b.devices.active || a.devices.desired - b.devices.desired)
    case 'imported':
      return (a, b) => sign * (a.importedAt - b.importedAt)
    case 'metric':
      return byMetric(sign)
    default:
      return (a, b) => sign * byText(a.model, b.model)
  }
}

/** Better ones first when descending; what was not evaluated comes last either way. */
function byMetric(sign: number): Comparison {
  const goodness = (version: VersionSummary): number | null => {
    const key = keyMetricOf(version)
    return key === null ? null : isHigherBetter(key.metric) ? key.value : -key.value
  }
  return (a, b) => {
    const [left, right] = [goodness(a), goodness(b)]
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    return sign * (left - right)
  }
}

function byText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

const numbers = new Intl.Collator('en', { numeric: true })

/** 1.9.0 before 1.10.0, and 1.10.0-rc1 before 1.10.0. */
export function byVersion(a: string, b: string): number {
  const [aRelease, ...aRest] = a.split('-')
  const [bRelease, ...bRest] = b.split('-')
  const release = numbers.compare(aRelease!, bRelease!)
  if (release !== 0 || aRest.length === 0 || bRest.length === 0) return release || bRest.length - aRest.length
  return numbers.compare(aRest.join('-'), bRest.join('-'))
}
