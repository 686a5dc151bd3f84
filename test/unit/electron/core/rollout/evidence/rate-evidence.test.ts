import { describe, expect, test } from 'vitest'
import { CANDIDATE, canaryStore, INCUMBENT, shadowGiven, windowGiven, type CanaryStore } from '../../../../../harness/canary-store.ts'

/** So many minutes of twenty requests. */
function serve(desk: CanaryStore, of: { device: string; digest: string; errors: number; minutes: number }): void {
  const { device, digest, errors, minutes } = of
  desk.give(
    device,
    Array.from({ length: minutes }, (_, i) => windowGiven(digest, i, { requests: 20, errors })),
  )
}

test('one dead device of the incumbent does not excuse a version that fails everywhere, and the sentence says what it is without', () => {
  const desk = canaryStore()
  const [devices, baseline] = [['c1', 'c2'], Array.from({ length: 10 }, (_, i) => `b${i}`)]
  for (const device of devices) serve(desk, { device, digest: CANDIDATE, errors: 20, minutes: 10 })
  for (const [i, device] of baseline.entries()) serve(desk, { device, digest: INCUMBENT, errors: i === 0 ? 20 : 0, minutes: 10 })
  const said = desk.metric('errors', { devices, baseline })
  expect(said).toMatchObject({ verdict: 'fail', candidate: { n: 400, events: 400 }, incumbent: { n: 1800, events: 0 } })
  expect(said.sentence).toContain('beyond chance')
  expect(said.sentence).toMatch(/; without one device that is far above the others of its side\.$/)
})

test('a healthy version is not stopped for one dead device of its own, nor of the incumbent', () => {
  const desk = canaryStore()
  const [devices, baseline] = [Array.from({ length: 5 }, (_, i) => `c${i}`), Array.from({ length: 10 }, (_, i) => `b${i}`)]
  for (const [i, device] of devices.entries()) serve(desk, { device, digest: CANDIDATE, errors: i === 0 ? 20 : 0, minutes: 20 })
  for (const [i, device] of baseline.entries()) serve(desk, { device, digest: INCUMBENT, errors: i === 0 ? 20 : 0, minutes: 20 })
  const said = desk.metric('errors', { devices, baseline })
  expect(said).toMatchObject({ verdict: 'not enough evidence', candidate: { n: 2000, events: 400 } })
  expect(said.needs).toBeNull()
  expect(said.sentence).toMatch(/more requests alone may not settle it: one of its devices is far above its others; look at it\.$/)
})

describe('a version on one device, one device of the incumbent is dead', () => {
  const baseline = Array.from({ length: 10 }, (_, i) => `b${i}`)
  const alone = (errors: number, minutes: number, before: number | null = null) => {
    const desk = canaryStore()
    if (before !== null)
      desk.give(
        'c1',
        Array.from({ length: 60 }, (_, i) => windowGiven(INCUMBENT, i - 60, { requests: 20, errors: before })),
      )
    serve(desk, { device: 'c1', digest: CANDIDATE, errors, minutes })
    for (const [i, device] of baseline.entries()) serve(desk, { device, digest: INCUMBENT, errors: i === 0 ? 20 : 0, minutes })
    return desk.metric('errors', { devices: ['c1'], baseline })
  }

  test('passes where it fails no more than the others, and the sentence says what it is without', () => {
    const said = alone(0, 110)
    expect(said).toMatchObject({ verdict: 'pass', candidate: { n: 2200, events: 0 }, incumbent: { n: 19_800, events: 0 } })
    expect(said.sentence).toMatch(/are accepted; without one device that is far above the others of its side\.$/)
    const early = alone(0, 10)
    expect(early).toMatchObject({ verdict: 'not enough evidence', candidate: { n: 200 } })
    expect(early.sentence).toMatch(/it takes about [\d,]+ more requests/)
  })

  test('is neither where it fails too: nobody can tell, and the sentence says what to do', () => {
    const said = alone(20, 60)
    expect(said).toMatchObject({ verdict: 'not enough evidence', needs: null })
    expect(said.sentence).toContain(
      'more requests alone may not settle it: one device may be an odd one, as the incumbent has; add a second',
    )
  })

  test('is stopped where it fails and did not before the version came, and the sentence says so', () => {
    const said = alone(20, 60, 0)
    expect(said).toMatchObject({ verdict: 'fail', candidate: { n: 1200, events: 1200 }, incumbent: { n: 10_800, events: 0 } })
    expect(said.eValue).toBeGreaterThan(1 / said.alpha)
    expect(said.sentence).toMatch(
      /of the incumbent at the same time, and 0 % \(0 of 1,200\) of this device before the version came; that is more than .* beyond chance/,
    )
  })

  test('is not stopped where it failed before: it is the dead one, and the sentence says so', () => {
    const said = alone(20, 60, 20)
    expect(said).toMatchObject({ verdict: 'not enough evidence', needs: null })
    expect(said.sentence).toMatch(
      /but this one device did no better before the version came, 100 % \(1,200 of 1,200\): add a second one\.$/,
    )
  })
})

test('a mild fault beside a dead device of the incumbent is not called odd before it is certain', () => {
  const desk = canaryStore()
  const baseline = Array.from({ length: 10 }, (_, i) => `b${i}`)
  desk.give(
    'c1',
    Array.from({ length: 10 }, (_, i) => windowGiven(CANDIDATE, i, { requests: 20, errors: i === 4 ? 2 : 0 })),
  )
  for (const [i, device] of baseline.entries()) serve(desk, { device, digest: INCUMBENT, errors: i === 0 ? 20 : 0, minutes: 10 })
  const said = desk.metric('errors', { devices: ['c1'], baseline })
  expect(said).toMatchObject({ verdict: 'not enough evidence', candidate: { value: 0.01 } })
  expect(said.sentence).not.toContain('odd one')
})

test('after one good request the sentence says how many more it takes', () => {
  const desk = canaryStore()
  desk.give('c1', [windowGiven(CANDIDATE, 0, { requests: 1 })])
  desk.give('b1', [windowGiven(INCUMBENT, 0, { requests: 1 })])
  const said = desk.metric('errors')
  expect(said.needs).toBeGreaterThan(1000)
  expect(said.sentence).toMatch(/it takes about [\d,]+ more requests/)
})

test('so does a shadow after a few rows that agree a little more often than it must', () => {
  const desk = canaryStore()
  desk.give('c1', [shadowGiven({ minute: 0, offered: 11, agreed: 10, pairs: [['barolo', 'barbera', 1]] })])
  const said = desk.metric('agreement', { method: 'shadow' })
  expect(said.needs).toBeGreaterThan(11_000)
  expect(said.sentence).toMatch(/it takes about [\d,]+ more rows/)
})
