/** So often, and over so long, the same gap must come again before it is passed: an agent repeats its lowest batch after 5, 15 and 35 s. */
const PATIENCE = { attempts: 2, ms: 12_000 } as const

interface Gap {
  expected: number
  lowest: number
  attempts: number
  since: number
}

/**
 * Tells a gap that will be filled from one that cannot be.
 *
 * A batch that begins behind what the store has is answered with the position of the store, and the agent sends from there. After a
 * restored backup it cannot: it deleted what was acknowledged since. Then the same lowest batch comes again and again, though every
 * answer asks for an earlier one; the gap is declared, and the spool goes on.
 */
export interface GapWatch {
  /** @returns true if the batch that begins at `from` may pass although `expected` never came. `now` is monotonic, ms. */
  mayPass(device: string, spool: string, gap: { expected: number; from: number; now: number }): boolean
  /** The spool has no gap any more. */
  close(device: string, spool: string): void
  /** A batch of the device was lost on our side: what is missing may be in it, so the watch begins anew. */
  doubt(device: string): void
}

/** Opens a watch that has seen no gap. */
export function openGapWatch(): GapWatch {
  const devices = new Map<string, Map<string, Gap>>()
  return {
    mayPass(device, spool, { expected, from, now }) {
      const spools = devices.get(device) ?? new Map<string, Gap>()
      devices.set(device, spools)
      const known = spools.get(spool)
      if (known === undefined || known.expected !== expected || from < known.lowest) {
        spools.set(spool, { expected, lowest: from, attempts: 1, since: now })
        return false
      }
      if (from > known.lowest) return false
      known.attempts += 1
      return known.attempts > PATIENCE.attempts && now - known.since >= PATIENCE.ms
    },
    close(device, spool) {
      const spools = devices.get(device)
      if (spools?.delete(spool) === true && spools.size === 0) devices.delete(device)
    },
    doubt: (device) => void devices.delete(device),
  }
}
