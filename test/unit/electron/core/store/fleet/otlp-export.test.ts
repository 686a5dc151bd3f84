import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openFleet } from '../../../../../../electron/core/store/fleet/open.ts'
import { openOtlpExportTable } from '../../../../../../electron/core/store/fleet/otlp-export.ts'
import { openSecretBox } from '../../../../../../electron/core/trust/secret-box.ts'
import { temporaryDirectory } from '../../../../../harness/fleet.ts'

const settings = {
  ...{ url: 'https://collector.test', header: 'authorization', secret: 'Bearer s3cret', everySeconds: 60, metrics: true },
  ...{ logs: 'off' as const, allowsPrivate: false },
}

test('there is one export at most; its secret is sealed, and shut without the key', () => {
  const db = openFleet(join(temporaryDirectory(), 'fleet.db'))
  onTestFinished(() => void db.close())
  const box = openSecretBox(Buffer.alloc(32, 7).toString('base64'))
  const table = openOtlpExportTable(db, box)
  expect(table.get()).toBeNull()
  table.set({ ...settings, secret: null })
  expect(table.get()).toEqual({ settings: { ...settings, secret: null }, isShut: false })
  table.set(settings)
  expect(table.get()).toEqual({ settings, isShut: false })
  expect(JSON.stringify(db.prepare('SELECT * FROM otlp_export').all())).not.toContain('s3cret')
  expect(openOtlpExportTable(db).get()).toEqual({ settings: { ...settings, secret: null }, isShut: true })
  expect(() => db.exec("INSERT INTO otlp_export (id, settings) VALUES (2, '{}')")).toThrow('CHECK')
  table.remove()
  expect(table.get()).toBeNull()
})
