import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { rulesHandle } from '../../../../../../electron/core/store/open.ts'
import { fleetMigrations } from '../../../../../../electron/core/store/fleet/open.ts'
import { migrate } from '../../../../../../shared/store/sqlite-rules.ts'

test('an older database gets sizes of blocks, found by their artifact', () => {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  migrate(
    rulesHandle(db),
    fleetMigrations.filter(({ id }) => id < 100),
    'memory',
  )
  expect(migrate(rulesHandle(db), fleetMigrations, 'memory')).toContain(100)
  const [plan] = db.prepare<unknown[], { detail: string }>("EXPLAIN QUERY PLAN SELECT sizes FROM travel_size WHERE artifact = 'a'").all()
  expect(plan!.detail).toContain('USING PRIMARY KEY')
})
