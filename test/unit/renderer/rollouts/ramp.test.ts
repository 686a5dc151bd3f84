import { expect, test } from 'vitest'
import { rampOf } from '../../../../renderer/screens/rollouts/wizard/plan/ramp.ts'

test('each step of a ramp goes faster by the factor, up to the most', () => {
  // 100 at 10 a minute, 100 at 20, 100 at 40, then 80 a minute to the end.
  expect(rampOf({ base: 10, factor: 2, every: 100, max: 80 }, 500)).toEqual([
    { minutes: 0, devices: 0 },
    { minutes: 10, devices: 100 },
    { minutes: 15, devices: 200 },
    { minutes: 17.5, devices: 300 },
    { minutes: 20, devices: 500 },
  ])
})

test('an even rate is one line, and no device is no time', () => {
  expect(rampOf({ base: 5, factor: 1, every: 100, max: 1000 }, 1000)).toEqual([
    { minutes: 0, devices: 0 },
    { minutes: 200, devices: 1000 },
  ])
  expect(rampOf({ base: 5, factor: 2, every: 100, max: 1000 }, 0)).toEqual([{ minutes: 0, devices: 0 }])
})

test('a ramp of very many small steps ends', () => {
  const points = rampOf({ base: 1, factor: 1.0001, every: 1, max: 100_000 }, 1_000_000)
  expect(points.length).toBeLessThan(300)
  expect(points.at(-1)!.devices).toBe(1_000_000)
})
