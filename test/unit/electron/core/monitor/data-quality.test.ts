import { describe, expect, test } from 'vitest'
import { openMonitor } from '../../../../../electron/core/monitor/monitor.ts'
import { outsideRangeP, rangeVerdict } from '../../../../../shared/stats/quality/range-verdict.ts'
import { baselineOf, countRows, DEPLOYMENT, DIGEST, monitorParts, type Row } from '../../../../harness/counted-slices.ts'
import { normals, seeded } from '../../../shared/stats/oracle.ts'

const HOUR = 3_600_000
const NOW = 1000 * 24 * HOUR
const normal = normals(seeded(5))
const rows = (n: number, of: () => Row): Row[] => Array.from({ length: n }, of)
const healthy = (): Row => ({ ash: normal(), proline: normal() })
const training = baselineOf(rows(110, healthy))

function ratesOf(current: readonly Row[], over: { from: number } | { windowMs: number } = { from: NOW - 24 * HOUR }) {
  const parts = monitorParts(training, () => NOW)
  const { references } = parts.bundle(DIGEST)!
  for (let back = 4; back >= 2; back -= 1) parts.slices.add('d1', NOW - back * HOUR, { counts: countRows(references, current) })
  return openMonitor(parts).rates({ devices: null, deployment: DEPLOYMENT, digest: DIGEST, through: NOW }, { reference: 'training', over })
}

describe('rates of bad values', () => {
  test('missing values are an alarm with the rate on both sides and its interval', () => {
    const { rates, reference } = ratesOf(rows(200, () => ({ ...healthy(), ash: Math.abs(normal()) < 0.25 ? null : normal() })))
    expect(reference).toMatchObject({ kind: 'training', state: 'ready', rows: 110 })
    const [worst] = rates
    expect(worst).toMatchObject({
      name: 'ash',
      cause: 'missing',
      state: 'alarm',
      current: { trials: 600 },
      reference: { successes: 0, trials: 110 },
    })
    expect(worst!.low).toBeGreaterThan(0.05)
    expect(worst!.sentence).toMatch(
      /^ash: too many bad values: \d+\.\d % of 600 values are missing, 0\.0 % of 110 in the reference, p < 0\.0001; against training \(110 rows\)\.$/,
    )
    expect(rates.filter(({ state }) => state === 'alarm')).toHaveLength(1)
  })

  test('values far out are outliers and out of range', () => {
    const { rates } = ratesOf(rows(200, () => ({ ...healthy(), proline: normal() > 1 ? 30 : normal() })))
    const alarms = rates.filter(({ state }) => state === 'alarm').map(({ name, cause }) => `${name} ${cause}`)
    expect(alarms.sort()).toEqual(['proline out-of-range', 'proline outlier'])
  })

  test('over windows an alarm needs two of three', () => {
    const bad = rows(300, () => ({ ...healthy(), ash: null }))
    const parts = monitorParts(training, () => NOW)
    const { references } = parts.bundle(DIGEST)!
    const add = (back: number, of: readonly Row[]): void => parts.slices.add('d1', NOW - back * HOUR, { counts: countRows(references, of) })
    const ask = () =>
      openMonitor(parts)
        .rates({ devices: null, deployment: DEPLOYMENT, digest: DIGEST, through: NOW }, { reference: 'training', over: { windowMs: HOUR } })
        .rates.find(({ name, cause }) => name === 'ash' && cause === 'missing')
    add(6, rows(300, healthy))
    add(5, rows(300, healthy))
    add(4, rows(300, healthy))
    add(
      3,
      bad.map((row, i) => (i % 2 === 0 ? row : healthy())),
    )
    expect(ask()).toMatchObject({ state: 'ok', sentence: expect.stringMatching(/1 of the last 3 windows/) as string })
    add(
      2,
      bad.map((row, i) => (i % 2 === 0 ? row : healthy())),
    )
    expect(ask()).toMatchObject({ state: 'alarm', sentence: expect.stringMatching(/2 of the last 3 windows/) as string })
  })

  test('few values are insufficient data', () => {
    expect(new Set(ratesOf(rows(20, healthy)).rates.map(({ state }) => state))).toEqual(new Set(['insufficient data']))
  })
})

describe('the range of few reference values', () => {
  test('worked values: of 2 reference values and 1 more, the range is left in 2 of 3 orders', () => {
    expect(outsideRangeP(0, 5, 2)).toBe(1)
    expect(outsideRangeP(1, 1, 2)).toBeCloseTo(2 / 3, 12)
    // Three reference values and two more: both outside in 3 of the 10 choices of ranks (spans of 3).
    expect(outsideRangeP(2, 2, 3)).toBeCloseTo(3 / 10, 12)
    expect(() => outsideRangeP(2, 1, 3)).toThrow(RangeError)
  })

  test('a healthy stream against 110 rows is quiet at the level that was asked for', () => {
    const random = seeded(11)
    const alarms = Array.from({ length: 2000 }, () => {
      const reference = Array.from({ length: 110 }, random)
      const [low, high] = [Math.min(...reference), Math.max(...reference)]
      const outside = Array.from({ length: 200 }, random).filter((value) => value < low || value > high).length
      return rangeVerdict({ values: 110, current: { successes: outside, trials: 200 }, referenceId: 'x' }).state === 'alarm'
    }).filter(Boolean).length
    console.log(`simulation: range of 110 rows, 200 values: ${alarms} of 2000 healthy streams alarm at p < 0.01`)
    expect(alarms).toBeLessThanOrEqual(35)
  })
})
