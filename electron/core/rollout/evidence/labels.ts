import { mergeQuality, type QualityState } from '../../../../shared/stats/quality/quality-state.ts'
import type { Cut, PartKey, Slice } from '../../store/telemetry/slice.ts'
import type { Look } from './evidence-parts.ts'
import { sliceOf, windowLength } from './scope.ts'

/** So many sums of labels of a device and window are merged for one look. */
const MOST_ROWS = 5000

/** Labels of one device in one window, by side. */
export interface LabelCell {
  device: string
  state: QualityState
}

/** Both sides in the same time. */
export interface LabelWindow {
  at: number
  candidate: LabelCell[]
  incumbent: LabelCell[]
}

/** Where labels are from. */
export type LabelSource = 'devices' | 'desk'

type Part = { key: PartKey; state: QualityState }

/**
 * Labels of both sides, window by window, from one source. Devices label what they see, the desk what was chosen to be labelled, so that the two never stand
 * against each other: the source with more labels on its poorer side speaks, which nobody's answers decide.
 */
export function readLabels({ parts, question, scope }: Look): { source: LabelSource; windows: LabelWindow[] } {
  const all = [...new Set([...scope.devices, ...scope.baseline])]
  const cut: Cut = { bucketMs: windowLength(question, all.length, MOST_ROWS), by: 'device' }
  const read = (source: LabelSource): LabelWindow[] => {
    const ask = (slice: Slice): Part[] => (source === 'devices' ? parts.slices.quality(slice, cut) : parts.deskQuality(slice, cut))
    const candidate = ask(sliceOf(question, question.candidate.digest, scope.devices))
    if (candidate.length === 0) return []
    const incumbents = scope.incumbents.flatMap((digest) => ask(sliceOf(question, digest, all)))
    return joined(candidate, incumbents, question.method === 'split')
  }
  const [devices, desk] = [read('devices'), read('desk')]
  return poorerSide(desk) > poorerSide(devices) ? { source: 'desk', windows: desk } : { source: 'devices', windows: devices }
}

function joined(candidate: readonly Part[], incumbents: readonly Part[], isByDevice: boolean): LabelWindow[] {
  const windows = new Map<string, LabelWindow>()
  const add = ({ key, state }: Part, side: 'candidate' | 'incumbent'): void => {
    const name = isByDevice ? `${key.bucket} ${key.device}` : String(key.bucket)
    const window = windows.get(name) ?? { at: key.bucket, candidate: [], incumbent: [] }
    window[side].push({ device: key.device!, state })
    windows.set(name, window)
  }
  for (const part of candidate) add(part, 'candidate')
  for (const part of incumbents) add(part, 'incumbent')
  return [...windows.values()].sort((a, b) => a.at - b.at)
}

function poorerSide(windows: readonly LabelWindow[]): number {
  const rows = (side: 'candidate' | 'incumbent'): number =>
    windows.reduce((sum, window) => sum + window[side].reduce((total, { state }) => total + state.rows, 0), 0)
  return Math.min(rows('candidate'), rows('incumbent')) + (rows('candidate') > 0 ? 0.5 : 0)
}

/** The sums of some cells; null: none. */
export function mergedLabels(cells: readonly LabelCell[]): QualityState | null {
  return cells.reduce<QualityState | null>((sum, { state }) => (sum === null ? state : mergeQuality(sum, state)), null)
}
