import { expect, test } from 'vitest'
import type { JournalState } from '../../../../agent/converge/journal.ts'
import { newestSignedAt, signedTime, standingEpoch } from '../../../../agent/converge/signed-time.ts'
import type { TrustedKey } from '../../../../agent/trust/verify.ts'

const key = (keyid: string): TrustedKey => ({ keyid }) as TrustedKey
const stateOf = (change: Partial<JournalState>): JournalState => ({ v: 1, order: null, newestSignedAt: 0, ...change }) as JournalState
const orderBy = (keyid: string, epoch = 0): JournalState['order'] =>
  ({ keyid, payloadHash: '', assignment: { epoch } }) as unknown as JournalState['order']

test('a time in the far future that a thief signed is forgotten with the key, whatever it was signed on', () => {
  const before = stateOf({ order: null, newestSignedAt: 5, newestSignedBy: 'mine' })
  // A halt list, on a device without an order.
  const misled = stateOf({ ...before, ...signedTime(before, [key('stolen'), key('mine')], { at: 9e12, by: 'stolen' }) })
  expect(newestSignedAt(misled, [key('stolen')])).toBe(9e12)
  expect(newestSignedAt(misled, [key('new')])).toBe(0)
  // The next thing that the fleet signs counts by its own time.
  expect(signedTime(misled, [key('new')], { at: 7, by: 'new' })).toEqual({ newestSignedAt: 7, newestSignedBy: 'new' })
  // An order of a good key does not vouch for the time of the stolen one.
  const ordered = stateOf({ ...misled, order: orderBy('new') })
  expect(newestSignedAt(ordered, [key('new')])).toBe(0)
})

test('an older time changes nothing, and keeps whose word the newest is; a journal from before tells it by its order', () => {
  const state = stateOf({ order: orderBy('old'), newestSignedAt: 100 })
  expect(newestSignedAt(state, [key('old')])).toBe(100)
  expect(signedTime(state, [key('old')], { at: 50, by: 'next' })).toEqual({ newestSignedAt: 100, newestSignedBy: 'old' })
})

test('the epoch of an order whose key was taken back holds nobody up', () => {
  const state = stateOf({ order: orderBy('stolen', 2 ** 31 - 1) })
  expect([standingEpoch(state, [key('stolen')]), standingEpoch(state, [key('new')]), standingEpoch(stateOf({}), [])]).toEqual([
    2 ** 31 - 1,
    0,
    0,
  ])
})
