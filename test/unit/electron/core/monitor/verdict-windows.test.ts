import { expect, test } from 'vitest'
import { cutWindows, MOST_LENGTHS, windowsAsOf, type Bucket, type CutRule } from '../../../../../electron/core/monitor/verdict-windows.ts'
import { baselineOf, countRows, monitorParts, DIGEST, type Row } from '../../../../harness/counted-slices.ts'
import { normals, seeded } from '../../../shared/stats/oracle.ts'

const W = 1000
const STRETCH = W * MOST_LENGTHS
const rule: CutRule = { windowMs: W, needs: 200, leastValues: 100, closedBy: 1e9 }
const normal = normals(seeded(1))
const rows = (n: number): Row[] => Array.from({ length: n }, () => ({ a: normal(), b: normal() }))
const bundle = monitorParts(baselineOf(rows(500)), () => 0).bundle(DIGEST)!
const { things } = bundle
const bucket = (at: number, n: number): Bucket => ({ at: at * W, counts: countRows(bundle.references, rows(n)) })
const spans = (windows: ReturnType<typeof cutWindows>): [number, number, number][] =>
  windows.closed.map(({ from, through, counts }) => [from / W, through / W, counts.rows])

test('a window is the shortest run of whole buckets with enough effective values', () => {
  const buckets = [bucket(0, 90), bucket(1, 90), bucket(2, 90), bucket(3, 400), bucket(4, 150), bucket(5, 150)]
  expect(spans(cutWindows(buckets, things, rule))).toEqual([
    [0, 3, 270],
    [3, 4, 400],
    [4, 6, 300],
  ])
})

test('a run goes on over a gap, and begins with counts', () => {
  expect(spans(cutWindows([bucket(2, 150), bucket(9, 150)], things, rule))).toEqual([[2, 10, 300]])
})

test('a run ends with its stretch: enough for evidence is a window, less only if there was no other', () => {
  const next = bucket(MOST_LENGTHS, 300)
  expect(spans(cutWindows([bucket(0, 50), next], things, rule))).toEqual([
    [0, 1, 50],
    [24, 25, 300],
  ])
  expect(spans(cutWindows([bucket(0, 300), bucket(1, 50), next], things, rule))).toEqual([
    [0, 1, 300],
    [24, 25, 300],
  ])
  expect(spans(cutWindows([bucket(0, 300), bucket(1, 150), next], things, rule))).toEqual([
    [0, 1, 300],
    [1, 2, 150],
    [24, 25, 300],
  ])
})

test('what may still grow is open, with the values that it has', () => {
  const windows = cutWindows([bucket(0, 300), bucket(1, 300)], things, { ...rule, closedBy: 1999 })
  expect(spans(windows)).toEqual([[0, 1, 300]])
  expect(windows.open?.from).toBe(1000)
  expect(windows.open?.effective).toBeGreaterThan(200)
})

test('one feature without values does not keep the window open', () => {
  const silent = Array.from({ length: 300 }, () => ({ a: normal(), b: null }))
  const counts = countRows(bundle.references, silent)
  expect(cutWindows([{ at: 0, counts }], things, rule).closed).toHaveLength(1)
})

test('a question that reads little cuts like one that reads everything', () => {
  const random = seeded(7)
  for (let trial = 0; trial < 20; trial += 1) {
    const scale = 100 + 400 * random()
    const buckets = Array.from({ length: 130 }, (_, i) => i)
      .filter(() => random() > 0.1)
      .map((at) => bucket(at, Math.ceil(scale * random())))
    const through = (100 + Math.floor(30 * random())) * W + 500
    let read = 0
    const ask = (from: number, end: number): Bucket[] => {
      const found = buckets.filter(({ at }) => at >= from && at < end)
      read += found.length
      return found
    }
    const asked = { things, rule: { ...rule, closedBy: through }, from: through, through }
    const near = windowsAsOf(ask, asked)
    const all = cutWindows(ask(Math.floor(through / STRETCH - 3) * STRETCH, through), things, asked.rule)
    expect(spans(near).slice(-3)).toEqual(spans(all).slice(-3))
    expect(near.open).toEqual(all.open)
  }
})
