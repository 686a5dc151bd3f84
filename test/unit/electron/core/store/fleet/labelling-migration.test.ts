import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { fleetMigrations } from '../../../../../../electron/core/store/fleet/open.ts'
import { openDeskTable } from '../../../../../../electron/core/store/fleet/desk.ts'
import { rulesHandle, type WriteDb } from '../../../../../../electron/core/store/open.ts'
import { migrate } from '../../../../../../shared/store/sqlite-rules.ts'

function migrated(): WriteDb {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  migrate(
    rulesHandle(db),
    fleetMigrations.filter(({ id }) => id < 60),
    'memory',
  )
  expect(migrate(rulesHandle(db), fleetMigrations, 'memory')).toContain(60)
  return db as WriteDb
}

const facts = {
  ...{ device: 'cam-1', prediction: 'p', row: 0, deployment: 'd', digest: 'a', model: 'm', version: '1', predictedAt: 5 },
  ...{ predicted: 'x', confidence: null, weight: 1, reason: 'random' as const },
}

test('a row with its input, votes and acts goes as one', () => {
  const db = migrated()
  db.pragma('foreign_keys = ON')
  const table = openDeskTable(db)
  const id = table.add(facts, { fields: { inputs: [1] }, subject: null })
  table.putVote(id, { by: 'ann', label: 'x', at: 1, source: 'desk' })
  table.addAct({ by: 'ann', deskRow: id, kind: 'vote', before: null })
  expect(table.find(facts)).toMatchObject({ id, state: 'open', predicted: 'x', decision: null })
  expect(table.fields(id)).toEqual({ inputs: [1] })
  expect(() => table.add(facts, { fields: {}, subject: null })).toThrow('UNIQUE')
  table.remove(id)
  for (const name of ['desk_row', 'desk_input', 'desk_vote', 'desk_act'])
    expect(db.prepare(`SELECT count(*) FROM ${name}`).pluck().get()).toBe(0)
})

test('rows, states, bundles and the acts of a person are found by an index', () => {
  const db = migrated()
  const plan = (sql: string): string =>
    db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => detail)
      .join(' | ')
  expect(plan("SELECT id FROM desk_row WHERE device = 'a' AND prediction = 'b' AND row = 0")).toContain('INDEX desk_row_by_prediction')
  expect(plan("SELECT * FROM desk_row WHERE row = 0 AND (prediction = 'b' OR (prediction > 'b~' AND prediction < 'b~z'))")).toContain(
    'INDEX desk_row_by_prediction',
  )
  expect(plan("SELECT * FROM desk_row WHERE state = 'disputed'")).toContain('INDEX desk_row_by_state')
  expect(plan("SELECT * FROM desk_row WHERE digest = 'a' AND predicted_at > 5")).toContain('INDEX desk_row_by_bundle')
  expect(plan("SELECT * FROM desk_act WHERE by = 'ann' ORDER BY id DESC")).toContain('INDEX desk_act_by_person')
})
