import { expect, test } from 'vitest'
import { createRateMeter } from '../../../../electron/core/rate-meter.ts'

function meterAt(): { meter: ReturnType<typeof createRateMeter>; at(ms: number): void } {
  let now = 0
  return { meter: createRateMeter(() => now), at: (ms) => void (now = ms) }
}

test('a steady flow is its rate, from the first seconds on', () => {
  const { meter, at } = meterAt()
  const rates: number[] = []
  for (let ms = 0; ms <= 30_000; ms += 250) {
    at(ms)
    meter.note(ms / 10)
    if (ms >= 1000) rates.push(Math.round(meter.perSecond() * 1000) / 1000)
  }
  expect(new Set(rates)).toEqual(new Set([100]))
})

test('a flow that ends fades out within ten seconds, without anybody noting anything', () => {
  const { meter, at } = meterAt()
  for (let ms = 0; ms <= 20_000; ms += 1000) {
    at(ms)
    meter.note(ms / 100)
  }
  const rates = [20_000, 25_000, 29_000, 31_000, 60_000].map((ms) => {
    at(ms)
    return Math.round(meter.perSecond() * 10) / 10
  })
  expect(rates).toEqual([10, 5, 1, 0, 0])
})

test('nothing was noted, or once: no rate; a burst at once is spread over a second at least', () => {
  const { meter, at } = meterAt()
  expect(meter.perSecond()).toBe(0)
  meter.note(5)
  expect(meter.perSecond()).toBe(0)
  at(10)
  meter.note(15)
  expect(meter.perSecond()).toBe(10)
})
