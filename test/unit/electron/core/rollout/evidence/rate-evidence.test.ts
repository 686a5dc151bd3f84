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
  expect(said.sentence).toMatch(
    /no number of requests settles it: one of its devices is far above its others; look at it, or let the wave through\.$/,
  )
})

describe('a version on one device, one device of the incumbent is dead', () => {
  const baseline = Array.from({ length: 10 }, (_, i) => `b${i}`)
  const alone = (errors: number, minutes: number) => {
    const desk = canaryStore()
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
      'no number of requests settles it: one device may be an odd one, as the incumbent has; add a second, or let it through',
    )
  })
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
