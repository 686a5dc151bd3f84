import { expect, test } from 'vitest'
import { CANDIDATE, canaryStore, INCUMBENT, MINUTE, START, windowGiven } from '../../../../../harness/canary-store.ts'

test('a verdict does not become nothing by the clock alone, when windows grow to five minutes', () => {
  const desk = canaryStore()
  for (const [device, digest] of [
    ['c1', CANDIDATE],
    ['b1', INCUMBENT],
  ] as const) {
    desk.give(
      device,
      Array.from({ length: 4 }, (_, i) => windowGiven(digest, i, { requests: 2000 })),
    )
  }
  const [before, after] = [120, 121].map((minutes) => desk.metric('latency', { through: START + minutes * MINUTE }))
  expect(before).toMatchObject({ verdict: 'pass', candidate: { n: 6000 } })
  // Nobody knows which answers of five minutes belong to the first half minute: all of them count.
  expect(after).toMatchObject({ verdict: 'pass', candidate: { n: 8000 } })
})
