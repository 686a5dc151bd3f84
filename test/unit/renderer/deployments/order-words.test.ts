import { describe, expect, test } from 'vitest'
import { bytesInWords, partsOf, takeBackOf, whatOf } from '../../../../renderer/screens/deployments/order-words.ts'
import { deploymentName } from '../../../../shared/domain/ids.ts'

const deployment = deploymentName.parse('digits')
const order = { deployment, target: { model: 'digits', version: '1.1.0' }, alias: null, of: null }

test('an order is named by what it was made for', () => {
  const names = [
    whatOf({ ...order, kind: 'deploy' }),
    whatOf({ ...order, kind: 'deploy', alias: 'production' }),
    whatOf({ ...order, kind: 'remove', target: null }),
    whatOf({ ...order, kind: 'undo', target: null, of: 11 }),
    whatOf({ ...order, kind: 'cancel', target: null, of: 12 }),
  ]
  expect(names).toEqual(['digits 1.1.0', 'digits 1.1.0 (production)', 'Take digits off', 'Undo order 11', 'Cancel order 12'])
})

test('a running order can be cancelled, an ended one undone once', () => {
  const of = (state: 'running' | 'done' | 'failed' | 'cancelled' | 'superseded', undoneBy: number | null = null) =>
    takeBackOf({ state, undoneBy, cancelledBy: null })
  expect([of('running'), of('done'), of('failed'), of('done', 5), of('cancelled'), of('superseded')]).toEqual([
    'cancel',
    'undo',
    'undo',
    null,
    null,
    null,
  ])
})

describe('bytes in words', () => {
  test.each([
    [
      { planned: 12_000_000, present: 3_100_000, perSecond: 400_000, remainingSeconds: 22 },
      '3.1 MB of 12 MB present, 400 kB/s, about 22 s left',
    ],
    [{ planned: 12_000_000, present: 3_100_000, perSecond: 0, remainingSeconds: null }, '3.1 MB of 12 MB present'],
    [{ planned: 12_000_000, present: 12_000_000, perSecond: 10, remainingSeconds: 1 }, 'all 12 MB present'],
    [{ planned: 0, present: 0, perSecond: null, remainingSeconds: null }, 'nothing left to send'],
  ])('%j', (bytes, words) => {
    expect(bytesInWords(bytes)).toBe(words)
  })
})

test('the parts of the bar are all states, and none twice', () => {
  const counts = {
    waiting: 1,
    ordered: 2,
    fetching: 3,
    checking: 4,
    active: 5,
    removed: 6,
    failed: 7,
    superseded: 8,
    cancelled: 9,
    gone: 10,
  }
  const parts = partsOf(counts)
  expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(55)
  expect(new Set(parts.map(({ word }) => word)).size).toBe(10)
})
