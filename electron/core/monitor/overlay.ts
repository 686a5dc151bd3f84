import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { hellinger } from '../../../shared/stats/drift/hellinger.ts'
import { jsDistance } from '../../../shared/stats/drift/jensen-shannon.ts'
import { ksFromBins } from '../../../shared/stats/drift/kolmogorov-smirnov.ts'
import { psi } from '../../../shared/stats/drift/psi.ts'
import { lInfinity, totalVariation } from '../../../shared/stats/drift/total-variation.ts'
import { wassersteinFromBins, wassersteinNormalised } from '../../../shared/stats/drift/wasserstein.ts'
import { coarsenCounts } from '../../../shared/stats/reference-bins.ts'
import type { FeatureCounts } from '../../../shared/stats/reference/feature-counts.ts'
import { coarseEdges, referenceCounts, SCORE_BINS, spreadOf } from '../../../shared/stats/reference/feature-window.ts'
import type { NumericReference } from '../../../shared/stats/reference/numeric-counter.ts'
import type { CountedThing } from './watched-bundle.ts'

type Feature = ResultOf<'monitoring.feature'>
type Bins = Feature['bins']
type Spread = Feature['now']
type Measures = Feature['measures']

/** Both sides of one feature: counts of its reference, and of now. */
export interface Sides {
  thing: CountedThing
  /** null: the training rows. */
  base: FeatureCounts | null
  now: FeatureCounts | null
}

/** Bins of both sides, laid over each other; numbers in about `bins` bins of equal mass of the reference. */
export function overlayBins({ thing, base, now }: Sides, bins: number): Bins {
  const { reference } = thing
  const was = base?.bins ?? referenceCounts(reference)
  const is = now?.bins ?? was.map(() => 0)
  if (reference.kind === 'categorical') {
    const names = [...reference.categories.map(([name]) => name), 'other', 'unseen']
    const all = names.map((name, i) => ({ label: name.slice(0, 256), from: null, to: null, reference: was[i] ?? 0, current: is[i] ?? 0 }))
    // The two collected bins are shown where something is in them.
    return all.filter((bin, i) => i < reference.categories.length || bin.reference > 0 || bin.current > 0)
  }
  const edges = edgesFor(reference, [was, is], bins)
  const coarse = (counts: number[]): number[] => coarsenCounts({ edges: reference.edges, counts }, edges)
  const [wasCoarse, isCoarse] = [coarse(was), coarse(is)]
  return wasCoarse.map((count, bin) => {
    const [from, to] = [edges[bin - 1] ?? null, edges[bin] ?? null]
    return { label: intervalText(from, to), from, to, reference: count, current: isCoarse[bin]! }
  })
}

/** Edges of equal mass of the first side that has counts; all of them where neither has. */
function edgesFor({ edges }: NumericReference, sides: readonly number[][], bins: number): number[] {
  const filled = sides.find((counts) => counts.some((count) => count > 0))
  return filled === undefined ? edges : coarseEdges({ edges, counts: filled }, bins)
}

function intervalText(from: number | null, to: number | null): string {
  if (from === null) return to === null ? 'all values' : `up to ${numberText(to)}`
  return to === null ? `above ${numberText(from)}` : `${numberText(from)} to ${numberText(to)}`
}

function numberText(value: number): string {
  return String(Number(value.toPrecision(5)))
}

const noSpread: Spread = { mean: null, deviation: null, min: null, max: null }

/** Mean, deviation and range of counts; null for categories. */
export function countedSpread({ reference }: CountedThing, counts: FeatureCounts | null): Spread {
  if (counts === null || counts.kind !== 'numeric' || reference.kind !== 'numeric') return noSpread
  const spread = spreadOf(reference, counts)
  return { mean: spread?.mean ?? null, deviation: spread?.deviation ?? null, min: counts.min, max: counts.max }
}

/** The same of the reference. */
export function referenceSpread({ thing, base }: Sides): Spread {
  if (base !== null) return countedSpread(thing, base)
  const { reference, hasRows } = thing
  if (reference.kind !== 'numeric' || !hasRows) return noSpread
  return { mean: reference.mean, deviation: reference.standardDeviation, min: reference.min, max: reference.max }
}

/** Distances of the whole period, each by its own scale; none of them alone is a verdict. */
export function distances({ thing, base, now }: Sides): Measures {
  const { reference } = thing
  const was = base?.bins ?? referenceCounts(reference)
  const is = now?.bins ?? was.map(() => 0)
  const isNumeric = reference.kind === 'numeric'
  const bins = overlayBins({ thing, base, now }, SCORE_BINS)
  const [p, q] = [bins.map((bin) => bin.reference), bins.map((bin) => bin.current)]
  const largest = lInfinity(p, q)
  const where = largest === null ? '' : `largest in: ${bins[largest.bin]?.label ?? ''}`.slice(0, 200)
  const over = `over ${bins.length} bins`
  return [
    { measure: 'PSI', value: psi(p, q), note: `${over}, not corrected for the number of values` },
    { measure: 'JS distance', value: jsDistance(p, q), note: `base 2, 0 to 1, ${over}` },
    { measure: 'Hellinger', value: hellinger(p, q), note: `0 to 1, ${over}` },
    { measure: 'Total variation', value: totalVariation(p, q), note: 'share of values that would have to move, 0 to 1' },
    { measure: 'L-infinity', value: largest?.distance ?? null, note: where },
    ...(isNumeric ? orderedDistances(reference, was, is, [base, now]) : []),
  ]
}

function orderedDistances(
  reference: NumericReference,
  was: readonly number[],
  is: readonly number[],
  sides: readonly (FeatureCounts | null)[],
): Measures {
  const bounds = ksFromBins(was, is)
  const ends = sides.flatMap((side) => (side?.kind === 'numeric' ? [side.min, side.max] : [])).filter((end) => end !== null)
  const low = Math.min(reference.min, reference.edges[0] ?? reference.min, ...ends)
  const high = Math.max(reference.max, reference.edges.at(-1) ?? reference.max, ...ends)
  const w1 = wassersteinFromBins([low, ...reference.edges, high], was, is)
  const sd = reference.standardDeviation
  return [
    { measure: 'KS, at least', value: bounds?.lower ?? null, note: `over ${was.length} bins` },
    { measure: 'KS, at most', value: bounds?.upper ?? null, note: 'the values behind the bins lie in between' },
    {
      measure: 'Wasserstein',
      value: w1?.distance ?? null,
      note: w1 === null ? 'in the unit of the values' : `in the unit of the values, ± ${numberText(w1.error)}`,
    },
    {
      measure: 'Wasserstein, normalised',
      value: w1 === null ? null : wassersteinNormalised(w1.distance, sd),
      note: 'in standard deviations of the reference',
    },
  ]
}
