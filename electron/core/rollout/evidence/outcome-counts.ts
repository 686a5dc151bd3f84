import { effectiveSize, lagOneCorrelation, repeatCorrelation } from '../../../../shared/stats/drift/effective-size.ts'
import { copyFeatureCounts, mergeFeatureCounts, valuesOf, type FeatureCounts } from '../../../../shared/stats/reference/feature-counts.ts'
import { coarseEdges } from '../../../../shared/stats/reference/feature-window.ts'
import { coarsenCounts } from '../../../../shared/stats/reference-bins.ts'
import { countsOf, type CountedThing } from '../../monitor/watched-bundle.ts'
import type { CountCell } from './counts.ts'

/** What one side said, in bins with a name each. */
export interface Said {
  bins: Map<string, number>
  values: number
  /** Independent values that they are worth. */
  effective: number
}

/** The bins of what is said. */
interface Cut {
  edges: readonly number[]
  /** Of classes. */
  names: ReadonlySet<string>
}

interface Sum {
  thing: CountedThing
  counts: FeatureCounts
}

/**
 * What both sides said in common bins: classes by the names that all count, values in the bins of a reference that both share. Null: no common bins.
 * Each bundle names its own most frequent classes, so a class that one names may be among the others of the next, where its count is not known.
 */
export function saidBy(candidate: readonly CountCell[], incumbent: readonly CountCell[]): { candidate: Said; incumbent: Said } | null {
  const [mine, theirs] = [sums(candidate), sums(incumbent)]
  const all = [...mine, ...theirs]
  if (mine.length === 0 || theirs.length === 0) return null
  const isNumeric = all.some(({ counts }) => counts.kind === 'numeric')
  if (isNumeric && new Set(all.map(({ thing }) => thing.key)).size > 1) return null
  const cut: Cut = { edges: isNumeric ? edgesOf(theirs[0]!) : [], names: isNumeric ? new Set() : commonNames(all) }
  if (!isNumeric && cut.names.size === 0) return null
  return { candidate: told(mine, cut), incumbent: told(theirs, cut) }
}

/** Sums of the outcomes by bundle. */
function sums(cells: readonly CountCell[]): Sum[] {
  const found = new Map<string, Sum>()
  for (const { bundle, counts } of cells) {
    const thing = bundle.things.find(({ role }) => role === 'outcome')
    const outcome = thing === undefined ? null : countsOf(thing, counts)
    if (thing === undefined || outcome === null) continue
    const sum = found.get(bundle.digest)
    found.set(bundle.digest, { thing, counts: sum === undefined ? copyFeatureCounts(outcome) : mergeFeatureCounts(sum.counts, outcome) })
  }
  return [...found.values()]
}

/** About ten bins of what the incumbent said. */
function edgesOf({ thing: { reference }, counts }: Sum): number[] {
  return reference.kind === 'numeric' ? coarseEdges({ edges: reference.edges, counts: counts.bins }) : []
}

/** Classes whose counts are known of every bundle: it names them, or has said nothing but what it names. */
function commonNames(all: readonly Sum[]): ReadonlySet<string> {
  const sides = all.map(({ thing: { reference }, counts }) => {
    const names = new Set(reference.kind === 'categorical' ? reference.categories.map(([name]) => name) : [])
    return { names, isAll: counts.bins.slice(names.size).every((count) => count === 0) }
  })
  const names = new Set(sides.flatMap((side) => [...side.names]))
  return new Set([...names].filter((name) => sides.every((side) => side.isAll || side.names.has(name))))
}

function told(of: readonly Sum[], { edges, names }: Cut): Said {
  const said: Said = { bins: new Map(), values: 0, effective: 0 }
  for (const { thing, counts } of of) {
    const { reference } = thing
    const values = valuesOf(counts)
    const correlation = counts.kind === 'numeric' ? lagOneCorrelation(counts.lag) : repeatCorrelation(counts, counts.bins)
    said.values += values
    said.effective += effectiveSize(values, correlation)
    const named: [string, number][] =
      reference.kind === 'numeric'
        ? coarsenCounts({ edges: reference.edges, counts: counts.bins }, [...edges]).map((count, i) => [`bin ${i}`, count])
        : counts.bins.map((count, i) => [nameOf(reference.categories[i]?.[0], names), count])
    for (const [name, count] of named) said.bins.set(name, (said.bins.get(name) ?? 0) + count)
  }
  return said
}

function nameOf(category: string | undefined, names: ReadonlySet<string>): string {
  return category !== undefined && names.has(category) ? category : OTHER
}

/** Half of what is said must have a name that both count: a version that is told from its incumbent by little is not known to be like it. */
export function isMostlyNamed({ bins, values }: Said): boolean {
  return (bins.get(OTHER) ?? 0) <= values / 2
}

/** Classes without a name that both count; no class can be called so. */
export const OTHER = '\u0000other'
