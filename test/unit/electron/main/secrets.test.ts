import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSecretKey } from '../../../../electron/main/secrets.ts'
import { DoubleMachine, electronDouble } from '../../../harness/electron-double.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

function parts(machine: DoubleMachine, platform: NodeJS.Platform = 'linux'): Parameters<typeof openSecretKey>[0] {
  const directory = temporaryDirectory()
  return { safeStorage: electronDouble({ userData: directory, machine }).electron.safeStorage, platform, directory }
}

test('a key is made once and kept encrypted, for its owner only', async () => {
  const given = parts(new DoubleMachine())
  const first = await openSecretKey(given)
  expect(first).toMatchObject({ state: 'encrypted' })
  expect(await openSecretKey(given)).toEqual(first)
  const key = (first as { key: string }).key
  expect(Buffer.from(key, 'base64')).toHaveLength(32)
  const file = join(given.directory, 'secret-key')
  expect(readFileSync(file).includes(key)).toBe(false)
  expect(statSync(file).mode & 0o077).toBe(0)
})

test.each(['basic_text', 'unknown'] as const)('Linux with %s is no encryption, and nothing is written', async (passwordKeeper) => {
  const given = parts(Object.assign(new DoubleMachine(), { passwordKeeper }))
  expect(await openSecretKey(given)).toMatchObject({ state: 'unavailable' })
  expect(readdirSync(given.directory)).toEqual([])
})

test('other systems are not asked for the keeper of Linux', async () => {
  expect(await openSecretKey(parts(Object.assign(new DoubleMachine(), { passwordKeeper: 'unknown' }), 'darwin'))).toMatchObject({
    state: 'encrypted',
  })
})

test('a system that offers none is believed', async () => {
  expect(await openSecretKey(parts(Object.assign(new DoubleMachine(), { isEncryptionThere: false }), 'win32'))).toMatchObject({
    state: 'unavailable',
  })
})

test.each(['another machine', 'a damaged file'])('a key that cannot be read again (%s) is replaced', async (why) => {
  const machine = new DoubleMachine()
  const given = parts(machine)
  const first = await openSecretKey(given)
  if (why === 'another machine') machine.passwordKey = 0x11
  else writeFileSync(join(given.directory, 'secret-key'), 'damaged')
  const second = await openSecretKey(given)
  expect(second).toMatchObject({ state: 'encrypted' })
  expect(second).not.toEqual(first)
  expect(await openSecretKey(given)).toEqual(second)
})
