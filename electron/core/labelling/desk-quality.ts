import { addLabelled, emptyQuality, type QualityState } from '../../../shared/stats/quality/quality-state.ts'
import type { DeskRow } from '../store/fleet/desk.ts'
import type { Cut, PartKey, Slice } from '../store/telemetry/slice.ts'
import type { DeskContext } from './desk-context.ts'
import type { Candidate } from './candidate.ts'
import { isRight, populationOf } from './population.ts'
import { cellOf, factorsOf, type CellRow, type Factors } from './strata.ts'

/**
 * What the labels of the desk say, in the parts of `SliceReader.quality`; merge both. Rows whose truth the device sent itself are left out:
 * there feedback counts. Plain figures (rows, right, pairs, calibration) are of the labelled rows, which were chosen for what they teach;
 * `weighted` is what they say of all requests.
 */
export function deskQuality(context: DeskContext, slice: Slice, cut: Cut): { key: PartKey; state: QualityState }[] {
  const { devices, deployment, digests, from, through } = slice
  const scope = {
    devices: devices === null ? null : new Set(devices),
    deployment,
    from,
    through,
    ...(digests === undefined ? {} : { digests }),
  }
  const { open, settled } = populationOf(context, scope)
  const parts = new Map<string, { key: PartKey; labelled: DeskRow[]; cells: CellRow[] }>()
  const partOf = (row: DeskRow | Candidate) => {
    const key = keyOf(row, slice, cut)
    const name = JSON.stringify(key)
    const part = parts.get(name) ?? { key, labelled: [], cells: [] }
    parts.set(name, part)
    return part
  }
  const count = (row: DeskRow | Candidate, isLabelled: boolean): void => {
    const cell = cellOf(row)
    if (cell !== null) partOf(row).cells.push({ cell, weight: row.weight, isLabelled })
  }
  for (const row of open) count(row, false)
  for (const row of settled) {
    partOf(row).labelled.push(row)
    count(row, isRight(row) !== null)
  }
  return [...parts.values()]
    .filter(({ labelled }) => labelled.length > 0)
    .map(({ key, labelled, cells }) => ({ key, state: qualityOfRows(labelled, factorsOf(cells)) }))
    .sort((a, b) => a.key.bucket - b.key.bucket)
}

/** The sums over settled rows. A row that the model said nothing about cannot be judged and is left out. */
export function qualityOfRows(rows: readonly DeskRow[], factors: Factors): QualityState {
  const state = emptyQuality()
  for (const row of rows) {
    const { predicted, actual, confidence } = row
    if (predicted === null || actual === null) continue
    const cell = cellOf(row)
    // No weight: the row counts for itself only.
    addLabelled(state, { predicted, actual, confidence, weight: cell === null ? 0 : row.weight * factors.of(cell) })
  }
  return state
}

/** As the parts of feedback are named, so that both merge by their keys. */
function keyOf(row: DeskRow | Candidate, slice: Slice, { bucketMs, by }: Cut): PartKey {
  const only = slice.digests?.length === 1 ? slice.digests[0]! : null
  return {
    bucket: bucketMs === null ? slice.from : Math.floor(row.predictedAt / bucketMs) * bucketMs,
    device: by === 'device' ? row.device : null,
    deployment: by === 'version' ? row.deployment : (slice.deployment ?? null),
    digest: by === 'version' ? row.digest : only,
  }
}
