import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openSecretBox } from '../../../../../electron/core/trust/secret-box.ts'
import { openFleetStore } from '../../../../../electron/core/store/fleet/fleet-store.ts'
import { fleetStore } from '../../../../harness/fleet.ts'

const key = (): string => randomBytes(32).toString('base64')

test.each(['hunter2', '', 'pässwörd \u{1f511}', 'x'.repeat(1024)])('what is sealed opens again under its key: %s', (secret) => {
  const box = openSecretBox(key())
  const sealed = box.seal(secret) as { sealed: string }
  if (secret !== '') expect(JSON.stringify(sealed)).not.toContain(secret)
  expect(box.open(sealed)).toBe(secret)
  // A fresh seal of the same secret tells nobody that it is the same.
  expect(box.seal(secret)).not.toEqual(sealed)
})

test('under another key, without one, or changed by a bit, it stays shut', () => {
  const box = openSecretBox(key())
  const sealed = box.seal('hunter2') as { sealed: string }
  expect(openSecretBox(key()).open(sealed)).toBeNull()
  expect(openSecretBox(null).open(sealed)).toBeNull()
  for (let i = 0; i < Buffer.from(sealed.sealed, 'base64').length; i += 1) {
    const bytes = Buffer.from(sealed.sealed, 'base64')
    bytes[i]! ^= 1
    expect(box.open({ sealed: bytes.toString('base64') })).toBeNull()
  }
  expect(box.open({ sealed: '' })).toBeNull()
})

test('without a key a secret is stored as it is, and opens everywhere', () => {
  expect(openSecretBox(null).seal('hunter2')).toBe('hunter2')
  expect(openSecretBox(key()).open('hunter2')).toBe('hunter2')
})

test('the password of a broker is sealed in fleet.db, and only that', () => {
  const plain = fleetStore()
  const box = openSecretBox(key())
  const store = openFleetStore(plain.db, undefined, box)
  const broker = { kind: 'external' as const, url: 'mqtts://broker:8883', username: 'console', password: 'hunter2' }
  store.settings.set('broker', broker)
  const row = plain.db.prepare('SELECT value FROM setting WHERE key = ?').get('broker') as { value: string }
  expect(JSON.parse(row.value)).toEqual({ ...broker, password: { sealed: expect.any(String) } })
  expect(store.settings.get('broker')).toEqual(broker)
  expect(plain.settings.get('broker')).toEqual({ ...broker, password: null })
  for (const other of [
    { ...broker, password: null },
    { kind: 'embedded' as const, host: '127.0.0.1', port: 1883 },
  ]) {
    store.settings.set('broker', other)
    expect(plain.settings.get('broker')).toEqual(other)
  }
})
