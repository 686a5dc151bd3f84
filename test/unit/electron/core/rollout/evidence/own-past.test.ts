import { describe, expect, test } from 'vitest'
import { CANDIDATE, canaryStore, INCUMBENT, MINUTE, START, windowGiven, type Minute } from '../../../../../harness/canary-store.ts'

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
      'Errors: 8 % (120 of 1,500) of the requests failed against 0 % (0 of 13,500) of the incumbent at the same time, but this one device did no better before the version came, 8 % (120 of 1,500): add a second one.',
    )
  })

  test('is not called no better where it did better, but too little of that is known', () => {
    const given = { before: { requests: 8 }, now: { requests: 100, errors: 2 }, others: { requests: 100 } }
    const said = alone(given).metric('errors', asked)
    expect(said).toMatchObject({ verdict: 'not enough evidence', needs: null })
    expect(said.sentence).toMatch(
      /, but this one device had 0 % \(0 of 120\) before the version came, which is too little to tell the version from the device: add a second one\.$/,
    )
  })

  test('is compared with a past as long as its own time: what an hour cannot tell, a longer time does', () => {
    const desk = canaryStore()
    const give = (device: string, digest: string, of: { from: number; through: number; minute: Minute }): void =>
      desk.give(
        device,
        Array.from({ length: (of.through - of.from) / 10 }, (_, i) => windowGiven(digest, of.from + 10 * i, of.minute)),
      )
    give('c1', INCUMBENT, { from: -600, through: 0, minute: { requests: 20 } })
    give('c1', CANDIDATE, { from: 0, through: 600, minute: { requests: 100, errors: 2 } })
    for (const device of baseline) give(device, INCUMBENT, { from: 0, through: 600, minute: { requests: 100 } })
    const at = (through: number) => desk.metric('errors', { ...asked, through: START + through * MINUTE })
    expect(at(60)).toMatchObject({ verdict: 'not enough evidence', candidate: { n: 600, events: 12 } })
    expect(at(60).sentence).toContain('this one device had 0 % (0 of 120) before the version came, which is too little to tell')
    expect(at(600).verdict).toBe('fail')
    expect(at(600).sentence).toContain(', and 0 % (0 of 1,200) of this device before the version came; that is more than')
  })

  test('is one device if only one of those with the version answers, or answers in time', () => {
    const minute = { requests: 100, errors: 8 }
    const silent = alone({ before: minute, now: minute, others: { requests: 100 } })
    expect(silent.metric('errors', { devices: ['c0', 'c1'], baseline }).verdict).toBe('not enough evidence')
    const times = (ms: number): Minute => ({ requests: 100, latencies: Array.from({ length: 100 }, () => ms) })
    const failing = alone({ before: times(40), now: times(40), others: times(10) })
    failing.give(
      'c0',
      Array.from({ length: 15 }, (_, i) => windowGiven(CANDIDATE, i, { requests: 20, errors: 20 })),
    )
    expect(failing.metric('latency', { devices: ['c0', 'c1'], baseline }).verdict).toBe('not enough evidence')
    const two = alone({ before: minute, now: minute, others: { requests: 100 } })
    two.give(
      'c0',
      Array.from({ length: 15 }, (_, i) => windowGiven(CANDIDATE, i, minute)),
    )
    expect(two.metric('errors', { devices: ['c0', 'c1'], baseline }).verdict).toBe('fail')
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
