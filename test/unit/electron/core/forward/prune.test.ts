import { expect, it } from 'vitest'
import { delayAfter } from '../../../../../electron/core/forward/collect/collector.ts'
import { pruneEvents } from '../../../../../electron/core/forward/forwarding.ts'
import { fleetStore, T0 } from '../../../../harness/fleet.ts'

const DAY = 86_400_000

it('events that were settled long ago go step by step, and others stay', async () => {
  const store = fleetStore()
  const settings = { kind: 'webhook' as const, name: 'x', url: 'http://127.0.0.1:1/', secret: null, allowsPrivate: true, persons: false }
  store.transact(() => {
    store.forwards.put({
      ...{ forward: 'x', settings: { ...settings, events: ['model'] }, places: {}, restored: null, setAt: T0, setBy: 'kim' },
    })
    for (let n = 0; n < 1203; n += 1)
      store.forwardEvents.add({ forward: 'x', uid: `old-${n}`, kind: 'model', type: 'model.x', title: 'x', body: '', createdAt: T0 })
    for (const event of store.forwardEvents.newest('x', 1201)) store.forwardEvents.set({ ...event, state: 'delivered' })
    store.forwardEvents.add({ forward: 'x', uid: 'new', kind: 'model', type: 'model.x', title: 'x', body: '', createdAt: T0 + 20 * DAY })
    store.forwardEvents.set({ ...store.forwardEvents.newest('x', 1)[0]!, state: 'delivered' })
  })
  const left: number[] = []
  const isEnded = (): boolean => {
    left.push(store.forwardEvents.newest('x', 2000).length)
    return false
  }
  await pruneEvents({ store, now: () => T0 + 31 * DAY }, isEnded)
  expect(left).toEqual([1204, 704, 204])
  expect(store.forwardEvents.newest('x', 2000).map(({ uid }) => uid)).toEqual(['new', 'old-1', 'old-0'])
})

it('a collector waits longer with each failure, and begins anew after a quiet time that went well', () => {
  let waited: number | null = null
  const waits = Array.from({ length: 8 }, () => (waited = delayAfter(waited, null)))
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  expect([delayAfter(30_000, 59_000), delayAfter(30_000, 60_000)]).toEqual([30_000, 500])
})
