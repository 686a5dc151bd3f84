import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { fleetMigrations } from '../../../../../../electron/core/store/fleet/open.ts'
import { openVersionDecisionTable, stageOfRow } from '../../../../../../electron/core/store/fleet/version-decisions.ts'
import { rulesHandle, type WriteDb } from '../../../../../../electron/core/store/open.ts'
import { migrate } from '../../../../../../shared/store/sqlite-rules.ts'

/** A database from before decisions were kept, in which some versions were ordered and some evaluated. */
function migrated(): WriteDb {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  db.pragma('foreign_keys = ON')
  const before = fleetMigrations.filter(({ id }) => id < 90)
  migrate(rulesHandle(db), before, 'memory')
  const version = (name: string): void => {
    db.prepare("INSERT INTO bundle (digest, manifest, signatures, created_at) VALUES (?, x'00', '[]', 1)").run(name)
    db.prepare("INSERT INTO model_version (model, version, digest, source_name, imported_at) VALUES ('digits', ?, ?, 'f', 1)").run(
      name,
      name,
    )
  }
  for (const name of ['draft', 'evaluated', 'active', 'ordered', 'taken', 'shadow', 'split']) version(name)
  for (const name of ['evaluated', 'active']) db.prepare("INSERT INTO evaluation VALUES (?, ?, 5, '{}')").run(`e-${name}`, name)
  db.prepare("INSERT INTO device (device, secret_hash, enrolled_at) VALUES ('cam-1', '', 1), ('cam-2', '', 1)").run()
  const deployment = db.prepare(
    "INSERT INTO deployment (device, deployment, digest, model, version, ordered_at) VALUES (?, 'digits', ?, 'digits', ?, 20)",
  )
  for (const device of ['cam-1', 'cam-2']) deployment.run(device, 'active', 'active')
  const beside = db.prepare(`INSERT INTO beside (device, deployment, digest, model, version, role, terms, ordered_at)
    VALUES (?, 'digits', ?, 'digits', ?, ?, '{}', 30)`)
  beside.run('cam-1', 'shadow', 'shadow', 'shadow')
  beside.run('cam-2', 'split', 'split', 'split')
  const order =
    db.prepare(`INSERT INTO deployment_order (created_at, actor, kind, deployment, model, version, digest, query, devices, state, role)
    VALUES (?, 'kim', 'deploy', 'digits', 'digits', ?, ?, '', 1, 'done', ?)`)
  order.run(10, 'ordered', 'ordered', 'active')
  order.run(11, 'shadow', 'shadow', 'shadow')
  const { lastInsertRowid } = order.run(12, null, null, 'active')
  db.prepare(
    "INSERT INTO order_device (order_id, device, deployment, digest, model, version, counter) VALUES (?, 'cam-1', 'digits', 'taken', 'digits', 'taken', 1)",
  ).run(lastInsertRowid)
  expect(migrate(rulesHandle(db), fleetMigrations, 'memory')).toContain(90)
  return db as WriteDb
}

test('versions of an old database begin where they are: released, evaluated or draft', () => {
  const table = openVersionDecisionTable(migrated())
  expect(Object.fromEntries(table.standings().map((row) => [row.version, stageOfRow(row)]))).toEqual({
    ...{ draft: 'draft', evaluated: 'evaluated', active: 'released', ordered: 'released' },
    ...{ taken: 'released', shadow: 'draft', split: 'released' },
  })
  expect(table.of('digits', 'active', 10)).toMatchObject([{ at: 20, actor: 'muster', act: 'release', from: 'evaluated', to: 'released' }])
  expect(table.of('digits', 'ordered', 10)).toMatchObject([{ at: 10, from: 'draft' }])
})

test('decisions are neither changed nor taken away', () => {
  const db = migrated()
  expect(() => db.exec("UPDATE version_decision SET why = 'other'")).toThrow('decisions are final')
  expect(() => db.exec('DELETE FROM version_decision')).toThrow('decisions are kept')
})
