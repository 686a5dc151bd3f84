import { expect, test } from 'vitest'
import { openFleetTraffic } from '../../../../../electron/core/metrics/fleet-traffic.ts'
import type { ArrivedWindow } from '../../../../../electron/core/store/telemetry/arrivals.ts'
import { LatencySketch } from '../../../../../shared/stats/latency-sketch.ts'
import { packSketch } from '../../../../../shared/stats/packed-sketch.ts'

const names: Record<string, { model: string; version: string }> = { d1: { model: 'digits', version: '1.0.0' } }

/** A store of windows that a test adds to. */
function world(before = 0) {
  const windows: ArrivedWindow[] = []
  const add = (change: Partial<ArrivedWindow> = {}, latencyMs: readonly number[] = []): void => {
    const sketch = LatencySketch.empty()
    for (const one of latencyMs) sketch.add(one)
    const of = { deployment: 'reader', digest: 'd1', requests: 1, errors: 0, notFinite: 0, latency: packSketch(sketch.state()) }
    windows.push({ place: before + windows.length + 1, ...of, ...change })
  }
  const traffic = openFleetTraffic({
    telemetry: {
      newestArrival: () => windows.at(-1)?.place ?? before,
      arrivedWindows: ({ after, limit }) => windows.filter(({ place }) => place > after).slice(0, limit),
    },
    nameOf: (digest) => names[digest] ?? null,
  })
  return { windows, add, traffic }
}

test('each window that arrives after the start counts once, under the names of the registry', () => {
  const { add, traffic } = world(7)
  add({ requests: 1000 })
  traffic.read()
  expect(traffic.all()).toEqual([])
  traffic.begin()
  add({ requests: 3, errors: 1, notFinite: 1 }, [2, 4])
  traffic.read()
  add({ requests: 2 }, [2, 2])
  traffic.read()
  traffic.read()
  expect(traffic.all()).toMatchObject([
    { labels: { deployment: 'reader', model: 'digits', version: '1.0.0' }, requests: 5, errors: 1, notFinite: 1 },
  ])
  const { count, sum, cells } = traffic.all()[0]!.durations.state()
  expect([count, cells.reduce((all, [, held]) => all + held, 0)]).toEqual([4, 4])
  expect(sum).toBeCloseTo(0.01, 12)
  // 2 ms and 4 ms, one octave apart: eight buckets.
  expect(cells.map(([, held]) => held)).toEqual([3, 1])
  expect(cells[1]![0] - cells[0]![0]).toBe(8)
})

test('a latency that cannot be read leaves the counts; a bundle that nobody knows is other', () => {
  const { add, traffic } = world()
  traffic.begin()
  add({ requests: 4, latency: Uint8Array.of(9, 9, 9), digest: 'forged' })
  expect(traffic.read()).toBe(true)
  expect(traffic.all()).toMatchObject([{ labels: { deployment: 'reader', model: 'other', version: 'other' }, requests: 4 }])
  expect(traffic.all()[0]!.durations.state().count).toBe(0)
})

test('devices that make up deployments fill one series more, and a burst is read in steps', () => {
  const { add, traffic } = world()
  traffic.begin()
  for (let i = 0; i < 2500; i += 1) add({ deployment: `made-up-${i}` })
  expect([traffic.read(), traffic.read()]).toEqual([false, true])
  const all = traffic.all()
  expect(all).toHaveLength(501)
  expect(all.at(-1)).toMatchObject({ labels: { deployment: 'other', model: 'other', version: 'other' }, requests: 2000 })
  expect(all.reduce((sum, { requests }) => sum + requests, 0)).toBe(2500)
})

test('after a store was put back, counting goes on with what arrives then', () => {
  const { windows, add, traffic } = world()
  traffic.begin()
  add({ requests: 5 })
  add({ requests: 5 })
  traffic.read()
  windows.length = 1
  traffic.read()
  add({ requests: 7 })
  traffic.read()
  expect(traffic.all()[0]!.requests).toBe(17)
})
