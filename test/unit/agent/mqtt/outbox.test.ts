import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startReportOutbox } from '../../../../agent/mqtt/outbox.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function rig() {
  const sent: string[] = []
  const state = { value: 'a', fails: false }
  const outbox = startReportOutbox({
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    report: () => state.value,
    send: (json) => {
      if (state.fails) return Promise.reject(new Error('no'))
      sent.push(json)
      return Promise.resolve()
    },
  })
  return { sent, state, outbox }
}

describe('the outbox of the report', () => {
  it('says the latest at each connect, and changes at most twice a second', () => {
    const { sent, state, outbox } = rig()
    outbox.changed()
    expect(sent).toEqual([])
    outbox.connected(true)
    for (const value of ['b', 'c', 'd']) {
      state.value = value
      outbox.changed()
    }
    expect(sent).toEqual(['a'])
    vi.advanceTimersByTime(500)
    expect(sent).toEqual(['a', 'd'])
    vi.advanceTimersByTime(5000)
    expect(sent).toEqual(['a', 'd'])
    outbox.connected(false)
    outbox.connected(true)
    expect(sent).toEqual(['a', 'd', 'd'])
    outbox.stop()
  })

  it('says again what was not taken', async () => {
    const { sent, state, outbox } = rig()
    state.fails = true
    outbox.connected(true)
    await vi.advanceTimersByTimeAsync(10)
    state.fails = false
    await vi.advanceTimersByTimeAsync(6000)
    expect(sent).toEqual(['a'])
    outbox.stop()
  })
})
