import { describe, expect, test } from 'vitest'
import { proportionSequence } from '../../../../shared/stats/canary/confidence-sequence.ts'
import { addErrorWindow, emptyErrorEProcess, failsMoreOften } from '../../../../shared/stats/canary/error-e-process.ts'
import { chiSquareHomogeneity } from '../../../../shared/stats/drift/chi-square-homogeneity.ts'
import { driftVerdict } from '../../../../shared/stats/drift/drift-verdict.ts'
import { psi } from '../../../../shared/stats/drift/psi.ts'
import { defaultDriftRule, scoreWindow, type DriftScore } from '../../../../shared/stats/drift/score-window.ts'
import { twoProportionZ } from '../../../../shared/stats/quality/two-proportions.ts'
import { featureWindow } from '../../../../shared/stats/reference/feature-window.ts'
import { NumericCounter, type NumericReference } from '../../../../shared/stats/reference/numeric-counter.ts'
import { featureBaseline } from '../../../../shared/stats/reference-bins.ts'
import { addOutcome, bernoulliCusum, bernoulliCusumRule } from '../../../../shared/stats/sequential/bernoulli-cusum.ts'
import { normals, seeded } from './oracle.ts'

/** Full sizes take about a minute; the reduced ones a few seconds, with the same limits. */
const isFull = process.env['MUSTER_STATS_FULL'] === '1'
const sized = (full: number, reduced: number): number => (isFull ? full : reduced)
const report = (text: string): void => console.log(`simulation: ${text}`)
const reference = (draw: () => number, m = 1000): NumericReference =>
  featureBaseline('x', Array.from({ length: m }, draw)) as NumericReference
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

function windowOf(base: NumericReference, n: number, draw: () => number) {
  const counter = new NumericCounter(base)
  for (let i = 0; i < n; i += 1) counter.addNumber(draw())
  return featureWindow(base, counter.counts())
}

describe('a healthy fleet is quiet', () => {
  test.each([100, 200, 500, 1000])('no drift, windows of %i: at most 2 alarms and warnings in 24,000 feature-windows', (n) => {
    if (!isFull && n > 200) return
    const [normal, features, hours] = [normals(seeded(n)), 20, 24]
    const devices = sized(50, 12)
    const counts = { psi: 0, p: 0, single: 0, warn: 0, alarm: 0 }
    for (let device = 0; device < devices; device += 1) {
      const bases = Array.from({ length: features }, () => reference(normal))
      const history: DriftScore[][] = bases.map(() => [])
      for (let hour = 0; hour < hours; hour += 1) {
        for (const [i, score] of scoreWindow(
          bases.map((base) => windowOf(base, n, normal)),
          'training',
        ).entries()) {
          // prettier-ignore
          history[i]!.push(score)
          if (score.psi! > 0.1) counts.psi += 1
          if (score.test.p < 0.05) counts.p += 1
          if (score.psiAdjusted! >= 0.1 && score.pAdjusted !== null && score.pAdjusted <= 0.05) counts.single += 1
          const { state } = driftVerdict(history[i]!)
          if (state === 'warn') counts.warn += 1
          if (state === 'alarm') counts.alarm += 1
        }
      }
    }
    const windows = devices * features * hours
    report(
      `no drift, n=${n}, ${windows} feature-windows: PSI>0.1 ${counts.psi}, p<.05 ${counts.p}, one window psiAdj&BH ${counts.single}, verdict warn ${counts.warn}, alarm ${counts.alarm}`,
    )
    expect(counts.warn + counts.alarm).toBeLessThanOrEqual((2 * windows) / 24_000)
  })

  test.each([0.5, 0.9, 0.99])('a sensor that remembers (AR(1) with phi %s): evidence by chance in at most 1 % of the windows', (phi) => {
    const [normal, n] = [normals(seeded(17)), 500]
    const runs = sized(2000, 400)
    let x = normal()
    const draw = (): number => (x = phi * x + Math.sqrt(1 - phi * phi) * normal())
    const base = reference(normal, 1000)
    const rates = { naive: 0, effective: 0, both: 0, verdicts: 0 }
    for (let run = 0; run < runs; run += 1) {
      x = normal()
      const window = windowOf(base, n, draw)
      // Without the minimum of effective values, which alone would silence most of these.
      const [score] = scoreWindow([window], 'training', { ...defaultDriftRule, leastValues: 0, warnFrom: 0 })
      if (chiSquareHomogeneity(window.reference, window.current).p < 0.01) rates.naive += 1
      if (score!.test.p < 0.01) rates.effective += 1
      if (score!.test.p < 0.01 && score!.psiAdjusted! >= 0.1) rates.both += 1
      if (['warn', 'alarm'].includes(scoreWindow([window], 'training')[0]!.level)) rates.verdicts += 1
    }
    const share = (count: number): string => (count / runs).toFixed(4)
    report(
      `AR(1) phi=${phi}, n=${n}, ${runs} windows: p<.01 naive ${share(rates.naive)}, with n_eff ${share(rates.effective)}, with effect too ${share(rates.both)}, verdicts ${share(rates.verdicts)}`,
    )
    expect(rates.effective / runs).toBeLessThanOrEqual(0.01)
    expect(rates.verdicts).toBe(0)
  })

  test('a daily rhythm: alarms against the whole day, none against the same hour', () => {
    const normal = normals(seeded(23))
    const draw = (hour: number) => (): number => 0.8 * Math.sin((2 * Math.PI * hour) / 24) + normal()
    const mixed = seeded(5)
    const day = reference(() => draw(mixed() * 24)(), 5000)
    const seasons = Array.from({ length: 24 }, (_, hour) => reference(draw(hour), 1000))
    const alarms = { day: 0, season: 0 }
    for (let hour = 0; hour < 24; hour += 1) {
      const verdictOf = (base: NumericReference): string => driftVerdict(scoreRepeated(base, draw(hour))).state
      if (['warn', 'alarm'].includes(verdictOf(day))) alarms.day += 1
      if (['warn', 'alarm'].includes(verdictOf(seasons[hour]!))) alarms.season += 1
    }
    report(`daily rhythm: ${alarms.day} of 24 hours fire against the whole day, ${alarms.season} against the same hour`)
    expect(alarms.season).toBe(0)
    expect(alarms.day).toBeGreaterThan(8)
  })

  test('Bernoulli CUSUM: at most one false alarm per 100,000 samples, also when the baseline was lucky', () => {
    const samples = sized(10_000_000, 1_000_000)
    for (const [rate, baseline] of [
      [0.05, [100, 2000]],
      [0.06, [100, 2000]],
      [0.05, [42, 1000]],
    ] as const) {
      // prettier-ignore
      const random = seeded(41)
      const state = bernoulliCusum(bernoulliCusumRule({ successes: baseline[0], trials: baseline[1] })!)
      let alarms = 0
      for (let i = 0; i < samples; i += 1) if (addOutcome(state, random() < rate)) alarms += 1
      report(`Bernoulli CUSUM, true rate ${rate}, baseline ${baseline.join('/')}: ${alarms} alarms in ${samples} samples`)
      expect(alarms / samples).toBeLessThanOrEqual(1e-5)
    }
  })

  test('looking after every 100 requests: e-process and confidence sequence at most 5 %, a plain test far more', () => {
    const runs = sized(4000, 500)
    const fired = { process: 0, sequence: 0, naive: 0 }
    const random = seeded(77)
    for (let run = 0; run < runs; run += 1) {
      const seen = peek({ random, baseline: 0.01, canary: 0.01, looks: 100 })
      if (seen.process !== null) fired.process += 1
      if (seen.sequence !== null) fired.sequence += 1
      if (seen.naive !== null) fired.naive += 1
    }
    const share = (count: number): number => count / runs
    report(
      `peeking 100 times, ${runs} runs without a difference: e-process ${share(fired.process)}, sequence ${share(fired.sequence)}, plain z ${share(fired.naive)}`,
    )
    expect(share(fired.process)).toBeLessThanOrEqual(0.05)
    expect(share(fired.sequence)).toBeLessThanOrEqual(0.05)
    expect(share(fired.naive)).toBeGreaterThan(0.15)
  })
})

function scoreRepeated(base: NumericReference, draw: () => number): DriftScore[] {
  return Array.from({ length: 3 }, () => scoreWindow([windowOf(base, 1000, draw)], 'season')[0]!)
}

/** Requests per arm at which each method fires for the first time, looked at after every 100. */
function peek(of: { random: () => number; baseline: number; canary: number; looks: number }) {
  const process = emptyErrorEProcess()
  const totals = { baseline: 0, canary: 0 }
  const first: Record<'process' | 'sequence' | 'naive', number | null> = { process: null, sequence: null, naive: null }
  const draw = (rate: number): number => {
    let errors = 0
    for (let i = 0; i < 100; i += 1) if (of.random() < rate) errors += 1
    return errors
  }
  for (let look = 1; look <= of.looks; look += 1) {
    const [canaryErrors, baselineErrors] = [draw(of.canary), draw(of.baseline)]
    addErrorWindow(process, { canaryErrors, baselineErrors, canaryRequests: 100, baselineRequests: 100 })
    totals.baseline += baselineErrors
    totals.canary += canaryErrors
    const n = look * 100
    const [a, b] = [
      { successes: totals.baseline, trials: n },
      { successes: totals.canary, trials: n },
    ]
    if (first.process === null && failsMoreOften(process)) first.process = n
    if (first.naive === null && twoProportionZ(a, b).greater < 0.05) first.naive = n
    // The sequence is asymptotic: it begins at ten events per arm.
    const estimate = Math.min(totals.baseline, totals.canary) >= 10 ? proportionSequence(a, b) : null
    if (first.sequence === null && estimate !== null && estimate.difference - estimate.halfWidth > 0) first.sequence = n
  }
  return first
}

describe('what is there is found', () => {
  test('the score does not depend on the size of the window, and half a standard deviation at 200 values is found in 90 %', () => {
    const normal = normals(seeded(31))
    const runs = sized(1000, 250)
    for (const [shift, n, floor] of [
      [0.5, 100, 0.6],
      [0.5, 200, 0.9],
      [1, 100, 0.99],
      [0.25, 500, 0],
    ] as const) {
      // prettier-ignore
      const found = { warn: 0, alarm: 0, effect: 0 }
      for (let run = 0; run < runs; run += 1) {
        const base = reference(normal)
        const others = Array.from({ length: 4 }, () => windowOf(base, n, normal))
        const [score] = scoreWindow([windowOf(base, n, () => normal() + shift), ...others], 'training', {
          ...defaultDriftRule,
          warnFrom: 100,
          leastValues: 50,
        })
        found.effect += score!.psiAdjusted!
        if (score!.level !== 'none') found.warn += 1
        if (score!.level === 'alarm') found.alarm += 1
      }
      report(
        `shift ${shift} sd, n=${n}, 1 of 5 features, ${runs} runs: mean psiAdj ${(found.effect / runs).toFixed(3)}, at least warn ${found.warn / runs}, alarm ${found.alarm / runs}`,
      )
      expect(found.warn / runs).toBeGreaterThanOrEqual(floor)
    }
  })

  test('errors 1 % -> 2 %: the e-process finds 90 % within 6,000 requests per arm', () => {
    const runs = sized(2000, 300)
    const random = seeded(53)
    const times = Array.from(
      { length: runs },
      () => peek({ random, baseline: 0.01, canary: 0.02, looks: 100 }).process ?? Number.POSITIVE_INFINITY,
    )
    const within = (n: number): number => times.filter((time) => time <= n).length / runs
    report(
      `errors 1% -> 2%, ${runs} runs: median ${median(times)} requests per arm, by 5,000 ${within(5000)}, by 6,000 ${within(6000)}, by 10,000 ${within(10_000)}`,
    )
    expect(within(6000)).toBeGreaterThanOrEqual(0.9)
    const fast = Array.from(
      { length: sized(500, 100) },
      () => peek({ random, baseline: 0.001, canary: 0.01, looks: 30 }).process ?? Number.POSITIVE_INFINITY,
    )
    report(`errors 0.1% -> 1%: median ${median(fast)} requests per arm`)
    expect(median(fast)).toBeLessThanOrEqual(1200)
  })

  test('errors 5 % -> 10 %: the Bernoulli CUSUM takes 600 samples at most in the median', () => {
    const random = seeded(61)
    const delays = Array.from({ length: sized(4000, 500) }, () => {
      const state = bernoulliCusum({ p0: 0.05, p1: 0.1, h: Math.log(1e5) })
      for (let i = 0; i < 500; i += 1) addOutcome(state, random() < 0.05)
      let delay = 1
      while (!addOutcome(state, random() < 0.1)) delay += 1
      return delay
    })
    report(`Bernoulli CUSUM .05 -> .10, ${delays.length} runs: median delay ${median(delays)}`)
    expect(median(delays)).toBeLessThanOrEqual(600)
  })

  test('a mean of PSI over devices is no PSI of the fleet', () => {
    const normal = normals(seeded(71))
    const base = reference(normal)
    const windows = Array.from({ length: 20 }, () => windowOf(base, 60, normal))
    const pooled = windows.reduce((sum, { current }) => sum.map((count, bin) => count + current[bin]!), windows[0]!.current.map(() => 0)) // prettier-ignore
    const mean = windows.reduce((sum, window) => sum + psi(window.reference, window.current)!, 0) / windows.length
    report(
      `20 devices of 60 values without drift: mean of their PSI ${mean.toFixed(3)}, PSI of the fleet ${psi(windows[0]!.reference, pooled)!.toFixed(3)}`,
    )
    expect(psi(windows[0]!.reference, pooled)!).toBeLessThan(mean / 5)
  })
})
