import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { openForWriting } from '../../../../../electron/core/store/open.ts'
import { fleetMigrations, openFleet } from '../../../../../electron/core/store/fleet/open.ts'
import { openModelTable } from '../../../../../electron/core/store/fleet/models.ts'
import { openOrderTable } from '../../../../../electron/core/store/fleet/orders.ts'
import { temporaryDirectory } from '../../../../harness/fleet.ts'

const before = fleetMigrations.filter(({ id }) => id < 30)

test('migrations are in the order of their numbers, and 0030 is one of them', () => {
  const ids = fleetMigrations.map(({ id }) => id)
  expect(ids).toEqual([...ids].sort((a, b) => a - b))
  expect(ids).toContain(30)
})

test('a fleet.db of the schema before keeps its devices, orders of devices and versions', () => {
  const file = join(temporaryDirectory(), 'fleet.db')
  const old = openForWriting(file, before)
  old.exec(`
    INSERT INTO device (device, secret_hash, enrolled_at) VALUES ('cam-1', 'x', 1);
    INSERT INTO bundle (digest, manifest, signatures, created_at) VALUES ('d', x'00', '[]', 1);
    INSERT INTO model_version (model, version, digest, source_name, imported_at) VALUES ('digits', '1.0.0', 'd', 'digits.onnx', 2);
    INSERT INTO deployment (device, deployment, digest, model, version, ordered_at) VALUES ('cam-1', 'digits', 'd', 'digits', '1.0.0', 3);
  `)
  old.close()
  const db = openFleet(file)
  expect(db.prepare('SELECT device, version FROM deployment').all()).toEqual([{ device: 'cam-1', version: '1.0.0' }])
  expect(openModelTable(db).versions()).toEqual([
    {
      ...{
        model: 'digits',
        version: '1.0.0',
        digest: 'd',
        sourceName: 'digits.onnx',
        holdoutSha256: null,
        holdoutName: null,
        importedAt: 2,
      },
      ...{ importedBy: null, note: null, notedBy: null, notedAt: null },
    },
  ])
  expect(openOrderTable(db).page({ state: null, deployment: null, model: null }, { before: null, limit: 10 })).toEqual({
    orders: [],
    total: 0,
  })
  db.close()
})

test('of one device, deployment and slot at most one order is in force', () => {
  const db = openFleet(':memory:')
  const orders = openOrderTable(db)
  const add = () =>
    orders.add({
      ...{
        createdAt: 1,
        actor: 'kim',
        kind: 'deploy',
        slot: 'active',
        role: 'active',
        terms: '{}',
        deployment: 'digits',
        model: 'digits',
        version: null,
        digest: null,
      },
      ...{ alias: null, query: '', ofOrder: null, rollout: null, devices: 1 },
    })
  const put = (order: number, slot: 'active' | 'beside' = 'active'): void =>
    orders.addDevice({ order, device: 'cam-1', deployment: 'digits', slot, wanted: null, previous: null, endedBeside: null, counter: 1 })
  put(add())
  const second = add()
  expect(() => put(second)).toThrow(/UNIQUE/)
  expect(orders.leave({ device: 'cam-1', deployment: 'digits', slot: 'active', how: 'superseded', by: second })).toBe(1)
  put(second)
  put(add(), 'beside')
  expect(orders.inForce().map(({ order, slot }) => [order, slot])).toEqual([
    [2, 'active'],
    [3, 'beside'],
  ])
  db.close()
})

describe('indexes are used', () => {
  const rows = [
    { sql: 'SELECT * FROM deployment_order WHERE state = ? AND id < ? ORDER BY id DESC', index: 'deployment_order_by_state' },
    { sql: 'SELECT * FROM deployment_order WHERE deployment = ? ORDER BY id DESC', index: 'deployment_order_by_deployment' },
    { sql: 'SELECT * FROM deployment_order WHERE model = ? ORDER BY id DESC', index: 'deployment_order_by_model' },
    { sql: 'SELECT * FROM deployment_order WHERE of_order = ? ORDER BY id', index: 'deployment_order_by_origin' },
    { sql: 'SELECT deployment, max(id) FROM deployment_order GROUP BY deployment', index: 'deployment_order_by_deployment' },
    {
      sql: 'SELECT * FROM order_device WHERE left_how IS NULL AND device = ? AND deployment = ? AND slot = ?',
      index: 'order_device_in_force',
    },
    { sql: 'SELECT * FROM model_alias WHERE model = ? AND version = ?', index: 'PRIMARY KEY' },
    { sql: 'SELECT * FROM model_alias_change WHERE model = ? ORDER BY id DESC LIMIT ?', index: 'model_alias_change_by_model' },
    { sql: 'SELECT * FROM order_device WHERE order_id = ? ORDER BY device', index: 'PRIMARY KEY' },
  ]
  test.each(rows)('$sql', ({ sql, index }) => {
    const db = new Database(':memory:')
    for (const migration of fleetMigrations) db.exec(migration.sql)
    const plan = db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...Array.from({ length: sql.split('?').length - 1 }, () => 1))
      .map((row) => row.detail)
      .join('\n')
    expect(plan).toContain(index)
    expect(plan).not.toMatch(/TEMP B-TREE/)
    db.close()
  })
})
