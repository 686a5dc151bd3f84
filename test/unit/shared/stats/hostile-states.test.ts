import { describe, expect, test } from 'vitest'
import { isProblemCode, Problem } from '../../../../shared/domain/problem.ts'
import { Adwin } from '../../../../shared/stats/sequential/adwin.ts'
import { addOutcome, bernoulliCusum, parseBernoulliCusum } from '../../../../shared/stats/sequential/bernoulli-cusum.ts'
import { addToCusum, cusum, parseCusum } from '../../../../shared/stats/sequential/cusum.ts'
import { addToDdm, ddm, parseDdm } from '../../../../shared/stats/sequential/ddm.ts'
import { addToEddm, eddm, parseEddm } from '../../../../shared/stats/sequential/eddm.ts'
import { addToPageHinkley, pageHinkley, parsePageHinkley } from '../../../../shared/stats/sequential/page-hinkley.ts'
import { fitIsotonic, parseCalibrator } from '../../../../shared/stats/quality/isotonic.ts'
import { packCounts, unpackCounts } from '../../../../shared/stats/reference/pack-counts.ts'
import { MisraGries } from '../../../../shared/stats/sketch/misra-gries.ts'
import { SpaceSaving } from '../../../../shared/stats/sketch/space-saving.ts'
import { parseFeatureCounts, type CategoryCounts, type NumericCounts } from '../../../../shared/stats/reference/feature-counts.ts'
import { mergeableStates } from './states.ts'
import fc from 'fast-check'

const stream = Array.from({ length: 150 }, (_, i) => Math.sin(i * 1.7) * 3.9)

function fed<State>(state: State, add: (state: State, value: number) => unknown): State {
  for (const value of stream) add(state, value)
  return state
}

/** Detectors and functions, which do not merge but are kept on a disk. */
const kept: [name: string, state: unknown, parse: (value: unknown) => unknown][] = [
  ['Bernoulli CUSUM', fed(bernoulliCusum({ p0: 0.2, p1: 0.4, h: 9 }), (state, value) => addOutcome(state, value > 0)), parseBernoulliCusum],
  ['CUSUM', fed(cusum({ warmUp: 30, k: 0.5, h: 5 }), addToCusum), parseCusum],
  ['Page-Hinkley', fed(pageHinkley(), addToPageHinkley), parsePageHinkley],
  ['DDM', fed(ddm(), (state, value) => addToDdm(state, value > 0)), parseDdm],
  ['EDDM', fed(eddm(), (state, value) => addToEddm(state, value > 0)), parseEddm],
  ['ADWIN', fed(new Adwin(), (window, value) => window.add(value)).state(), (value) => Adwin.parse(value).state()],
  ['calibrator', fitIsotonic(stream.map((value) => ({ score: value, isPositive: value > 1 || value < -3 })))!, parseCalibrator],
]

const states = [...mergeableStates.flatMap(({ name, of, parse }) => (parse === null ? [] : [[name, of(stream), parse] as const])), ...kept]

/** Every value of a JSON tree, by path, replaced by each of the hostile ones. */
function* mutations(value: unknown, hostile: readonly unknown[]): Generator {
  yield* hostile
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    for (const changed of mutations(inner, hostile)) {
      yield Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed }
    }
    if (!Array.isArray(value)) yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
  }
}

describe.each(states)('%s', (_, state, parse) => {
  test('is read back as it was, and equal states have equal bytes', () => {
    const json = JSON.stringify(state)
    expect(JSON.stringify(parse(JSON.parse(json)))).toBe(json)
    expect(JSON.stringify(parse(parse(JSON.parse(json))))).toBe(json)
  })

  test('what is no number, no list or nothing at all is refused wherever it stands', () => {
    const hostile = [Number.NaN, Number.POSITIVE_INFINITY, 'text', {}, [], Number.NEGATIVE_INFINITY, 2n, undefined]
    let refused = 0
    for (const changed of mutations(state, hostile)) {
      try {
        parse(changed)
      } catch (thrown) {
        refused += 1
        // A sketch is parsed by the schema of the wire first.
        expect(thrown instanceof Problem ? isProblemCode(thrown.code) : (thrown as Error).name === 'ZodError').toBe(true)
        continue
      }
      // What passes can only be a state that says the same in other words: an empty list of items, or a free text.
      expect(JSON.stringify(parse(changed))).not.toMatch(/NaN|Infinity|undefined/)
    }
    expect(refused).toBeGreaterThan(10)
  })

  test('negative counts, other versions, unknown fields and a foreign prototype are refused', () => {
    const plain = state as Record<string, unknown>
    // The latency sketch is older: the message around it has the version, and its schema is loose.
    if (!('accuracy' in plain)) {
      const polluted: unknown = JSON.parse(JSON.stringify(plain).replace('{', '{"__proto__":{"v":1},'))
      for (const wrong of [{ ...plain, more: 1 }, polluted]) expect(() => parse(wrong)).toThrow('does not have the fields')
      expect(() => parse(Object.create(plain))).toThrow('does not have the fields')
      if ('v' in plain) expect(() => parse({ ...plain, v: 2 })).toThrow('is not 1')
    }
    for (const none of [null, undefined, 5, 'state', [], [plain]]) expect(() => parse(none)).toThrow(Error)
  })
})

describe('names of categories', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '\u0000', 'a'.repeat(1000), '\ud800']

  test.each([
    ['space-saving', (): SpaceSaving => new SpaceSaving(16), SpaceSaving.parse],
    ['misra-gries', (): MisraGries => new MisraGries(16), MisraGries.parse],
  ] as const)('%s takes every text as a name', (_, create, parse) => {
    const sketch = create()
    for (const name of names) expect(sketch.add(name)).toBe(true)
    const back = parse(JSON.parse(JSON.stringify(sketch.state())))
    expect(back.state()).toEqual(sketch.state())
    expect(back.state().items.map(([name]) => name)).toContain('__proto__')
    expect(back.total).toBe(names.length)
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test.each([
    [
      'too many',
      {
        v: 1,
        capacity: 2,
        total: 9,
        items: [
          ['a', 3, 0],
          ['b', 3, 0],
          ['c', 3, 0],
        ],
      },
    ],
    [
      'a name twice',
      {
        v: 1,
        capacity: 4,
        total: 9,
        items: [
          ['a', 3, 0],
          ['a', 3, 0],
        ],
      },
    ],
    [
      'more than the total',
      {
        v: 1,
        capacity: 4,
        total: 5,
        items: [
          ['a', 3, 0],
          ['b', 3, 0],
        ],
      },
    ],
    ['an error above its count', { v: 1, capacity: 4, total: 9, items: [['a', 3, 4]] }],
    ['a negative count', { v: 1, capacity: 4, total: 9, items: [['a', -3, 0]] }],
    ['a long name', { v: 1, capacity: 4, total: 9, items: [['a'.repeat(257), 3, 0]] }],
    ['a huge capacity', { v: 1, capacity: 1e9, total: 0, items: [] }],
  ])('%s is refused', (_, state) => {
    expect(() => SpaceSaving.parse(state)).toThrow(expect.objectContaining({ code: 'message.malformed' }))
  })
})

describe('counts whose parts contradict each other', () => {
  const numeric = mergeableStates.find(({ name }) => name === 'numeric counts')!.of(stream) as NumericCounts
  const categories = mergeableStates.find(({ name }) => name === 'category counts')!.of(stream) as CategoryCounts
  test.each([
    ['more outside than there are', { ...numeric, below: 100, above: 100 }],
    ['more outliers than there are', { ...numeric, outliers: 151 }],
    ['lag sums of other values', { ...numeric, lag: { ...numeric.lag, count: 149 } }],
    ['more pairs than values', { ...numeric, lag: { ...numeric.lag, pairs: 151 } }],
    ['a minimum above the maximum', { ...numeric, min: 4, max: 3 }],
    ['values without extremes', { ...numeric, min: null, max: null }],
    ['no bins', { ...numeric, bins: [] }],
    ['more bins than any reference', { ...numeric, bins: Array.from({ length: 102 }, () => 0) }],
    ['extremes without values', { ...numeric, bins: [0], below: 0, above: 0, outliers: 0, lag: { ...numeric.lag, count: 0, pairs: 0 } }],
    ['more equal neighbours than neighbours', { ...categories, pairs: 1, same: 2 }],
    ['more neighbours than values', { ...categories, pairs: 151 }],
    ['half a value', { ...categories, missing: 0.5 }],
    ['another kind', { ...categories, kind: 'text' }],
  ])('%s', (_, state) => {
    expect(() => parseFeatureCounts(state)).toThrow(expect.objectContaining({ code: 'message.malformed' }))
  })
})

describe('packed counts', () => {
  test('are read back, one text for one list', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(0), fc.nat(40), fc.nat(Number.MAX_SAFE_INTEGER)), { maxLength: 120 }), (counts) => {
        expect(unpackCounts(packCounts(counts), counts.length)).toEqual(counts)
      }),
    )
    expect(packCounts(Array.from({ length: 100 }, () => 0)).length).toBe(3)
    expect(packCounts(Array.from({ length: 100 }, () => 7)).length).toBe(100)
  })

  test('a text that is not exactly so is refused', () => {
    for (const [packed, length] of [
      ['', 1],
      ['B', 2],
      ['BB', 1],
      ['A', 1],
      ['AB', 1],
      ['AAAA', 2],
      ['gA', 1],
      ['ggggggggggggggB', 1],
      ['B ', 2],
      ['é', 1],
      ['__________I', 1],
    ] as const)
      // prettier-ignore
      expect(() => unpackCounts(packed, length)).toThrow(expect.objectContaining({ code: 'message.malformed' }))
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 60]) expect(() => packCounts([wrong])).toThrow(RangeError)
  })

  test('never more than one list per text, fuzzed', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('A', 'B', 'g', 'h', 'C', '_', '*'), maxLength: 8 }), fc.nat(8), (packed, length) => {
        let counts: number[]
        try {
          counts = unpackCounts(packed, length)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Problem)
          return
        }
        expect(packCounts(counts)).toBe(packed)
      }),
    )
  })
})
