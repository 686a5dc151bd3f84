import type { Clock } from '../../../shared/domain/clock.ts'
import type { Retention } from '../../../shared/domain/retention.ts'
import type { WriteDb } from '../store/open.ts'
import { openFolder } from './fold/folder.ts'
import { openKeeper } from './retention/retention.ts'

/** So many records without a sum make questions slow: then the sums go first. */
const FAR_BEHIND = 20_000
const LOOK_EVERY_MS = 60_000

/** What the store does beside taking in: sums follow the records, and what is too old goes. */
export interface Tending {
  /**
   * One step of some milliseconds.
   * @param until the newest arrival of this run: time passes for the store with what comes. A clock that jumps ahead on an idle console takes
   * nothing away; null: nothing came yet
   * @returns true if there is more to do
   */
  step(retention: Retention, until: number | null): boolean
  isFarBehind(): boolean
  /** Looks at once for what is too old: the days were changed. */
  look(): void
}

export function openTending(db: WriteDb, clock: Clock): Tending {
  const folder = openFolder(db, () => clock.monotonic())
  const keeper = openKeeper(db)
  let lookedAt = Number.NEGATIVE_INFINITY
  return {
    step(retention, until) {
      if (folder.step()) return true
      if (until === null || clock.monotonic() - lookedAt < LOOK_EVERY_MS) return false
      if (keeper.step(retention, Math.min(until, clock.now()))) return true
      lookedAt = clock.monotonic()
      return false
    },
    isFarBehind: () => folder.waiting() > FAR_BEHIND,
    look: () => void (lookedAt = Number.NEGATIVE_INFINITY),
  }
}
