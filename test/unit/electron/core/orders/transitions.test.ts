import { describe, expect, test } from 'vitest'
import {
  emptyCounts,
  eventOf,
  isCancellable,
  nextOrderState,
  orderTransitions,
  type OrderEvent,
  type StateCounts,
} from '../../../../../electron/core/orders/transitions.ts'
import type { OrderState } from '../../../../../electron/core/store/fleet/orders.ts'

describe('the life of an order', () => {
  test.each<[OrderState, OrderEvent, OrderState]>([
    ['running', 'moving', 'running'],
    ['running', 'reached', 'done'],
    ['running', 'refused', 'failed'],
    ['running', 'replaced', 'superseded'],
    ['running', 'cancel', 'cancelled'],
    ['failed', 'moving', 'running'],
    ['failed', 'reached', 'done'],
    ['failed', 'replaced', 'failed'],
    ['failed', 'cancel', 'cancelled'],
    ['done', 'moving', 'done'],
    ['done', 'refused', 'failed'],
    ['done', 'replaced', 'done'],
    ['cancelled', 'refused', 'cancelled'],
    ['superseded', 'reached', 'superseded'],
  ])('%s + %s is %s', (from, event, to) => {
    expect(nextOrderState(from, event)).toBe(to)
  })

  test('only what is still open can be cancelled', () => {
    expect((Object.keys(orderTransitions) as OrderState[]).filter(isCancellable)).toEqual(['running', 'failed'])
  })

  test('an event that the table does not have is a bug that is told', () => {
    expect(() => nextOrderState('done', 'cancel')).toThrow("order: 'cancel' is not allowed in 'done'")
  })
})

describe('what devices say together', () => {
  const rows: { name: string; counts: Partial<StateCounts>; reached: number; says: OrderEvent }[] = [
    { name: 'one is offline', counts: { active: 9, waiting: 1 }, reached: 9, says: 'moving' },
    { name: 'one fetches while another refused', counts: { fetching: 1, failed: 1 }, reached: 0, says: 'moving' },
    { name: 'all run it', counts: { active: 3 }, reached: 3, says: 'reached' },
    { name: 'all stopped serving', counts: { removed: 2 }, reached: 2, says: 'reached' },
    { name: 'one refused, the others run it', counts: { active: 2, failed: 1 }, reached: 2, says: 'refused' },
    { name: 'newer orders took all before they ran it', counts: {}, reached: 0, says: 'replaced' },
    { name: 'newer orders took all, some after they ran it', counts: {}, reached: 1, says: 'reached' },
    { name: 'all were taken out of the fleet', counts: { gone: 2 }, reached: 0, says: 'replaced' },
  ]
  test.each(rows)('$name: $says', ({ counts, reached, says }) => {
    expect(eventOf({ ...emptyCounts(), ...counts }, reached)).toBe(says)
  })
})
