import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Refusal } from '../../../../../electron/core/hub/messages.ts'
import { openRefusalBook } from '../../../../../electron/core/hub/refusals.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function book() {
  const told: Refusal[] = []
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  return { told, book: openRefusalBook({ clock, send: (refusals) => told.push(...refusals) }) }
}

const one = { client: 'cam-1', address: '10.0.0.1', reason: 'no client certificate' }

describe('what the broker refused', () => {
  it('is told within a second, and what repeats is counted and told together', () => {
    const { told, book: open } = book()
    for (let i = 0; i < 1000; i += 1) open.note(one)
    vi.advanceTimersByTime(1000)
    expect(told).toMatchObject([{ ...one, count: 1 }])
    vi.advanceTimersByTime(600_000)
    expect(told).toMatchObject([
      { ...one, count: 1 },
      { ...one, count: 999 },
    ])
  })

  it('fills no log, however many kinds are tried: a hundred thousand in an hour make some hundred lines, and none is forgotten', () => {
    const { told, book: open } = book()
    for (let minute = 0; minute < 60; minute += 1) {
      for (let i = 0; i < 1667; i += 1) open.note({ ...one, reason: `subscribe to ${minute}/${i}` })
      vi.advanceTimersByTime(60_000)
    }
    open.flush()
    expect(told.length).toBeLessThan(200)
    expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(60 * 1667)
  })

  it('is told at the end of the hub', () => {
    const { told, book: open } = book()
    open.note(one)
    open.flush()
    expect(told).toHaveLength(1)
  })
})
