import { join } from 'node:path'
import { expect, test } from 'vitest'
import { carryOverNumbers } from '../../../../../electron/core/backup/restore/carry-over-numbers.ts'
import { fleetStore, T0, temporaryDirectory } from '../../../../harness/fleet.ts'

const question = { kind: 'fleet' as const, query: '', model: null, rollout: null, from: T0, through: T0 + 1, zone: 'UTC' }
const order = { kind: 'fleet' as const, question, schedule: null, askedAt: T0, askedBy: 'kim', title: 'Fleet report' }

test.each([
  { inBackup: 0, since: 3, next: 4 },
  { inBackup: 2, since: 6, next: 9 },
  // A backup of a newer day is brought back: its own numbers count.
  { inBackup: 5, since: 0, next: 6 },
])('two reports never have one number: $inBackup in the backup, $since since, next $next', ({ inBackup, since, next }) => {
  const directory = temporaryDirectory()
  const replaced = fleetStore(directory)
  const restored = fleetStore()
  for (let i = 0; i < inBackup; i += 1) restored.reports.add(order)
  const before = since === 0 ? 0 : inBackup + since
  for (let i = 0; i < before; i += 1) replaced.reports.add(order)
  // The number of one that was removed was given out all the same.
  if (before > 0) replaced.reports.remove(before)
  restored.transact(() => carryOverNumbers(restored, join(directory, 'fleet.db'), T0))
  expect(restored.reports.add(order)).toBe(next)
})
