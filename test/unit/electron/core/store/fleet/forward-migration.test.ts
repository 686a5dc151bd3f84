import { expect, it } from 'vitest'
import { waitingOnes } from '../../../../../../electron/core/store/fleet/forward-events.ts'
import { fleetStore } from '../../../../../harness/fleet.ts'

it('finds what goes out next, and what became of events, by index', () => {
  const { db } = fleetStore()
  const plan = (sql: string): string => JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
  const head = `SELECT * FROM ${waitingOnes} AND forward = 'x' ORDER BY id LIMIT 1`
  expect(plan(head)).toContain('forward_event_due')
  expect(plan(head)).not.toContain('TEMP B-TREE')
  expect(plan("SELECT * FROM forward_event WHERE forward = 'x' ORDER BY id DESC LIMIT 50")).toContain('forward_event_by_forward')
  expect(plan("DELETE FROM forward_event WHERE created_at < 1 AND state IN ('delivered', 'failed')")).toContain('forward_event_by_age')
})

it('keeps an event once per id and webhook, and forgets events with their webhook', () => {
  const store = fleetStore()
  const settings = {
    kind: 'webhook',
    name: 'x',
    url: 'https://x/',
    secret: null,
    allowsPrivate: false,
    events: ['audit'],
    persons: false,
  } as const
  for (const forward of ['a', 'b'])
    store.forwards.put({ forward, settings: { ...settings, events: ['audit'] }, places: {}, restored: null, setAt: 1, setBy: 'kim' })
  const event = { uid: 'audit-1', kind: 'audit', type: 'audit.x', title: 'x', body: '{}', createdAt: 1 }
  expect(['a', 'b', 'a'].map((forward) => store.forwardEvents.add({ ...event, forward }))).toEqual([true, true, false])
  store.forwards.remove('a')
  expect([store.forwardEvents.waiting('a'), store.forwardEvents.waiting('b')]).toEqual([0, 1])
})
