import { describe, expect, test } from 'vitest'
import { CANDIDATE, canaryStore, INCUMBENT, windowGiven, type Minute } from '../../../../../harness/canary-store.ts'

const baseline = Array.from({ length: 9 }, (_, i) => `b${i}`)

/** A quarter of an hour of the version on one device, which had the incumbent in the minutes before. */
function alone(of: { before: Minute | null; now: Minute; others: Minute }) {
  const desk = canaryStore()
  const give = (device: string, digest: string, { from, minute }: { from: number; minute: Minute }): void =>
    desk.give(
      device,
      Array.from({ length: 15 }, (_, i) => windowGiven(digest, from + i, minute)),
    )
  if (of.before !== null) give('c1', INCUMBENT, { from: -20, minute: of.before })
  give('c1', CANDIDATE, { from: 0, minute: of.now })
  for (const device of baseline) give(device, INCUMBENT, { from: 0, minute: of.others })
  return desk
}
const asked = { devices: ['c1'], baseline }

describe('a version on one device that is worse than the others', () => {
  test('is not called worse where the device was no better with the incumbent, and the sentence says what to do', () => {
    const minute = { requests: 100, errors: 8 }
    const said = alone({ before: minute, now: minute, others: { requests: 100 } }).metric('errors', asked)
    expect(said).toMatchObject({ verdict: 'not enough evidence', needs: null, candidate: { n: 1500, events: 120 } })
    expect(said.sentence).toBe(
      'Errors: 8 % (120 of 1,500) of the requests failed against 0 % (0 of 13,500) of the incumbent at the same time, but this one device did no better before the version came: add a second one, or let the wave through.',
    )
  })

  test('is stopped where the device was better before, and where it has no past to speak of', () => {
    const [now, others] = [{ requests: 100, errors: 8 }, { requests: 100 }]
    for (const before of [{ requests: 100, errors: 1 }, { requests: 5, errors: 4 }, null])
      expect(alone({ before, now, others }).metric('errors', asked)).toMatchObject({ verdict: 'fail' })
  })

  test('on a slow device is not called slow, unless it is slower than that device was', () => {
    const times = (ms: number): Minute => ({ requests: 100, latencies: Array.from({ length: 100 }, () => ms) })
    const slow = alone({ before: times(40), now: times(40), others: times(10) }).metric('latency', asked)
    expect(slow.verdict).toBe('not enough evidence')
    expect(slow.sentence).toContain('but this one device did no better before the version came')
    expect(alone({ before: times(10), now: times(40), others: times(10) }).metric('latency', asked).verdict).toBe('fail')
    expect(alone({ before: times(40), now: times(80), others: times(10) }).metric('latency', asked).verdict).toBe('fail')
  })
})
