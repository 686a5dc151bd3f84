import { describe, expect, test } from 'vitest'
import { Adwin } from '../../../../shared/stats/sequential/adwin.ts'
import {
  addOutcome,
  addOutcomes,
  bernoulliCusum,
  bernoulliCusumRule,
  parseBernoulliCusum,
} from '../../../../shared/stats/sequential/bernoulli-cusum.ts'
import { addToCusum, cusum, parseCusum } from '../../../../shared/stats/sequential/cusum.ts'
import { addToDdm, ddm, parseDdm } from '../../../../shared/stats/sequential/ddm.ts'
import { addToEddm, eddm, parseEddm } from '../../../../shared/stats/sequential/eddm.ts'
import { addToPageHinkley, pageHinkley, parsePageHinkley } from '../../../../shared/stats/sequential/page-hinkley.ts'
import { wilsonInterval } from '../../../../shared/stats/proportion-interval.ts'
import { detections } from './oracle-sequential.ts'
import { normals, oracleData, seeded } from './oracle.ts'

/** A detector over a stream, stopped after every value, written down, read again and gone on with. */
interface Restartable {
  name: string
  stream: readonly number[]
  whole: () => (value: number) => boolean
  restarted: () => (value: number) => boolean
}

function restartable<State>(of: {
  name: string
  stream: readonly number[]
  create: () => State
  add: (state: State, value: number) => unknown
  parse: (value: unknown) => State
}): Restartable {
  const isAlarm = (said: unknown): boolean => said === true || said === 'alarm' || said === 'up' || said === 'down'
  return {
    name: of.name,
    stream: of.stream,
    whole: () => {
      const state = of.create()
      return (value) => isAlarm(of.add(state, value))
    },
    restarted: () => {
      let json = JSON.stringify(of.create())
      return (value) => {
        const state = of.parse(JSON.parse(json))
        const said = isAlarm(of.add(state, value))
        json = JSON.stringify(state)
        return said
      }
    },
  }
}

const { stream_step_mean: mean, stream_step_errors: errors } = oracleData
const detectors: Restartable[] = [
  restartable({
    name: 'Bernoulli CUSUM',
    stream: errors,
    create: () => bernoulliCusum({ p0: 0.2, p1: 0.4, h: 9 }),
    add: (state, x) => addOutcome(state, x === 1),
    parse: parseBernoulliCusum,
  }),
  restartable({ name: 'CUSUM', stream: mean, create: () => cusum(), add: addToCusum, parse: parseCusum }),
  restartable({ name: 'Page-Hinkley', stream: mean, create: () => pageHinkley(), add: addToPageHinkley, parse: parsePageHinkley }),
  restartable({ name: 'DDM', stream: errors, create: ddm, add: (state, x) => addToDdm(state, x === 1), parse: parseDdm }),
  restartable({ name: 'EDDM', stream: errors, create: () => eddm(), add: (state, x) => addToEddm(state, x === 1), parse: parseEddm }),
  {
    name: 'ADWIN',
    stream: mean,
    whole: () => {
      const window = new Adwin()
      return (value) => window.add(value)
    },
    restarted: () => {
      let json = JSON.stringify(new Adwin().state())
      return (value) => {
        const window = Adwin.parse(JSON.parse(json))
        const said = window.add(value)
        json = JSON.stringify(window.state())
        return said
      }
    },
  },
]

test.each(detectors.map((one) => [one.name, one] as const))(
  '%s fires at the same values whether or not the process restarts in between',
  (_, one) => {
    const whole = detections(one.stream, one.whole())
    expect(whole.length).toBeGreaterThan(0)
    expect(detections(one.stream, one.restarted())).toEqual(whole)
  },
)

test('values that are not finite change no detector', () => {
  const [sum, hinkley, window] = [cusum({ warmUp: 2, k: 0.5, h: 5 }), pageHinkley(), new Adwin()]
  for (const value of [1, 2, 3]) for (const add of [() => addToCusum(sum, value), () => addToPageHinkley(hinkley, value), () => window.add(value)]) add() // prettier-ignore
  const before = JSON.stringify([sum, hinkley, window.state()])
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect([addToCusum(sum, value), addToPageHinkley(hinkley, value), window.add(value)]).toEqual([null, false, false])
  }
  expect(JSON.stringify([sum, hinkley, window.state()])).toBe(before)
  const outcomes = bernoulliCusum({ p0: 0.1, p1: 0.2, h: 5 })
  for (const [errors, trials] of [[-1, 5], [6, 5], [0.5, 1], [Number.NaN, 1]] as const) expect(addOutcomes(outcomes, errors, trials)).toBe(false) // prettier-ignore
  expect(outcomes.s).toBe(0)
})

describe('CUSUM', () => {
  test('finds a shift in its direction, and none in the noise that it learned', () => {
    for (const [shift, direction] of [
      [2, 'up'],
      [-2, 'down'],
    ] as const) {
      const normal = normals(seeded(21))
      const state = cusum()
      const said = Array.from({ length: 600 }, (_, i) => addToCusum(state, normal() + (i >= 400 ? shift : 0)))
      expect(said.slice(0, 400).every((one) => one === null)).toBe(true)
      expect(said.find((one) => one !== null)).toBe(direction)
    }
  })

  test('a constant warm-up makes every other value an alarm, and its own value none', () => {
    const state = cusum({ warmUp: 5, k: 0.5, h: 5 })
    for (let i = 0; i < 5; i += 1) addToCusum(state, 3)
    expect([addToCusum(state, 3), addToCusum(state, 3.1), addToCusum(state, 2.9), addToCusum(state, 3)]).toEqual([null, 'up', 'down', null])
  })

  test('what is no detector is refused', () => {
    for (const rule of [
      { warmUp: 1, k: 0.5, h: 5 },
      { warmUp: 5, k: -1, h: 5 },
      { warmUp: 5, k: 0, h: 0 },
    ])
      expect(() => cusum(rule)).toThrow(RangeError)
    for (const rule of [
      { p0: 0, p1: 0.5, h: 1 },
      { p0: 0.5, p1: 0.4, h: 1 },
      { p0: 0.1, p1: 1, h: 1 },
      { p0: 0.1, p1: 0.2, h: 0 },
    ])
      expect(() => bernoulliCusum(rule)).toThrow(RangeError)
    for (const rule of [{ delta: 0 }, { clock: 0 }, { maxBuckets: 1 }, { leastPart: 0.5 }, { grace: -1 }])
      expect(() => new Adwin(rule)).toThrow(RangeError)
  })
})

test('the rule of the Bernoulli CUSUM comes from the baseline', () => {
  const rule = bernoulliCusumRule({ successes: 50, trials: 1000 })!
  expect(rule.p0).toBe(wilsonInterval(50, 1000)!.high)
  expect([rule.p1, rule.h]).toEqual([2 * rule.p0, Math.log(1e5)])
  expect(bernoulliCusumRule({ successes: 400, trials: 1000 })!.p1).toBe(0.5)
  expect([bernoulliCusumRule({ successes: 0, trials: 0 }), bernoulliCusumRule({ successes: 60, trials: 100 })]).toEqual([null, null])
  expect(bernoulliCusum(bernoulliCusumRule({ successes: 0, trials: 500 })!).p0).toBeGreaterThan(0)
})

test('ADWIN keeps the mean of what is left, in few buckets', () => {
  const random = seeded(6)
  const window = new Adwin()
  for (let i = 0; i < 20_000; i += 1) window.add(random())
  expect(window.width).toBe(20_000)
  expect(window.mean!).toBeCloseTo(0.5, 1)
  expect(window.state().rows.flat().length).toBeLessThanOrEqual(5 * Math.ceil(Math.log2(20_000)))
  for (let i = 0; i < 2000; i += 1) window.add(random() + 1)
  expect(window.width).toBeLessThan(2100)
  expect(window.mean!).toBeCloseTo(1.5, 1)
  expect(new Adwin().mean).toBeNull()
})
