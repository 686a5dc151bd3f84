import { describe, expect, it } from 'vitest'
import { verdictOf, type Verdict } from '../../../../../electron/core/forward/events/verdict.ts'
import type { Failure } from '../../../../../electron/core/monitor/channels/outcome.ts'
import type { ForwardProblem } from '../../../../../electron/core/store/fleet/forwards.ts'
import { T0 } from '../../../../harness/fleet.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const answered = (status: number, more: Partial<Failure> = {}): Failure => ({
  ...{ ok: false, code: 'channel.refused', message: `The receiver answered ${status}.`, isFinal: false, status },
  ...more,
})
const redirected: Failure = { ok: false, code: 'channel.redirected', message: 'It sends on.', isFinal: true }

/** Attempts at these times, each with what the one before left. */
function attempts(times: readonly number[], outcome: (attempt: number) => Failure): Verdict {
  let before: ForwardProblem | null = null
  let verdict: Verdict | null = null
  for (const [i, at] of times.entries()) {
    verdict = verdictOf({ event: 1, attempts: i + 1 }, { outcome: outcome(i), before, at, random: 0.5 })
    before = verdict.problem
    if (verdict.state === 'failed' || verdict.stops) return verdict
  }
  return verdict!
}

describe('what follows from a failed attempt', () => {
  it('gives up after eight refusals that lasted a day, neither before one nor before the other', () => {
    const hours = Array.from({ length: 8 }, (_, i) => T0 + (i * DAY) / 7)
    expect(attempts(hours, () => answered(400)).state).toBe('failed')
    expect(attempts(hours.slice(0, 7), () => answered(400)).state).toBe('waiting')
    expect(
      attempts(
        hours.map((at) => T0 + (at - T0) / 2),
        () => answered(400),
      ).state,
    ).toBe('waiting')
    // The lid was shut over the weekend.
    expect(attempts([T0, T0 + 60 * HOUR], () => answered(400))).toMatchObject({ state: 'waiting', stops: false })
  })

  it('begins to count anew after days in which nobody answered, and for another event', () => {
    const away: Failure = { ok: false, code: 'channel.unreachable', message: 'No answer.', isFinal: false }
    const hours = Array.from({ length: 100 }, (_, i) => T0 + i * HOUR)
    expect(attempts(hours, (i) => (i < 99 ? away : answered(400))).state).toBe('waiting')
    const last = attempts(hours.slice(0, 30), () => answered(400))
    expect(last.state).toBe('failed')
    const next = verdictOf({ event: 2, attempts: 1 }, { outcome: answered(400), before: last.problem, at: T0 + 31 * HOUR, random: 0.5 })
    expect(next).toMatchObject({ state: 'waiting', problem: { streak: { times: 1 } } })
  })

  it.each([408, 425, 429, 502, 503, 504])('waits however long for one that is busy or away: %i', (status) => {
    const weeks = Array.from({ length: 60 }, (_, i) => T0 + i * DAY)
    expect(attempts(weeks, () => answered(status))).toMatchObject({ state: 'waiting', stops: false, nextAt: weeks[59]! + 30 * MINUTE })
  })

  it('does as it is asked, also for as long as may be asked', () => {
    expect(attempts([T0], () => answered(429, { retryAfterMs: DAY }))).toMatchObject({ state: 'waiting', nextAt: T0 + DAY })
    expect(attempts([T0, T0 + 13 * HOUR], () => answered(400, { retryAfterMs: 13 * HOUR }))).toMatchObject({ nextAt: T0 + 26 * HOUR })
  })

  it('stops at a wrong way that lasts, not at the sign-in page of a network', () => {
    const often = [0, 5, 35, 155, 755].map((s) => T0 + s * 1000)
    expect(attempts(often, () => redirected)).toMatchObject({ state: 'waiting', stops: false, nextAt: expect.any(Number) as number })
    expect(attempts([T0, T0 + 60 * HOUR], () => redirected).stops).toBe(false)
    expect(attempts([...often, T0 + HOUR], () => redirected)).toMatchObject({ stops: true, state: 'waiting', nextAt: null })
    const gone: Failure = { ok: false, code: 'channel.gone', message: 'It is gone.', isFinal: true }
    expect(attempts([T0], () => gone)).toMatchObject({ stops: true, state: 'waiting' })
  })

  it('loses an event alone that is too large, and counts nothing from a time to come', () => {
    const large: Failure = { ok: false, code: 'input.too-large', message: 'Too large.', isFinal: true }
    expect(attempts([T0], () => large)).toMatchObject({ state: 'failed', stops: false })
    expect(attempts([T0 + 365 * DAY, T0], () => answered(400)).problem.streak).toMatchObject({ since: T0, times: 1 })
  })
})
