import { expect, test } from 'vitest'
import { LEVELS } from '../../../../../../electron/core/store/telemetry/levels.ts'
import { LatencySketch } from '../../../../../../shared/stats/latency-sketch.ts'
import { sliceDesk } from '../../../../../harness/slice-desk.ts'

const [, HOUR, DAY] = LEVELS
const DEVICES = 12
const WINDOWS = 100
const REQUESTS = 100

/** A stream of numbers from 0 to 1 (mulberry32). */
function stream(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

test('quantiles of the fleet from merged sketches are within 1 % of those of all latencies, whatever level answers', () => {
  const random = stream(7)
  const desk = sliceDesk()
  const values: number[] = []
  for (let device = 0; device < DEVICES; device += 1) {
    const windows = Array.from({ length: WINDOWS }, (_, w) => {
      const sketch = LatencySketch.empty()
      for (let i = 0; i < REQUESTS; i += 1) {
        // Two kinds of devices, and a heavy tail.
        const value =
          (device % 3 === 0 ? 40 : 3) * Math.exp(1.2 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))
        values.push(value)
        sketch.add(value)
      }
      const startedAt = Math.floor((w / WINDOWS) * 3 * DAY) + device
      return {
        kind: 'window' as const,
        body: { startedAt, endedAt: startedAt + 1000, requests: REQUESTS, errors: {}, latencyMs: sketch.state() },
      }
    })
    desk.take(`dev-${device}`, windows)
    if (device % 2 === 0) desk.fold(1)
  }
  const sorted = Float64Array.from(values).sort()
  const devices = Array.from({ length: DEVICES }, (_, i) => `dev-${i}`)
  const worst = { p50: 0, p95: 0, p99: 0 }
  for (const isFolded of [false, true]) {
    if (isFolded) desk.fold()
    for (const list of [null, devices]) {
      for (const bucketMs of [null, DAY, HOUR, 1000]) {
        // All parts of a cut together: they merge without loss.
        const merged = LatencySketch.empty()
        for (const { state } of desk.slices.traffic({ devices: list, from: 0, through: 3 * DAY }, { bucketMs, by: 'all' }))
          merged.merge(state.latency)
        expect(merged.count).toBe(values.length)
        for (const [name, q] of [
          ['p50', 0.5],
          ['p95', 0.95],
          ['p99', 0.99],
        ] as const) {
          const exact = sorted[Math.floor(q * (sorted.length - 1))]!
          worst[name] = Math.max(worst[name], Math.abs(merged.quantile(q)! / exact - 1))
        }
      }
    }
  }
  console.log(
    `${values.length} latencies: largest relative error p50 ${worst.p50.toFixed(5)}, p95 ${worst.p95.toFixed(5)}, p99 ${worst.p99.toFixed(5)}`,
  )
  expect(values.length).toBeGreaterThanOrEqual(100_000)
  expect(Math.max(...Object.values(worst))).toBeLessThanOrEqual(0.01)
})
