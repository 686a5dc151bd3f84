import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openTelemetryWriter } from '../../../../../../electron/core/store/telemetry/open.ts'
import { openTelemetryQueries } from '../../../../../../electron/core/store/telemetry/queries.ts'
import { temporaryDirectory } from '../../../../../harness/fleet.ts'

test('a file that is missing, damaged, older or newer answers nothing; once its writer has it ready, it answers', () => {
  const file = join(temporaryDirectory(), 'telemetry.db')
  const queries = openTelemetryQueries(file)
  onTestFinished(() => queries.close())
  const answers = (): unknown[] => [queries.dropping(0).size, queries.ledger(null)]
  expect(answers()).toEqual([0, []])
  writeFileSync(file, 'no database '.repeat(1000))
  expect(answers()).toEqual([0, []])
  writeFileSync(file, '')
  expect(answers()).toEqual([0, []])
  const db = openTelemetryWriter(file)
  const version = db.pragma('user_version', { simple: true })
  db.exec(`INSERT INTO spool (id, device, spool, first_received_at, last_received_at) VALUES (1, 'cam-1', 's', 0, 0);
    INSERT INTO dropped VALUES (1, 1, 'cam-1', 1, 2, 2, 'spool-full', 0, 5000)`)
  for (const other of [10, 99_990]) {
    db.pragma(`user_version = ${other}`)
    expect(answers()).toEqual([0, []])
  }
  db.pragma(`user_version = ${String(version)}`)
  db.close()
  expect([queries.dropping(4999), queries.dropping(5000).size]).toEqual([new Set(['cam-1']), 0])
})
