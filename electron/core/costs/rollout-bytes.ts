import { addCounts } from '../store/telemetry/minute-sums.ts'
import type { ReceivedEntry } from '../store/telemetry/ledger-uses.ts'

/** The cause under which devices count what they receive of bundles. */
export const MODEL_CAUSE = 'model'

/** A time in which a device was on its way in a rollout. */
export interface OfferSpan {
  rollout: number
  device: string
  from: number
  /** null: it still is. */
  through: number | null
}

/** Bytes of bundles that a rollout sent to a device. */
export interface SentOfRollouts {
  rollout: number
  device: string
  bytes: number
}

/**
 * What rollouts sent: bytes that a device received of bundles, in the entries of its ledger that overlap a time in which it was on its way in the
 * rollout. An entry that overlaps two of them belongs to the one that began last.
 * @param received entries of a device with bytes of bundles that overlap a span
 */
export function sentByRollouts(
  spans: readonly OfferSpan[],
  period: { from: number; through: number; now: number },
  received: (device: string, span: { from: number; through: number }) => ReceivedEntry[],
): SentOfRollouts[] {
  const sums = new Map<string, SentOfRollouts>()
  for (const [device, ofDevice] of Map.groupBy(spans, (span) => span.device)) {
    const counted = new Set<number>()
    for (const span of ofDevice.toSorted((a, b) => b.from - a.from || b.rollout - a.rollout)) {
      const key = `${span.rollout} ${device}`
      for (const entry of received(device, { from: span.from, through: span.through ?? period.now })) {
        // Days of the report are days of the end of an entry.
        if (counted.has(entry.place) || entry.endedAt < period.from || entry.endedAt >= period.through) continue
        counted.add(entry.place)
        const sum = sums.get(key) ?? { rollout: span.rollout, device, bytes: 0 }
        sum.bytes = addCounts(sum.bytes, entry.bytes)
        sums.set(key, sum)
      }
    }
  }
  return [...sums.values()]
}
