import type { Clock } from '../../shared/domain/clock.ts'
import { Problem } from '../../shared/domain/problem.ts'
import type { ApplicationLock } from '../../shared/protocol/reported.ts'
import type { Happening } from '../telemetry/events.ts'
import type { Journal, JournalLock } from './journal.ts'

/** No application may keep a device from its models longer, ms. */
export const LONGEST_LOCK_MS = 24 * 3_600_000

interface LockParts {
  journal: Journal
  clock: Clock
  tell(happening: Happening): void
}

/**
 * Keeps the application lock of a device. It ends by the monotonic clock, whatever the wall clock does meanwhile. Over a restart only the
 * wall clock is left: a lock never gets longer than it was set for, and one whose start lies in the future is begun anew only once.
 */
export class LockKeeper {
  readonly #parts: LockParts
  /** Monotonic ms; null: there is no lock. */
  #endsAt: number | null = null

  constructor(parts: LockParts) {
    this.#parts = parts
    const { journal, clock } = parts
    const { lock } = journal.state
    if (lock === null) return
    const passedMs = clock.now() - lock.since
    if (passedMs >= lock.durationMs || (passedMs < 0 && lock.isRebased)) {
      this.#end(lock, 'Its time is over.')
      return
    }
    if (passedMs < 0) this.#hold({ ...lock, since: clock.now(), isRebased: true })
    this.#endsAt = clock.monotonic() + Math.min(LONGEST_LOCK_MS, lock.durationMs - Math.max(0, passedMs))
  }

  /** The lock of now, as it is reported; one whose time is over ends here. */
  current(): ApplicationLock | null {
    const { lock } = this.#parts.journal.state
    if (lock === null) return null
    if (this.leftMs() <= 0) {
      this.#end(lock, 'Its time is over.')
      return null
    }
    return { reason: lock.reason, since: lock.since, until: lock.since + lock.durationMs }
  }

  /** How long the lock still holds, ms; 0: there is none. */
  leftMs(): number {
    return this.#endsAt === null ? 0 : Math.max(0, this.#endsAt - this.#parts.clock.monotonic())
  }

  /** Sets the lock, or replaces it. @throws Problem `lock.invalid`, `store.*` */
  lock(reason: string, deadline: number): ApplicationLock {
    const { journal, clock, tell } = this.#parts
    const since = clock.now()
    const until = Math.round(deadline)
    const durationMs = until - since
    const said = reason.trim()
    if (said === '') throw new Problem('lock.invalid', 'A lock needs a reason.')
    if (said.length > 500) throw new Problem('lock.invalid', 'The reason of a lock has at most 500 characters.')
    if (!(durationMs > 0)) throw new Problem('lock.invalid', 'The deadline of the lock has passed already.')
    if (durationMs > LONGEST_LOCK_MS) throw new Problem('lock.invalid', 'The deadline of the lock is more than 24 hours away.')
    journal.save({ ...journal.state, lock: { reason: said, since, durationMs, isRebased: false } })
    this.#endsAt = clock.monotonic() + durationMs
    const end = new Date(until).toISOString()
    tell({ name: 'lock.set', severity: 'info', message: `Activation is locked until ${end}: ${said}`, detail: { until: end } })
    return { reason: said, since, until }
  }

  /** Ends the lock. @returns false if there was none @throws Problem `store.*` */
  unlock(): boolean {
    const { journal } = this.#parts
    const { lock } = journal.state
    if (lock === null) return false
    journal.save({ ...journal.state, lock: null })
    this.#end(lock, 'It was taken off.')
    return true
  }

  #end(lock: JournalLock, why: string): void {
    this.#endsAt = null
    this.#hold(null)
    this.#parts.tell({ name: 'lock.ended', severity: 'info', message: `Activation is no longer locked (${lock.reason}). ${why}` })
  }

  #hold(lock: JournalLock | null): void {
    const { journal } = this.#parts
    if (journal.state.lock !== lock) journal.saveOrHold({ ...journal.state, lock })
  }
}
