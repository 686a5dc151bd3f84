import { expect, test } from 'vitest'
import { TokenBucket } from '../../../../../electron/core/transfer/token-bucket.ts'

/** Publishes pieces of `bytes` as fast as the bucket allows until `untilMs`; returns when each went. */
function publish(bucket: TokenBucket, bytes: number, span: { from: number; until: number }): number[] {
  const times: number[] = []
  for (let now = span.from; now < span.until;) {
    const wait = bucket.waitMs(now)
    if (wait > 0) now += wait
    else {
      bucket.pay(bytes)
      times.push(now)
    }
  }
  return times
}

test('the average is the rate, after a burst of at most 250 ms and a piece', () => {
  const times = publish(new TokenBucket(1_000_000, 0), 50_000, { from: 0, until: 10_000 })
  expect(times.filter((at) => at === 0)).toHaveLength(5)
  expect(times.length * 50_000).toBeGreaterThanOrEqual(9_990_000)
  expect(times.length * 50_000).toBeLessThanOrEqual(10_000_000 + 250_000 + 50_000)
})

test('a piece larger than a burst goes, and is paid off', () => {
  const times = publish(new TokenBucket(1_024, 0), 256 * 1024, { from: 0, until: 600_000 })
  expect(times).toHaveLength(3)
  expect(times[1]! / 1000).toBeCloseTo(256, 0)
})

test('no cap never waits, and a new cap holds from its moment on', () => {
  const bucket = new TokenBucket(null, 0)
  bucket.pay(10_000_000)
  expect(bucket.waitMs(0)).toBe(0)
  bucket.setRate(1_000, 5_000)
  bucket.pay(1_000)
  expect(bucket.waitMs(5_000)).toBeGreaterThan(900)
  bucket.setRate(1_000_000, 5_000)
  expect(bucket.waitMs(5_000)).toBeLessThanOrEqual(2)
  bucket.setRate(null, 5_000)
  expect(bucket.waitMs(5_000)).toBe(0)
})

test('a clock that stands still or starts late saves nothing up', () => {
  const bucket = new TokenBucket(1_000, 0)
  expect(publish(bucket, 100, { from: 3_600_000, until: 3_600_001 })).toHaveLength(3)
})
