import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openKnownKeys } from '../../../../../electron/core/audit/known-keys.ts'
import { fleetStore, temporaryDirectory } from '../../../../harness/fleet.ts'

test('case 54: keys that sign checkpoints stand beside the keys: one that was put into the database counts for nothing', () => {
  const directory = temporaryDirectory()
  const store = fleetStore()
  const known = openKnownKeys(directory, store)
  expect(known.all()).toEqual([])
  known.add(['one'])
  known.add(['one'])
  known.add(['two'])
  store.settings.set('auditKeys', ['one', 'two', 'of-a-thief'])
  expect(known.all()).toEqual(['one', 'two'])
  known.add(['two'])
  expect(store.settings.get('auditKeys')).toEqual(['one', 'two'])
})

test('after a restore without keys the list of the store counts, and is kept from then on; a damaged one names no key', () => {
  const directory = temporaryDirectory()
  const store = fleetStore()
  openKnownKeys(directory, store).add(['one'])
  const file = join(directory, 'checkpoint-keys.json')
  rmSync(file)
  const known = openKnownKeys(directory, store)
  expect(known.all()).toEqual(['one'])
  known.add(['new'])
  expect([existsSync(file), known.all()]).toEqual([true, ['one', 'new']])
  writeFileSync(file, '{')
  expect(known.all()).toEqual([])
})
