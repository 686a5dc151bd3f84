import { describe, expect, it, onTestFinished } from 'vitest'
import { openTelemetryWriter } from '../../../../../../electron/core/store/telemetry/open.ts'
import { openSpoolTable } from '../../../../../../electron/core/store/telemetry/spools.ts'

describe('the table of spools', () => {
  it('has one row per device and spool, with the newest position and clock offset', () => {
    const db = openTelemetryWriter(':memory:')
    onTestFinished(() => void db.close())
    const spools = openSpoolTable(db)
    expect(spools.find('cam-1', 's-1')).toBeNull()
    const row = spools.create('cam-1', 's-1', 100)
    spools.create('cam-2', 's-1', 100)
    spools.note({ id: row.id, through: 7 }, { receivedAt: 200, clockOffsetMs: -5, stored: 3, lateWindows: 2, clockJumps: 1 })
    expect([spools.find('cam-1', 's-1'), spools.find('cam-2', 's-1')]).toEqual([
      { id: row.id, through: 7 },
      { id: row.id + 1, through: 0 },
    ])
    expect(
      db
        .prepare('SELECT first_received_at, last_received_at, clock_offset_ms, stored, late_windows, clock_jumps FROM spool WHERE id = ?')
        .get(row.id),
    ).toEqual({
      ...{ first_received_at: 100, last_received_at: 200, clock_offset_ms: -5, stored: 3, late_windows: 2, clock_jumps: 1 },
    })
    expect(() => spools.create('cam-1', 's-1', 300)).toThrow(/UNIQUE/)
  })
})
