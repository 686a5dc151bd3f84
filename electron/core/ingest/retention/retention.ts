import type { Retention, RetentionKind } from '../../../../shared/domain/retention.ts'
import type { WriteDb } from '../../store/open.ts'
import { LEVELS } from '../../store/telemetry/levels.ts'
import { openRetained, type RetainedName } from '../../store/telemetry/retained.ts'
import { labelStep } from './label-step.ts'
import { arrivedStep, bucketStep, type RemoveStep } from './remove-steps.ts'

const DAY_MS = 86_400_000

/** Takes away what is older than its days, in steps of some hundred rows. */
export interface Keeper {
  /** One step, in a transaction of its own. @returns false if nothing is left that is too old */
  step(retention: Retention, now: number): boolean
}

/**
 * INVARIANTS
 * 1. A window or a distribution goes only when the sums hold it.
 * 2. Before the first row of a time goes, `retained` says that this time is not whole any more: no answer is made of half of it.
 * 3. The newest row of a table stays, however old: SQLite would give its number again, and every cursor counts by numbers.
 *
 * Pages that become free are used for what comes next; the file does not shrink by itself.
 */
export function openKeeper(db: WriteDb): Keeper {
  const retained = openRetained(db)
  const [fiveMinutes, hour] = LEVELS
  const steps: [RetentionKind, RemoveStep][] = [
    ['windows', arrivedStep(db, { table: 'window', key: 'id', folded: true })],
    ['windows', arrivedStep(db, { table: 'shadow', key: 'rowid' })],
    ['distributions', arrivedStep(db, { table: 'distribution', key: 'id', folded: true })],
    ['samples', arrivedStep(db, { table: 'sample', key: 'rowid' })],
    ['events', arrivedStep(db, { table: 'event', key: 'rowid' })],
    ['events', arrivedStep(db, { table: 'dropped', key: 'rowid' })],
    ['events', arrivedStep(db, { table: 'quarantine', key: 'rowid' })],
    ['resources', arrivedStep(db, { table: 'resources', key: 'rowid' })],
    ['usage', arrivedStep(db, { table: 'ledger', key: 'rowid' })],
    ['labels', arrivedStep(db, { table: 'labels', key: 'rowid' })],
    ['labels', labelStep(db)],
    ['minutes', bucketStep(db, { table: 'minute_traffic', unitMs: 60_000, mark: 'minute' })],
    ['minutes', bucketStep(db, { table: 'minute_quality', unitMs: 60_000, mark: 'minute' })],
    ['fiveMinutes', bucketStep(db, { table: 'rollup_traffic', unitMs: fiveMinutes, mark: `traffic ${fiveMinutes}` })],
    ['fiveMinutes', bucketStep(db, { table: 'rollup_distribution', unitMs: fiveMinutes, mark: `distribution ${fiveMinutes}` })],
    ['hours', bucketStep(db, { table: 'rollup_traffic', unitMs: hour, mark: `traffic ${hour}` })],
    ['hours', bucketStep(db, { table: 'rollup_distribution', unitMs: hour, mark: `distribution ${hour}` })],
  ]
  const raise = (name: RetainedName, since: number): void => retained.raise(name, since)
  return {
    step(retention, now) {
      for (const [kind, remove] of steps) {
        const before = now - retention[kind] * DAY_MS
        if (db.transaction(() => remove(before, raise)).immediate()) return true
      }
      return false
    },
  }
}
