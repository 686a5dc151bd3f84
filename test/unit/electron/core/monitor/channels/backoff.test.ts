import { describe, expect, it } from 'vitest'
import { isDue, nextAttempt } from '../../../../../../electron/core/monitor/channels/backoff.ts'
import { askedWait } from '../../../../../../electron/core/monitor/channels/post.ts'
import { secretProblem } from '../../../../../../electron/core/monitor/channels/signature.ts'
import { T0 } from '../../../../../harness/fleet.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('the next attempt', () => {
  it('ends by the age of now: one that asks for a day of patience has not refused for a day', () => {
    const of = { attempts: 1, createdAt: T0, random: 0.5 }
    expect(nextAttempt({ ...of, now: T0 + 5, retryAfterMs: DAY })).toBe(T0 + DAY + 5)
    expect(nextAttempt({ ...of, now: T0 + 13 * HOUR, retryAfterMs: 13 * HOUR })).toBe(T0 + 26 * HOUR)
    expect(nextAttempt({ ...of, now: T0 + DAY })).toBeNull()
    // The last one is made at the end of the day, not after it.
    expect(nextAttempt({ ...of, attempts: 9, now: T0 + 23 * HOUR })).toBe(T0 + DAY)
  })

  it('is due at its time, and where that was set by a clock that ran ahead', () => {
    expect([null, T0, T0 + 1, T0 + DAY, T0 + 365 * DAY].map((at) => isDue(at, T0))).toEqual([true, true, false, false, true])
  })
})

describe('Retry-After', () => {
  it('is read in seconds and as a date', () => {
    expect(askedWait('120', T0)).toBe(120_000)
    expect(askedWait(new Date(Math.ceil(T0 / 1000) * 1000 + 60_000).toUTCString(), Math.ceil(T0 / 1000) * 1000)).toBe(60_000)
    expect(['', 'soon', '-5', '0', new Date(T0 - HOUR).toUTCString()].map((text) => askedWait(text, T0))).toEqual([0, 0, 0, 0, 0])
  })
})

describe('a secret', () => {
  it('of Standard Webhooks has 24 to 64 bytes; another text is a key as it is', () => {
    const of = (bytes: number): string | null => secretProblem(`whsec_${Buffer.alloc(bytes, 7).toString('base64')}`)
    expect([24, 32, 64].map(of)).toEqual([null, null, null])
    expect([
      of(0),
      of(23),
      of(65),
      secretProblem('whsec_!!!!'),
      secretProblem(`whsec_ä${'A'.repeat(40)}`),
      secretProblem(' '),
    ]).not.toContain(null)
    expect(secretProblem('key')).toBeNull()
  })
})
