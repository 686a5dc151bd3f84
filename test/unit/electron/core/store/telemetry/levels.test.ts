import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LEVELS, segmentsOf, type Kept } from '../../../../../../electron/core/store/telemetry/levels.ts'

const [FIVE, HOUR, DAY] = LEVELS
const all: Kept = new Map()

describe('the segments of a period', () => {
  test.each([
    ['a whole day', 0, DAY, null, [[DAY, 0, DAY]]],
    [
      'hours beside a day',
      DAY - HOUR,
      2 * DAY + HOUR,
      null,
      [
        [HOUR, DAY - HOUR, DAY],
        [DAY, DAY, 2 * DAY],
        [HOUR, 2 * DAY, 2 * DAY + HOUR],
      ],
    ],
    [
      'an end within an hour',
      0,
      HOUR + FIVE,
      null,
      [
        [HOUR, 0, HOUR],
        [FIVE, HOUR, HOUR + FIVE],
      ],
    ],
    [
      'an end within five minutes',
      0,
      FIVE + 1,
      null,
      [
        [FIVE, 0, FIVE],
        [0, FIVE, FIVE + 1],
      ],
    ],
    ['buckets of an hour', 0, DAY, HOUR, [[HOUR, 0, DAY]]],
    ['buckets of ten minutes', 0, HOUR, 2 * FIVE, [[FIVE, 0, HOUR]]],
    ['buckets that no sum fits', 0, HOUR, 60_000, [[0, 0, HOUR]]],
    ['nothing', 10, 10, null, []],
  ] as const)('%s', (...[, from, through, bucketMs, is]) => {
    expect(segmentsOf({ from, through }, bucketMs, all).map((one) => [one.level, one.from, one.through])).toEqual(is)
  })

  test('cover the period exactly and once, whatever it is', () => {
    fc.assert(
      fc.property(fc.nat(4 * DAY), fc.nat(3 * DAY), fc.constantFrom(null, 1000, FIVE, HOUR, 6 * HOUR, DAY), (from, length, bucketMs) => {
        const segments = segmentsOf({ from, through: from + length }, bucketMs, all)
        let at = from
        for (const { level, from: start, through } of segments) {
          expect([start, through > start, level === 0 || (start % level === 0 && through % level === 0)]).toEqual([at, true, true])
          at = through
        }
        expect(at).toBe(from + length)
      }),
    )
  })

  test('of a time whose records are gone begin at whole buckets, and periods side by side still count once', () => {
    const kept: Kept = new Map([
      [0, 3 * DAY],
      [FIVE, 2 * DAY],
      [HOUR, DAY],
    ] as const)
    const levelsOf = (from: number, through: number): unknown =>
      segmentsOf({ from, through }, null, kept).map(({ level, ...one }) => [level, one.from, one.through])
    expect(levelsOf(10, DAY + 10)).toEqual([[HOUR, DAY, DAY + HOUR]])
    expect(levelsOf(DAY + 10, DAY + 20)).toEqual([])
    expect(levelsOf(2 * DAY + 10, 2 * DAY + HOUR + 10)).toEqual([[FIVE, 2 * DAY + FIVE, 2 * DAY + HOUR + FIVE]])
    fc.assert(
      fc.property(fc.array(fc.nat(5 * DAY), { minLength: 2, maxLength: 6 }), fc.constantFrom(null, FIVE, HOUR), (cuts, bucketMs) => {
        const sorted = cuts.toSorted((a, b) => a - b)
        const parts = sorted.slice(1).flatMap((through, i) => segmentsOf({ from: sorted[i]!, through }, bucketMs, kept))
        for (const [i, part] of parts.entries()) if (i > 0) expect(part.from).toBeGreaterThanOrEqual(parts[i - 1]!.through)
      }),
    )
  })

  test('of buckets that are finer than what is left are those of what is left', () => {
    const kept: Kept = new Map([
      [0, 3 * DAY],
      [FIVE, 2 * DAY],
    ] as const)
    expect(segmentsOf({ from: DAY, through: 2 * DAY + HOUR }, FIVE, kept)).toEqual([
      { level: HOUR, from: DAY, through: 2 * DAY },
      { level: FIVE, from: 2 * DAY, through: 2 * DAY + HOUR },
    ])
  })
})
