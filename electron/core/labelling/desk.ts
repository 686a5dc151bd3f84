import type { QualityState } from '../../../shared/stats/quality/quality-state.ts'
import type { Cut, PartKey, Slice } from '../store/telemetry/slice.ts'
import type { LabellingSetting } from '../store/fleet/settings.ts'
import { deskContext, type DeskContext, type DeskParts } from './desk-context.ts'
import { deskQuality } from './desk-quality.ts'
import { judgeAgain } from './votes.ts'

/** The labelling desk of a fleet. */
export interface Desk {
  context: DeskContext
  /** What labels of the desk say, in the parts of `SliceReader.quality`, without rows that feedback knows: merge both. */
  quality(slice: Slice, cut: Cut): { key: PartKey; state: QualityState }[]
  /** Changes the rules; what is settled follows from the votes anew. Call it in a transaction. */
  set(change: Partial<LabellingSetting>): LabellingSetting
}

export function openDesk(parts: DeskParts): Desk {
  const context = deskContext(parts)
  return {
    context,
    quality: (slice, cut) => deskQuality(context, slice, cut),
    set(change) {
      const before = context.settings()
      const next = { ...before, ...change }
      context.set(next)
      if (next.labellersNeeded !== before.labellersNeeded)
        for (const { id } of context.table.rows({ devices: null })) judgeAgain(context, id)
      return next
    },
  }
}
