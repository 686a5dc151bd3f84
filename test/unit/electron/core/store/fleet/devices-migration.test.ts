import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rulesHandle, type WriteDb } from '../../../../../../electron/core/store/open.ts'
import { fleetMigrations } from '../../../../../../electron/core/store/fleet/open.ts'
import { migrate } from '../../../../../../shared/store/sqlite-rules.ts'

/** A fleet.db of the schema before, with what a console of that time wrote. */
function before(): WriteDb {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  migrate(
    rulesHandle(db),
    fleetMigrations.filter(({ id }) => id < 20),
    'memory',
  )
  const audit = db.prepare("INSERT INTO audit (seq, at, actor, action, detail, previous_hash, hash) VALUES (?, ?, 'cli', ?, ?, '', '')")
  const result = db.prepare("INSERT INTO command_result (command_id, method, input_hash, output, finished_at) VALUES (?, '', '', ?, 0)")
  audit.run(1, 10, 'devices.enrolled', JSON.stringify({ device: 'cam-1', agentVersion: '0.1.0' }))
  audit.run(2, 20, 'devices.setLabels', JSON.stringify({ commandId: 'c-2', input: { query: '', labels: {} } }))
  audit.run(3, 30, 'deployments.apply', JSON.stringify({ commandId: 'c-3', input: { query: '' } }))
  audit.run(4, 40, 'devices.remove', JSON.stringify({ commandId: 'c-4', input: { device: 'cam-2' } }))
  audit.run(5, 50, 'transfers.setLimit', JSON.stringify({ commandId: 'c-5', input: { bytesPerSecond: null } }))
  audit.run(6, 60, 'models.import', JSON.stringify({ commandId: 'c-6', input: { files: {} } }))
  result.run('c-2', JSON.stringify({ devices: ['cam-1', 'cam-2'] }))
  result.run('c-3', JSON.stringify({ deployment: 'digits', devices: ['cam-1', 'cam-2'], changed: ['cam-2'] }))
  result.run('c-4', JSON.stringify({ device: 'cam-2' }))
  result.run('c-5', JSON.stringify({ limitBytesPerSecond: null }))
  return db as WriteDb
}

describe('the migration to notes, saved queries and the history of devices', () => {
  test('takes over what is known of each device', () => {
    const db = before()
    expect(migrate(rulesHandle(db), fleetMigrations, 'memory')[0]).toBe(20)
    expect(db.prepare('SELECT device, seq FROM audit_device ORDER BY device, seq').all()).toEqual([
      { device: 'cam-1', seq: 1 },
      { device: 'cam-1', seq: 2 },
      { device: 'cam-2', seq: 2 },
      { device: 'cam-2', seq: 3 },
      { device: 'cam-2', seq: 4 },
    ])
  })

  test('finds the history of a device by its index, newest first, without sorting', () => {
    const db = before()
    migrate(rulesHandle(db), fleetMigrations, 'memory')
    const plan = db
      .prepare<unknown[], { detail: string }>(
        `EXPLAIN QUERY PLAN SELECT audit.seq, at, actor, action, detail FROM audit_device JOIN audit ON audit.seq = audit_device.seq
        WHERE audit_device.device = ? AND audit_device.seq < ? ORDER BY audit_device.seq DESC LIMIT ?`,
      )
      .all('cam-1', 9, 9)
      .map(({ detail }) => detail)
    expect(plan).toEqual(['SEARCH audit_device USING PRIMARY KEY (device=? AND seq<?)', 'SEARCH audit USING INTEGER PRIMARY KEY (rowid=?)'])
  })
})
