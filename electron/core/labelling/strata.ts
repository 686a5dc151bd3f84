import type { DeskFacts } from '../store/fleet/desk.ts'

/**
 * How labels of sampled rows stand for all requests.
 *
 * A device keeps rows of three strata (random, low confidence, outlier), each with the inverse of its rate as a weight; the weights of all
 * samples add up to all requests. People label a part of the samples, and not at random: the queue asks for the most informative first. So
 * each stratum is cut into cells by confidence, the order within a cell is a shuffle (`Candidate.place`), and the labelled rows of a cell
 * stand for all its rows: the weight of a labelled row is multiplied with the weight of its cell over that of the cell's labelled rows
 * (post-stratification: Holt, Smith, JRSS A 142, 1979). A cell without a label is stood for by the nearest band of its stratum; a
 * stratum without a label by nothing, and then the estimate says so instead of a number.
 */
export interface CellRow {
  cell: Cell
  weight: number
  isLabelled: boolean
}

/** Rows of one bundle, stratum and band of confidence. */
export interface Cell {
  stratum: string
  band: number
}

/** Upper ends of the bands of confidence; the last band is above, and rows without a confidence have one of their own. */
const BANDS = [0.5, 0.7, 0.9] as const
const NO_CONFIDENCE = -1

/** Less of the weight than this may be without a label: 1 in 20, as the interval allows 1 in 20. */
export const LEAST_COVERED = 0.95

/** Where a row belongs; null: a disagreement of a shadow, which stands for nothing but itself. */
export function cellOf({
  deployment,
  digest,
  reason,
  confidence,
}: Pick<DeskFacts, 'deployment' | 'digest' | 'reason' | 'confidence'>): Cell | null {
  if (reason === 'disagreement') return null
  const above = BANDS.findIndex((end) => confidence !== null && confidence < end)
  const band = confidence === null ? NO_CONFIDENCE : above === -1 ? BANDS.length : above
  return { stratum: JSON.stringify([deployment, digest, reason]), band }
}

/** A cell by name. */
export function cellKey({ stratum, band }: Cell): string {
  return `${stratum} ${band}`
}

/** What each labelled row of a cell is multiplied with, and how much of the weight the labelled rows stand for. */
export interface Factors {
  of(cell: Cell): number
  /** 0 to 1; null: there is no sampled row. */
  covered: number | null
  /** Reasons whose rows have no label at all, with their share of the weight. */
  missing: { reason: string; share: number }[]
}

/** Works out the factors over all sampled rows of a scope. */
export function factorsOf(rows: Iterable<CellRow>): Factors {
  const strata = new Map<string, Map<number, { weight: number; labelled: number }>>()
  for (const { cell, weight, isLabelled } of rows) {
    let bands = strata.get(cell.stratum)
    if (bands === undefined) strata.set(cell.stratum, (bands = new Map()))
    const sums = bands.get(cell.band) ?? { weight: 0, labelled: 0 }
    bands.set(cell.band, { weight: sums.weight + weight, labelled: sums.labelled + (isLabelled ? weight : 0) })
  }
  const factors = new Map<string, number>()
  const missing = new Map<string, number>()
  let total = 0
  let covered = 0
  for (const [stratum, bands] of strata) {
    const weight = [...bands.values()].reduce((sum, one) => sum + one.weight, 0)
    total += weight
    const labelled = [...bands].filter(([, one]) => one.labelled > 0)
    if (labelled.length === 0) {
      const reason = (JSON.parse(stratum) as string[])[2]!
      missing.set(reason, (missing.get(reason) ?? 0) + weight)
      continue
    }
    covered += weight
    for (const [band, sums] of labelled) factors.set(cellKey({ stratum, band }), standing(bands, band) / sums.labelled)
  }
  return {
    of: (cell) => factors.get(cellKey(cell)) ?? 1,
    covered: total > 0 ? covered / total : null,
    missing: [...missing].map(([reason, weight]) => ({ reason, share: weight / total })),
  }
}

/** The weight that the labelled rows of a band stand for: its own, and that of bands without a label to which it is the nearest. */
function standing(bands: ReadonlyMap<number, { weight: number; labelled: number }>, band: number): number {
  const labelled = [...bands].filter(([, one]) => one.labelled > 0).map(([at]) => at)
  let weight = 0
  for (const [at, sums] of bands) {
    const nearest = labelled.reduce((best, other) => (Math.abs(other - at) < Math.abs(best - at) ? other : best))
    if (nearest === band) weight += sums.weight
  }
  return weight
}
