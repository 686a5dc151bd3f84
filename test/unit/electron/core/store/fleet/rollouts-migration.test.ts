import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { fleetMigrations } from '../../../../../../electron/core/store/fleet/open.ts'
import { openOrderTable } from '../../../../../../electron/core/store/fleet/orders.ts'
import { openRolloutEventTable } from '../../../../../../electron/core/store/fleet/rollout-events.ts'
import { openRolloutTable } from '../../../../../../electron/core/store/fleet/rollouts.ts'
import type { WriteDb } from '../../../../../../electron/core/store/open.ts'

/** A database of before rollouts, with an order in it, brought up to date. */
function migrated(): WriteDb {
  const db = new Database(':memory:')
  const at = fleetMigrations.findIndex(({ name }) => name === 'rollouts')
  for (const { sql } of fleetMigrations.slice(0, at)) db.exec(sql)
  db.exec(`INSERT INTO deployment_order (created_at, actor, kind, deployment, model, query, devices, state)
    VALUES (5, 'kim', 'remove', 'digits', 'digits', '', 0, 'done')`)
  for (const { sql } of fleetMigrations.slice(at)) db.exec(sql)
  return db as WriteDb
}

const happened = { at: 7, actor: 'kim', kind: 'note', device: null, wave: null, from: null, to: null, sentence: 'Seen.', detail: {} }

test('orders of before are of no rollout', () => {
  expect(openOrderTable(migrated()).find(1)).toMatchObject({ kind: 'remove', actor: 'kim', rollout: null })
})

test('events of a rollout are neither changed nor removed, also when their rollout is', () => {
  const db = migrated()
  const rollouts = openRolloutTable(db)
  const events = openRolloutEventTable(db)
  const id = rollouts.add({ createdAt: 5, createdBy: 'kim' })
  const written = events.add({ ...happened, rollout: id })
  expect(() => db.exec("UPDATE rollout_event SET sentence = 'Other.'")).toThrow('events of rollouts are final')
  expect(() => db.exec('DELETE FROM rollout_event')).toThrow('events of rollouts are kept')
  rollouts.remove(id)
  expect([...events.all(id)]).toEqual([written])
  expect(rollouts.add({ createdAt: 6, createdBy: 'kim' })).toBe(id + 1)
})

test('rollouts, their events, the orders of a rollout and penalties are found by an index', () => {
  const db = migrated()
  const plan = (sql: string): string =>
    db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => detail)
      .join(' | ')
  expect(plan("SELECT * FROM rollout WHERE state IN ('running') ORDER BY id")).toContain('INDEX rollout_by_state')
  expect(plan("SELECT * FROM rollout WHERE deployment = 'a' ORDER BY id DESC")).toContain('INDEX rollout_by_deployment')
  expect(plan('SELECT * FROM rollout_event WHERE rollout = 1 ORDER BY seq')).toContain('INDEX rollout_event_by_rollout')
  expect(plan('SELECT * FROM rollout_event WHERE rollout = 1 AND device IS NULL AND seq < 9 ORDER BY seq DESC')).toContain(
    'INDEX rollout_event_of_rollout',
  )
  expect(plan("SELECT * FROM rollout_event WHERE device = 'a' AND seq < 9 ORDER BY seq DESC")).toContain('INDEX rollout_event_by_device')
  expect(plan("SELECT * FROM rollout_event WHERE kind = 'offer' AND at >= 1 AND at < 9")).toContain('INDEX rollout_event_offers')
  expect(plan('SELECT * FROM deployment_order WHERE rollout = 1 ORDER BY id')).toContain('INDEX deployment_order_by_rollout')
  expect(plan("SELECT * FROM device_penalty WHERE device = 'a' AND digest = 'b'")).toContain('PRIMARY KEY')
  expect(plan("SELECT * FROM order_device WHERE device = 'a' AND deployment = 'b' AND left_how IS NULL")).toContain(
    'INDEX order_device_in_force',
  )
})

test('a device was on its way from its offer to its answer', () => {
  const events = openRolloutEventTable(migrated())
  const add = (kind: string, device: string, at: number) => events.add({ ...happened, rollout: 1, kind, device, at })
  add('offer', 'cam-1', 100)
  add('offer', 'cam-2', 110)
  add('fetch', 'cam-1', 150)
  add('commit', 'cam-1', 200)
  const one = { rollout: 1, device: 'cam-1', from: 100, through: 200 }
  const two = { rollout: 1, device: 'cam-2', from: 110, through: null }
  expect(events.offerSpans({ from: 0, through: 1000 })).toEqual([one, two])
  expect(events.offerSpans({ from: 200, through: 1000 })).toEqual([one, two])
  expect(events.offerSpans({ from: 201, through: 1000 })).toEqual([two])
  expect(events.offerSpans({ from: 0, through: 100 })).toEqual([])
})
