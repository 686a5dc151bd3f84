import { describe, expect, test } from 'vitest'
import { courseWith, figureOf, intervalScene, type CoursePoint } from '../../../../renderer/screens/labelling/interval-scene.ts'
import { bytesOf } from '../../../../renderer/screens/labelling/sample-image.tsx'

const progress = (labelled: number, value: number | null, weighted: number | null = null) => ({
  ...{ labelled, open: 10, disputed: 0, skipped: 0, weightedMissing: null, mae: null, target: { halfWidth: 0.02, rowsToGo: null } },
  accuracy: value === null ? null : { value, low: value - 0.1, high: value + 0.1, rows: labelled },
  weighted: weighted === null ? null : { value: weighted, low: weighted - 0.05, high: weighted + 0.05, effectiveRows: labelled },
})
const point = (labelled: number, value: number): CoursePoint => ({ labelled, value, low: value - 0.1, high: value + 0.1 })

describe('the course of the interval', () => {
  test('grows with each label, and an undo goes back', () => {
    const one = courseWith([], progress(1, 0.5))
    const two = courseWith(one, progress(2, 0.6))
    expect(two).toEqual([point(1, 0.5), point(2, 0.6)])
    expect(courseWith(two, progress(2, 0.6))).toBe(two)
    expect(courseWith(two, progress(1, 0.5))).toEqual([point(1, 0.5)])
    expect(courseWith(two, progress(0, null))).toEqual([])
    expect(courseWith([], progress(0, null))).toEqual([])
  })

  test('is of all requests where the labels tell them', () => {
    expect(figureOf(progress(5, 0.5, 0.9))).toEqual({ value: 0.9, low: 0.9 - 0.05, high: 0.9 + 0.05, isWeighted: true })
    expect(figureOf(progress(5, 0.5))?.isWeighted).toBe(false)
    expect(figureOf(progress(0, null))).toBeNull()
  })

  test('is drawn over the number of labels; one point has its interval over the whole width', () => {
    const size = { width: 300, height: 150 }
    expect(intervalScene([], size)).toBeNull()
    const single = intervalScene([point(4, 0.5)], size)!
    expect(single.band).not.toContain('NaN')
    expect(single.x.ticks.map(({ label }) => label)).toEqual(['4'])
    const scene = intervalScene([point(1, 0.5), point(2, 0.6), point(11, 0.7)], size)!
    expect(scene.x.ticks.map(({ label }) => label)).toEqual(['1', '6', '11'])
    expect(scene.end.x).toBeCloseTo(scene.plot.left + scene.plot.width, 6)
  })
})

test('a picture of one channel is grey and opaque, one of four has its own opacity', () => {
  expect([...bytesOf({ width: 1, height: 1, channels: 1, pixels: [0.2] })]).toEqual([51, 51, 51, 255])
  expect([...bytesOf({ width: 1, height: 1, channels: 3, pixels: [0, 1, 0.2] })]).toEqual([0, 255, 51, 255])
  expect([...bytesOf({ width: 1, height: 1, channels: 4, pixels: [0, 1, 0.2, 0] })]).toEqual([0, 255, 51, 0])
})
