import { hash } from 'node:crypto'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { verifyLog } from '../../../../../../electron/core/audit/verify.ts'
import { openFleetStore, type FleetStore } from '../../../../../../electron/core/store/fleet/fleet-store.ts'
import { fleetMigrations } from '../../../../../../electron/core/store/fleet/open.ts'
import { rulesHandle, type WriteDb } from '../../../../../../electron/core/store/open.ts'
import { migrate } from '../../../../../../shared/store/sqlite-rules.ts'

/** A fleet.db with three entries, as a console before the tree wrote them. */
function migrated(): { db: WriteDb; store: FleetStore } {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  migrate(
    rulesHandle(db),
    fleetMigrations.filter(({ id }) => id < 140),
    'memory',
  )
  const add = db.prepare('INSERT INTO audit (seq, at, actor, action, detail, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?)')
  let previous = ''
  for (const seq of [1, 2, 3]) {
    const detail = JSON.stringify({ commandId: `c-${seq}`, input: { device: 'cam-1', text: 'seen by anna' } })
    const own = hash('sha256', JSON.stringify([seq, seq * 10, 'cli:anna', 'devices.setNote', detail, previous]))
    add.run(seq, seq * 10, 'cli:anna', 'devices.setNote', detail, previous, own)
    previous = own
  }
  migrate(rulesHandle(db), fleetMigrations, 'memory')
  return { db: db as WriteDb, store: openFleetStore(db as WriteDb) }
}

test('the log of a console from before the tree goes on: its entries stand as they were hashed, and verify', async () => {
  const { store } = migrated()
  store.transact(() => store.audit.append({ at: 40, actor: 'cli:anna', action: 'devices.remove', detail: { input: { device: 'cam-1' } } }))
  const verdict = await verifyLog({ store, keys: [], now: () => 0 }, { signal: new AbortController().signal, progress: () => undefined })
  expect(verdict).toMatchObject({ isGood: true, entries: 4 })
  expect(store.audit.after(0, 9).map(({ actor }) => actor.replace(/[0-9a-f]{32}/, 'ref'))).toEqual([
    'cli:anna',
    'cli:anna',
    'cli:anna',
    'cli::ref',
  ])
  const found = store.auditSearch.page({ actor: 'anna' }, { from: 1e9, order: 'newest', limit: 9 })
  expect(found.entries.map(({ seq }) => seq)).toEqual([4, 3, 2, 1])
})

test.each([
  ['actor = ? AND seq > 1 AND seq < 9 ORDER BY seq DESC', 'audit_by_actor'],
  ['action = ? AND seq > 1 AND seq < 9 ORDER BY seq DESC', 'audit_by_action'],
])('entries are found by an index, in order: %s', (where, index) => {
  const { db } = migrated()
  const plan = db.prepare<[string], { detail: string }>(`EXPLAIN QUERY PLAN SELECT seq FROM audit WHERE ${where}`).all('x')
  const words = plan.map(({ detail }) => detail).join('; ')
  expect(words).toContain(index)
  expect(words).not.toContain('TEMP B-TREE')
})
