import { errorCodeOf, messageOf } from '../../../shared/domain/problem.ts'
import type { SpoolRecord } from '../../../shared/protocol/telemetry.ts'
import type { WriteDb } from '../store/open.ts'
import { oddTimes } from '../store/telemetry/counted-at.ts'
import { openNames, type Names } from '../store/telemetry/names.ts'
import { openSpoolTable } from '../store/telemetry/spools.ts'
import type { GapWatch } from './gap-watch.ts'
import type { ReadBatch } from './read-batch.ts'
import type { RollUp } from './roll-up.ts'
import { prepareDistribution } from './records/distribution.ts'
import { prepareDrop } from './records/drop.ts'
import { prepareEvent } from './records/event.ts'
import { prepareLabels } from './records/labels.ts'
import { prepareLedger } from './records/ledger.ts'
import { prepareQuarantine } from './records/quarantine.ts'
import type { RecordContext } from './records/record-context.ts'
import { prepareResources } from './records/resources.ts'
import { prepareSample } from './records/sample.ts'
import { prepareShadow } from './records/shadow.ts'
import { prepareWindow } from './records/window.ts'

/** What became of a batch. */
export interface Applied {
  records: number
  duplicates: number
  quarantined: number
  /** Everything of the spool up to here is settled: what the ack says. */
  through: number
}

/**
 * Prepares the store for batches. The function that it returns runs within a transaction of its caller:
 * - a batch that joins what is stored (from <= through + 1) is stored record by record, bad ones in quarantine, and advances `through`;
 * - a batch behind a gap is not stored: the position of the store is the answer, and the agent sends from there;
 * - the sums of the fleet note what was newly stored;
 * - a carried batch passes a gap: its signed receipt says that the device has nothing before it;
 * - a record whose number is settled already counts as a duplicate, whatever it says: two copies of an agent never mix in one spool.
 * @throws errors of SQLite that concern the store and not one record
 */
export function prepareApply(db: WriteDb, gaps: GapWatch, rollUp: RollUp): (batch: ReadBatch, now: number) => Applied {
  const spools = openSpoolTable(db)
  const names = openNames(db)
  const quarantine = prepareQuarantine(db)
  const insert = prepareInsert(db, names, rollUp)
  return (batch, now) => {
    const { device, spool, from, through, receivedAt, sentAt, isCarried = false } = batch
    rollUp.beginBatch()
    names.beginBatch()
    const known = spools.find(device, spool)
    const expected = (known?.through ?? 0) + 1
    const isBehindGap = from > expected
    if (isBehindGap && !isCarried && !gaps.mayPass(device, spool, { expected, from, now })) {
      return { records: 0, duplicates: 0, quarantined: 0, through: expected - 1 }
    }
    const row = known ?? spools.create(device, spool, receivedAt)
    const context: RecordContext = { spool: row.id, device, deviceId: names.device(device), receivedAt }
    const applied: Applied = { records: 0, duplicates: 0, quarantined: 0, through: Math.max(row.through, through) }
    const odd = { late: 0, jumps: 0 }
    const keepBad = (seq: number, bad: { reason: string; body: string }): void => {
      if (quarantine.add(context, seq, bad)) applied.quarantined += 1
      else applied.duplicates += 1
    }
    if (isBehindGap)
      keepBad(expected, { reason: `records ${expected} to ${from - 1} are neither on the device nor in this store`, body: '' })
    for (const one of batch.records) {
      if ('record' in one ? one.record.seq <= row.through : one.seq <= row.through) {
        applied.duplicates += 1
        continue
      }
      if (!('record' in one)) {
        keepBad(one.seq, one)
        continue
      }
      try {
        if (insert(context, one.record)) {
          applied.records += 1
          noteTimes(odd, one.record, receivedAt)
        } else applied.duplicates += 1
      } catch (error) {
        if (isStoreError(error)) throw error
        keepBad(one.record.seq, { reason: `cannot be stored: ${messageOf(error)}`, body: JSON.stringify(one.record) })
      }
    }
    spools.note(
      { id: row.id, through: applied.through },
      {
        receivedAt,
        clockOffsetMs: isCarried ? null : receivedAt - sentAt,
        stored: applied.records,
        lateWindows: odd.late,
        clockJumps: odd.jumps,
      },
    )
    rollUp.keepBatch()
    return applied
  }
}

/** Counts windows that came late, or whose times do not fit the clock of the console or their own length. */
function noteTimes(odd: { late: number; jumps: number }, record: SpoolRecord, receivedAt: number): void {
  if (record.kind !== 'window' && record.kind !== 'distribution') return
  const { isLate, isJump } = oddTimes(record.body, receivedAt)
  if (isLate) odd.late += 1
  if (isJump) odd.jumps += 1
}

function prepareInsert(db: WriteDb, names: Names, rollUp: RollUp): (context: RecordContext, record: SpoolRecord) => boolean {
  const window = prepareWindow(db, names, rollUp)
  const labels = prepareLabels(db, names, rollUp)
  const sample = prepareSample(db)
  const event = prepareEvent(db)
  const resources = prepareResources(db)
  const drop = prepareDrop(db)
  const shadow = prepareShadow(db)
  const ledger = prepareLedger(db)
  const distribution = prepareDistribution(db, names)
  return (context, record) => {
    switch (record.kind) {
      case 'window':
        return window(context, record, record.body)
      case 'labels':
        return labels(context, record, record.body)
      case 'sample':
        return sample(context, record, record.body)
      case 'event':
        return event(context, record, record.body)
      case 'resources':
        return resources(context, record, record.body)
      case 'drop':
        return drop(context, record, record.body)
      case 'shadow':
        return shadow(context, record, record.body)
      case 'ledger':
        return ledger(context, record, record.body)
      case 'distribution':
        return distribution(context, record, record.body)
    }
  }
}

/** Faults of one row; every other SQLite error concerns the file or the disk. */
const rowFaults = ['SQLITE_CONSTRAINT', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG', 'SQLITE_RANGE']

/** True for errors of SQLite that concern the store as a whole: nothing may be acknowledged until they are over. */
export function isStoreError(error: unknown): boolean {
  const code = errorCodeOf(error) ?? ''
  return code.startsWith('SQLITE_') && !rowFaults.some((fault) => code.startsWith(fault))
}
