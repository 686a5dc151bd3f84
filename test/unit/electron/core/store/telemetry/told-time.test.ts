import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { rulesHandle, type ReadDb } from '../../../../../../electron/core/store/open.ts'
import { addSumFunctions } from '../../../../../../electron/core/store/telemetry/minute-sums.ts'
import { telemetryMigrations } from '../../../../../../electron/core/store/telemetry/open.ts'
import { toldTime } from '../../../../../../electron/core/store/telemetry/told-time.ts'
import { migrate } from '../../../../../../shared/store/sqlite-rules.ts'
import { T0 } from '../../../../../harness/fleet.ts'
import { sliceDesk } from '../../../../../harness/slice-desk.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

function body(startedAt: number, endedAt: number) {
  return { startedAt, endedAt, bytesIn: {}, bytesOut: {}, inferences: 0, cpuSeconds: 0, storedBytes: 0 }
}

test('whole days come from their sums and the ends from entries: together what the entries say', () => {
  const desk = sliceDesk()
  // From one in the morning to eleven in the evening of each day, an hour at a time; and once over midnight.
  for (let day = 0; day < 4; day += 1)
    for (let hour = 1; hour < 23; hour += 1)
      desk.take('cam-1', [{ kind: 'ledger', body: body(T0 + day * DAY + hour * HOUR, T0 + day * DAY + (hour + 1) * HOUR) }])
  desk.take('cam-1', [{ kind: 'ledger', body: body(T0 + 2 * DAY - HOUR, T0 + 2 * DAY + HOUR) }])
  const told = (from: number, through: number): number | undefined =>
    toldTime(desk.db as unknown as ReadDb, { devices: ['cam-1', 'cam-2'], from, through }).get('cam-1')
  expect(told(T0, T0 + DAY)).toBe(22 * HOUR)
  // An entry over midnight belongs to both days.
  expect([told(T0 + DAY, T0 + 2 * DAY), told(T0 + 2 * DAY, T0 + 3 * DAY)]).toEqual([23 * HOUR, 23 * HOUR])
  expect(told(T0 + DAY, T0 + 3 * DAY)).toBe((22 + 22 + 2) * HOUR)
  // Twenty to twenty: three hours, two whole days with the two over midnight, and nineteen hours.
  expect(told(T0 + 20 * HOUR, T0 + 3 * DAY + 20 * HOUR)).toBe((3 + 22 + 22 + 2 + 19) * HOUR)
  expect(told(T0 + 20 * HOUR, T0 + 22 * HOUR)).toBe(2 * HOUR)
  desk.db.exec('DELETE FROM ledger')
  // Entries go after a year; what a whole day was stays.
  expect(told(T0 + DAY, T0 + 3 * DAY)).toBe((22 + 22 + 2) * HOUR)
})

test('a clock that was set back makes no day longer than it is', () => {
  const desk = sliceDesk()
  for (let i = 0; i < 3; i += 1) desk.take('cam-1', [{ kind: 'ledger', body: body(T0, T0 + 20 * HOUR) }])
  expect(toldTime(desk.db as unknown as ReadDb, { devices: ['cam-1'], from: T0, through: T0 + DAY }).get('cam-1')).toBe(DAY)
})

test('the entries that are there when the sums come are added up', () => {
  const db = new Database(':memory:')
  addSumFunctions(db)
  migrate(
    rulesHandle(db),
    telemetryMigrations.filter(({ id }) => id < 70),
    ':memory:',
  )
  db.exec(`INSERT INTO spool (id, device, spool, first_received_at, last_received_at) VALUES (1, 'cam-1', 's', 0, 0)`)
  const put = db.prepare(`INSERT INTO ledger VALUES (1, ?, 'cam-1', ?, ?, '{}', '{}', 0, 0, 0, 0)`)
  put.run(1, T0 + HOUR, T0 + 3 * HOUR)
  // From ten in the evening over a whole day to two in the morning.
  put.run(2, T0 + 22 * HOUR, T0 + 2 * DAY + 2 * HOUR)
  put.run(3, T0 + 5 * DAY, T0 + 5 * DAY)
  migrate(rulesHandle(db), telemetryMigrations, ':memory:')
  const day = T0 / DAY
  expect(db.prepare('SELECT device, day, ms FROM told_day ORDER BY day').all()).toEqual([
    { device: 'cam-1', day, ms: 4 * HOUR },
    { device: 'cam-1', day: day + 1, ms: 24 * HOUR },
    { device: 'cam-1', day: day + 2, ms: 2 * HOUR },
  ])
  db.close()
})
