import { cellKey, cellOf } from './strata.ts'
import type { Candidate } from './candidate.ts'

/**
 * What a label of a row is worth. The queue is ordered by it.
 *
 * 1. A row on which a shadow and the active version disagree: 3 + 1 / r, as the r-th of those with the same two answers. One of the two is
 *    wrong, so every such label flips a verdict for one of the versions; nothing else does so with certainty. The first of each pair of
 *    answers says most.
 * 2. A row that somebody has labelled and that needs a further labeller: 2. One vote more makes a label of it.
 * 3. Any other row is worth what it measures and what it teaches, with diminishing returns:
 *
 *      (W s + L u) / sqrt(k (k + 1))
 *
 *    of its cell (bundle, stratum, band of confidence; see strata.ts): W its share of the weight of all samples, s = sqrt(p (1 - p)) with p
 *    the share of right rows, k - 1 the rows of the cell that are labelled or come earlier. W s / sqrt(k (k + 1)) is the exact form of
 *    Neyman's allocation (Wright, The American Statistician 66, 2012): always labelling the row with the largest value gives, at any number
 *    of labels, the narrowest interval of the weighted share. u is the mean uncertainty of the cell, 1 for outliers, where the model was
 *    never taught what is right, and L = 1/2 for the strata that were kept for learning, 0 for random rows: where the model is sure and
 *    inside what it knows, a label teaches little.
 *
 * p is (right + 2 c) / (labelled + 2): the confidence c of the model counts like two labels, until there are labels.
 * Which row of a cell comes first is a shuffle, so that the labelled rows of a cell stand for all of them.
 */
export interface CellSums {
  rows: number
  weight: number
  labelled: number
  right: number
  /** Sum of confidence, over the rows that have one. */
  confidence: number
  confident: number
  /** Sum of uncertainty, over the rows that have one. */
  uncertainty: number
  unsure: number
}

const LEARNING = 0.5
const DISAGREEMENT = 3
const STARTED = 2
/** How often the model is right where it tells no confidence. */
const PRIOR = 0.8

/** A row with what its label is worth. */
export interface RankedRow {
  candidate: Candidate
  information: number
  isStarted: boolean
}

/** A row that wants a label: others may have said something about it already. */
export interface OpenRow {
  candidate: Candidate
  isStarted: boolean
}

/** Puts rows into the order of the queue. @param sums of all sampled rows by `cellKey`, labelled or not */
export function rank(open: Iterable<OpenRow>, sums: ReadonlyMap<string, CellSums>): RankedRow[] {
  const total = [...sums.values()].reduce((sum, { weight }) => sum + weight, 0)
  const inCells = new Map<string, Candidate[]>()
  const pairs = new Map<string, Candidate[]>()
  const started = new Set<Candidate>()
  const ranked: RankedRow[] = []
  for (const { candidate, isStarted } of open) {
    const cell = cellOf(candidate)
    if (isStarted) started.add(candidate)
    if (candidate.other !== null) push(pairs, pairOf(candidate), candidate)
    else if (isStarted) ranked.push({ candidate, information: STARTED + (candidate.uncertainty ?? 0), isStarted })
    else if (cell === null) ranked.push({ candidate, information: STARTED, isStarted })
    else push(inCells, cellKey(cell), candidate)
  }
  for (const candidates of pairs.values()) {
    for (const [i, candidate] of byPlace(candidates).entries()) {
      ranked.push({ candidate, information: DISAGREEMENT + 1 / (i + 1), isStarted: started.has(candidate) })
    }
  }
  for (const [key, candidates] of inCells) {
    const cell = sums.get(key)!
    const value = valueOf(cell, { total, reason: candidates[0]!.reason })
    for (const [i, candidate] of byPlace(candidates).entries()) {
      const k = cell.labelled + i + 1
      ranked.push({ candidate, information: value / Math.sqrt(k * (k + 1)), isStarted: false })
    }
  }
  return ranked.sort((a, b) => b.information - a.information || a.candidate.place - b.candidate.place)
}

/** W s + L u of a cell. */
export function valueOf(cell: CellSums, { total, reason }: { total: number; reason: Candidate['reason'] }): number {
  const prior = cell.confident === 0 ? PRIOR : cell.confidence / cell.confident
  const right = (cell.right + 2 * prior) / (cell.labelled + 2)
  const measures = total > 0 ? (cell.weight / total) * Math.sqrt(Math.max(0, right * (1 - right))) : 0
  const uncertainty = reason === 'outlier' ? 1 : cell.unsure === 0 ? 0 : cell.uncertainty / cell.unsure
  return measures + (reason === 'random' ? 0 : LEARNING * uncertainty)
}

/** Adds a sampled row to the sums of its cell. */
export function addToCell(
  sums: Map<string, CellSums>,
  row: Pick<Candidate, 'deployment' | 'digest' | 'reason' | 'confidence' | 'weight'> & {
    uncertainty: number | null
    isLabelled: boolean
    isRight: boolean | null
  },
): void {
  const cell = cellOf(row)
  if (cell === null) return
  const key = cellKey(cell)
  const one = sums.get(key) ?? { rows: 0, weight: 0, labelled: 0, right: 0, confidence: 0, confident: 0, uncertainty: 0, unsure: 0 }
  one.rows += 1
  one.weight += row.weight
  one.labelled += row.isLabelled ? 1 : 0
  one.right += row.isRight === true ? 1 : 0
  one.confidence += row.confidence ?? 0
  one.confident += row.confidence === null ? 0 : 1
  one.uncertainty += row.uncertainty ?? 0
  one.unsure += row.uncertainty === null ? 0 : 1
  sums.set(key, one)
}

function pairOf({ deployment, digest, predicted, other }: Candidate): string {
  return JSON.stringify([deployment, digest, predicted, other?.version, other?.outcome])
}

function byPlace(candidates: Candidate[]): Candidate[] {
  return candidates.sort((a, b) => a.place - b.place)
}

function push(groups: Map<string, Candidate[]>, key: string, candidate: Candidate): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [candidate])
  else group.push(candidate)
}
