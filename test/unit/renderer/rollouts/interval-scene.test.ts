import { describe, expect, test } from 'vitest'
import { intervalScene, type IntervalInput } from '../../../../renderer/screens/rollouts/comparison/interval-scene.ts'

const of = (change: Partial<IntervalInput>): IntervalInput => ({
  isHigherBetter: false,
  difference: 0,
  low: -0.01,
  high: 0.01,
  margin: 0.02,
  ...change,
})
const WIDTH = 108

describe('a difference between nothing and the margin', () => {
  test('where lower is better, worse is on the right of the margin', () => {
    const scene = intervalScene(of({ difference: 0.01, low: 0, high: 0.02 }), WIDTH)
    // The scale reaches 1.25 margins to both sides: 0.025.
    expect(scene).toEqual({
      ...{ zero: 54, margin: 94, worse: 1, dot: 74 },
      bar: { from: 54, through: 94, isOpenLow: false, isOpenHigh: false },
    })
  })

  test('where higher is better, worse is on the left', () => {
    const scene = intervalScene(of({ isHigherBetter: true, margin: 0.1, difference: -0.05, low: -0.1, high: 0 }), WIDTH)
    expect(scene).toMatchObject({ worse: -1, zero: 54, margin: 14, dot: 34, bar: { from: 14, through: 54 } })
  })

  test('what is known on one side only is open on the other, up to the edge', () => {
    expect(intervalScene(of({ low: null, high: 0.02 }), WIDTH).bar).toEqual({ from: 0, through: 94, isOpenLow: true, isOpenHigh: false })
    expect(intervalScene(of({ low: 0, high: null }), WIDTH).bar).toEqual({ from: 54, through: WIDTH, isOpenLow: false, isOpenHigh: true })
  })

  test('without data there is neither bar nor dot, and nothing stands at zero', () => {
    expect(intervalScene(of({ difference: null, low: null, high: null }), WIDTH)).toMatchObject({
      bar: null,
      dot: null,
      zero: 54,
      margin: 94,
    })
  })

  test('no margin and no difference still have a scale', () => {
    const scene = intervalScene(of({ margin: 0, difference: 0, low: 0, high: 0 }), WIDTH)
    expect(scene).toMatchObject({ zero: 54, margin: 54, dot: 54 })
  })
})
