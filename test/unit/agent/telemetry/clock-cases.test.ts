import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openGapWatch } from '../../../../electron/core/ingest/gap-watch.ts'
import { prepareApply } from '../../../../electron/core/ingest/apply-batch.ts'
import { readBatch } from '../../../../electron/core/ingest/read-batch.ts'
import { openRollUp } from '../../../../electron/core/ingest/roll-up.ts'
import { openTelemetryWriter } from '../../../../electron/core/store/telemetry/open.ts'
import { T0, temporaryDirectory } from '../../../harness/fleet.ts'
import { eventRecord, handClock, testSpool } from '../../../harness/spool.ts'

const YEAR = 365 * 86_400_000

/** How the clock of a device goes between two records, ms: wall time, and what really passed. */
const clocks = [
  { name: 'ten years back at the boot', begin: -10 * YEAR, step: () => ({ wall: 1000, ran: 1000 }) },
  { name: 'ten years ahead', begin: 10 * YEAR, step: () => ({ wall: 1000, ran: 1000 }) },
  { name: 'an hour back in the middle', begin: 0, step: (n: number) => ({ wall: n === 3 ? -3_600_000 : 1000, ran: 1000 }) },
  { name: 'a leap second', begin: 0, step: (n: number) => ({ wall: n === 3 ? 0 : 1000, ran: 1000 }) },
  { name: 'frozen', begin: 0, step: () => ({ wall: 0, ran: 1000 }) },
  { name: 'a hundred times too fast', begin: 0, step: () => ({ wall: 100_000, ran: 1000 }) },
]

describe('case 35: whatever the clock of a device does', () => {
  it.each(clocks)('$name: all records arrive once, in the order in which they came, none expires early', ({ begin, step }) => {
    const directory = temporaryDirectory()
    const clock = handClock()
    clock.wall += begin
    const spool = testSpool(join(directory, 'spool.db'), { clock, maxAgeMs: 3_600_000 })
    for (let n = 0; n < 6; n += 1) {
      spool.append([eventRecord(`event ${n}`, clock.now())])
      const { wall, ran } = step(n)
      clock.wall += wall
      clock.ran += ran
      spool.tidy()
    }
    const batch = spool.batch(0)!
    const db = openTelemetryWriter(join(directory, 'telemetry.db'))
    const rollUp = openRollUp(db)
    const apply = prepareApply(db, openGapWatch(), rollUp)
    const payload = Buffer.from(JSON.stringify({ v: 1, sentAt: clock.now(), device: 'cam-1', spool: spool.id, ...batch }))
    for (let sent = 0; sent < 2; sent += 1) {
      rollUp.clear()
      expect(db.transaction(() => apply(readBatch('cam-1', payload, T0), 0)).immediate().through).toBe(6)
    }
    const stored = db.prepare<[], string>('SELECT message FROM event ORDER BY spool, seq').pluck().all()
    expect(stored).toEqual(Array.from({ length: 6 }, (_, n) => `event ${n}`))
    spool.close()
    db.close()
  })
})
