import { describe, expect, test } from 'vitest'
import { compareRates, type RateRule } from '../../../../../shared/stats/canary/compare-rates.ts'
import type { RateCell, RateWindow } from '../../../../../shared/stats/canary/design-effect.ts'
import { distributionShift } from '../../../../../shared/stats/canary/distribution-shift.ts'
import { proportionBounds } from '../../../../../shared/stats/canary/proportion-bounds.ts'
import { seeded } from '../oracle.ts'

/** Full sizes take some minutes; the reduced ones seconds, with the same limits. */
const isFull = process.env['MUSTER_STATS_FULL'] === '1'
const sized = (full: number, reduced: number): number => (isFull ? full : reduced)
const report = (text: string): void => console.log(`canary simulation: ${text}`)

/** As the errors of a rollout get it: half of 0.05, the other half is for the other metrics. */
const ALPHA = 0.05 / 2
const errors: RateRule = { alpha: ALPHA, absoluteMargin: 0.005, relativeMargin: 0.25, leastTrials: 100 }

type Draw = () => number

/** How many of n happen, by the gaps between them: rare events cost little. */
function binomial(draw: Draw, n: number, p: number): number {
  let k = 0
  for (let at = gap(draw, p); at <= n; at += gap(draw, p)) k += 1
  return k
}

function gap(draw: Draw, p: number): number {
  return p <= 0 ? Number.POSITIVE_INFINITY : 1 + Math.floor(Math.log(1 - draw()) / Math.log(1 - p))
}

interface Arm {
  devices: number
  perCell: number
  events(draw: Draw, perCell: number, device: number): number
}

const independent =
  (p: number) =>
  (draw: Draw, n: number): number =>
    binomial(draw, n, p)
/** A hundredth of the cells has a burst of about `size` errors in a row, as of a camera that hangs. */
const bursts =
  (size: number) =>
  (draw: Draw, n: number): number => {
    if (draw() >= 0.02) return 0
    return Math.min(n, 1 + Math.floor(-Math.log(1 - draw()) * size))
  }

function cellsOf(draw: Draw, name: string, { devices, perCell, events }: Arm): RateCell[] {
  return Array.from({ length: devices }, (_, i) => ({ device: `${name}${i}`, trials: perCell, events: events(draw, perCell, i) }))
}

/** Looks after every window. @returns windows until it fails and until it passes; null: it never did */
function life(draw: Draw, of: { canary: Arm; baseline: Arm; windows: number; every?: number }, rule = errors) {
  const windows: RateWindow[] = []
  let failed: number | null = null
  let passed: number | null = null
  for (let i = 1; i <= of.windows && failed === null; i += 1) {
    windows.push({ canary: cellsOf(draw, 'c', of.canary), baseline: cellsOf(draw, 'b', of.baseline) })
    if (i % (of.every ?? 1) !== 0) continue
    const { state } = compareRates(windows, rule)
    if (state === 'fail') failed = i
    if (state === 'pass') passed ??= i
  }
  return { failed, passed }
}

describe('a healthy canary', () => {
  const shapes: [string, number, number, Arm['events']][] = [
    ['independent errors of 1 %, 1 of 10 devices', 1, 9, independent(0.01)],
    ['independent errors of 1 %, 5 against 5', 5, 5, independent(0.01)],
    ['independent errors of 0.1 %, 1 of 100', 1, 99, independent(0.001)],
    ['bursts of 10, 1 of 10', 1, 9, bursts(10)],
    ['bursts of 10, 5 against 5', 5, 5, bursts(10)],
    ['bursts of 30, 1 of 100', 1, 99, bursts(30)],
    ['devices with errors of their own, 2 against 18', 2, 18, (draw, n, device) => binomial(draw, n, device % 9 === 0 ? 0.08 : 0.005)],
  ]
  test.each(shapes)('%s: stopped in at most alpha of the rollouts, looked at after every window', (name, few, many, events) => {
    const draw = seeded(101)
    const runs = sized(1000, 8)
    let stopped = 0
    for (let run = 0; run < runs; run += 1) {
      const arm = { perCell: 60, events }
      const { failed } = life(draw, { canary: { ...arm, devices: few }, baseline: { ...arm, devices: many }, windows: 60 })
      if (failed !== null) stopped += 1
    }
    report(`${name}: stopped ${stopped} of ${runs} (alpha ${ALPHA.toFixed(4)})`)
    expect(stopped / runs).toBeLessThanOrEqual(Math.max(2 / runs, 2 * ALPHA))
  })
})

describe('a fleet in which one of twenty devices always fails', () => {
  /** What each device does is drawn for every rollout. */
  type Kind = (draw: Draw) => (draw: Draw, n: number) => number
  const even: Kind = () => independent(0.01)
  const bursty: Kind = () => bursts(10)
  const own: Kind = (draw) => independent(draw() < 1 / 9 ? 0.08 : 0.005)
  const dead = (_: Draw, n: number): number => n
  const armOf = (devices: readonly ((draw: Draw, n: number) => number)[]): Arm => ({
    ...{ devices: devices.length, perCell: 20 },
    events: (draw, n, device) => devices[device]!(draw, n),
  })
  const times = <Of>(count: number, of: () => Of): Of[] => Array.from({ length: count }, of)

  const shapes: [string, { few: number; many: number; kind: Kind; isOneDead?: boolean }][] = [
    ['independent errors of 1 %, 20 against 80, one dead in the canary', { few: 20, many: 80, kind: even, isOneDead: true }],
    ['bursts of 10, 20 against 80, one dead in the canary', { few: 20, many: 80, kind: bursty, isOneDead: true }],
    ['devices with errors of their own, 20 against 80, one dead in the canary', { few: 20, many: 80, kind: own, isOneDead: true }],
    ['independent errors of 1 %, 5 against 45, dead ones in both', { few: 5, many: 45, kind: even }],
    ['bursts of 10, 5 against 45, dead ones in both', { few: 5, many: 45, kind: bursty }],
    ['devices with errors of their own, 5 against 45, dead ones in both', { few: 5, many: 45, kind: own }],
    ['devices with errors of their own, 3 against 27, dead ones in both', { few: 3, many: 27, kind: own }],
    ['independent errors of 1 %, 2 against 18, dead ones in both', { few: 2, many: 18, kind: even }],
  ]
  test.each(shapes)('%s: a healthy canary is stopped in at most alpha of the rollouts', (name, { few, many, kind, isOneDead }) => {
    const draw = seeded(606)
    const runs = sized(1000, 4)
    let stopped = 0
    for (let run = 0; run < runs; run += 1) {
      const anyOf = (): ((draw: Draw, n: number) => number) => (draw() < 0.05 ? dead : kind(draw))
      const canary = isOneDead === true ? [dead, ...times(few - 1, () => kind(draw))] : times(few, anyOf)
      const { failed } = life(draw, { canary: armOf(canary), baseline: armOf(times(many, anyOf)), windows: 60, every: isFull ? 1 : 4 })
      if (failed !== null) stopped += 1
    }
    report(`${name}: stopped ${stopped} of ${runs} (alpha ${ALPHA.toFixed(4)})`)
    expect(stopped / runs).toBeLessThanOrEqual(Math.max(2 / runs, 1.4 * ALPHA))
  })

  const bad: [string, { few: number; rate: number; many: number; deadOnes: number; least: number }][] = [
    ['50 % errors, 5 against 50 with one dead', { few: 5, rate: 0.5, many: 50, deadOnes: 1, least: 0.99 }],
    ['100 % errors, 2 against 10 with one dead', { few: 2, rate: 1, many: 10, deadOnes: 1, least: 0.99 }],
    ['4 % errors, 20 against 180 with 9 dead', { few: 20, rate: 0.04, many: 180, deadOnes: 9, least: 0.95 }],
    ['2 % errors, 20 against 180 with 9 dead', { few: 20, rate: 0.02, many: 180, deadOnes: 9, least: 0.85 }],
  ]
  test.each(bad)('%s: stopped within an hour', (name, { few, rate, many, deadOnes, least }) => {
    const draw = seeded(707)
    const ends = times(sized(200, 6), () => {
      const baseline = [...times(deadOnes, () => dead), ...times(many - deadOnes, () => independent(0.01))]
      const canary = times(few, () => (rate === 1 ? dead : independent(rate)))
      return life(draw, { canary: armOf(canary), baseline: armOf(baseline), windows: 60 }).failed ?? Number.POSITIVE_INFINITY
    }).toSorted((a, b) => a - b)
    const found = ends.filter(Number.isFinite).length
    report(`${name}: stopped ${found} of ${ends.length} within an hour, median after ${ends[ends.length >> 1]} minutes`)
    expect(found / ends.length).toBeGreaterThanOrEqual(least)
  })
})

describe('a canary whose baseline has dead devices', () => {
  const dead = (_: Draw, n: number): number => n
  const shapes: [string, { few: number; many: number; deadOnes: number; perCell: number }][] = [
    ['5 against 45 with 3 dead', { few: 5, many: 45, deadOnes: 3, perCell: 200 }],
    ['1 against 19 with one dead', { few: 1, many: 19, deadOnes: 1, perCell: 1000 }],
  ]
  test.each(shapes)('%s: it passes by 40,000 requests if it is no worse, and not if it is worse by twice the margin', (name, of) => {
    const runs = sized(1000, 10)
    for (const [rate, least, most] of [
      [0.01, 0.9, 1],
      [0.02, 0, ALPHA],
    ] as const) {
      const draw = seeded(808)
      let [passed, failed] = [0, 0]
      for (let run = 0; run < runs; run += 1) {
        const [canary, baseline] = [independent(rate), independent(0.01)]
        const ended = life(draw, {
          canary: { devices: of.few, perCell: of.perCell, events: canary },
          baseline: {
            ...{ devices: of.many, perCell: of.perCell },
            events: (one, n, device) => (device < of.deadOnes ? dead : baseline)(one, n),
          },
          ...{ windows: 40, every: 4 },
        })
        if (ended.passed !== null) passed += 1
        if (ended.failed !== null) failed += 1
      }
      report(`${100 * rate} % against 1 %, ${name}: passed ${passed}, stopped ${failed} of ${runs} by 40,000 requests`)
      expect(passed / runs).toBeGreaterThanOrEqual(least)
      expect(passed / runs).toBeLessThanOrEqual(Math.max(most, 1 / runs))
      if (rate === 0.01) expect(failed / runs).toBeLessThanOrEqual(Math.max(ALPHA, 1 / runs))
    }
  })
})

describe('a bad canary', () => {
  const lives = (of: { base: number; bad: number; perCell: number; windows: number }, rule: RateRule): number[] => {
    const draw = seeded(202)
    const arm = (p: number): Arm => ({ devices: 1, perCell: of.perCell, events: independent(p) })
    return Array.from({ length: sized(1000, 100) }, () => {
      const { failed } = life(draw, { canary: arm(of.bad), baseline: arm(of.base), windows: of.windows }, rule)
      return failed === null ? Number.POSITIVE_INFINITY : failed * of.perCell
    })
  }
  const describeFound = (found: readonly number[]) => {
    const sorted = found.toSorted((a, b) => a - b)
    return { by: (requests: number) => found.filter((at) => at <= requests).length / found.length, median: sorted[sorted.length >> 1]! }
  }

  test('a doubled rate of 1 % is found by 6,000 requests per arm in 90 % of the cases; with half of alpha in 85 %', () => {
    for (const [alpha, floor] of [
      [0.05, 0.9],
      [ALPHA, 0.85],
    ] as const) {
      const { by, median } = describeFound(lives({ base: 0.01, bad: 0.02, perCell: 100, windows: 60 }, { ...errors, alpha }))
      report(`1 % to 2 %, alpha ${alpha.toFixed(4)}: by 5,000 ${by(5000)}, by 6,000 ${by(6000)}, median at ${median}`)
      expect(by(6000)).toBeGreaterThanOrEqual(floor)
    }
  })

  test('0.1 % to 1 % is found at about 800 requests per arm; with half of alpha at about 1,000', () => {
    for (const [alpha, most] of [
      [0.05, 850],
      [ALPHA, 1100],
    ] as const) {
      const { by, median } = describeFound(lives({ base: 0.001, bad: 0.01, perCell: 50, windows: 60 }, { ...errors, alpha }))
      report(`0.1 % to 1 %, alpha ${alpha.toFixed(4)}: by 800 ${by(800)}, by 3,000 ${by(3000)}, median at ${median}`)
      expect(median).toBeLessThanOrEqual(most)
      expect(by(3000)).toBeGreaterThanOrEqual(0.9)
    }
  })

  test('a canary that is no worse passes, and one that is worse by twice the margin hardly ever does', () => {
    const runs = sized(1000, 40)
    for (const [rate, least, most] of [
      [0.01, 0.9, 1],
      [0.02, 0, ALPHA],
    ] as const) {
      const draw = seeded(303)
      let passed = 0
      for (let run = 0; run < runs; run += 1) {
        const arm = (p: number): Arm => ({ devices: 2, perCell: 500, events: independent(p) })
        if (life(draw, { canary: arm(rate), baseline: arm(0.01), windows: 40, every: 4 }).passed !== null) passed += 1
      }
      report(`${100 * rate} % against 1 %: passed ${passed} of ${runs} by 40,000 requests per arm`)
      expect(passed / runs).toBeGreaterThanOrEqual(least)
      expect(passed / runs).toBeLessThanOrEqual(Math.max(most, 1 / runs))
    }
  })
})

describe('what holds at all times', () => {
  test('exact bounds of one share cover it at every look, rare or not', () => {
    const runs = sized(2000, 100)
    for (const p of [0.002, 0.1, 0.9]) {
      const draw = seeded(404)
      let missed = 0
      for (let run = 0; run < runs; run += 1) {
        let [k, isMissed] = [0, false]
        for (let n = 20; n <= 2000 && !isMissed; n += 20) {
          k += binomial(draw, 20, p)
          const { low, high } = proportionBounds(k, n, 0.05)!
          isMissed = p < low || p > high
        }
        if (isMissed) missed += 1
      }
      report(`bounds at ${p}: missed in ${missed} of ${runs} lives`)
      expect(missed / runs).toBeLessThanOrEqual(0.05)
    }
  })

  test.each([3, 10, 30])('outcomes of %i classes without a difference are not called different, looked at often', (classes) => {
    const [draw, runs] = [seeded(505), sized(1000, 60)]
    let failed = 0
    for (let run = 0; run < runs; run += 1) {
      const [baseline, canary] = [Array.from({ length: classes }, () => 0), Array.from({ length: classes }, () => 0)]
      for (let n = 20; n <= 1500; n += 20) {
        for (const side of [baseline, canary]) for (let i = 0; i < 20; i += 1) side[Math.floor(draw() * classes)]! += 1
        const { state } = distributionShift(
          { baseline, canary, effective: { baseline: n, canary: n } },
          { alpha: 0.05, margin: 0.02, leastValues: 100 },
        )
        if (state !== 'fail') continue
        failed += 1
        break
      }
    }
    report(`outcomes of ${classes} classes, no difference, 75 looks: fail in ${failed} of ${runs} (alpha 0.05, margin 0.02)`)
    expect(failed / runs).toBeLessThanOrEqual(0.05)
  })
})
