import { describe, expect, test } from 'vitest'
import { tensorFromPlain, type Tensor } from '../../../../shared/inference/tensor.ts'
import { prepared, pipelineRules, rangedSchema, type RuleParts } from '../../../harness/pipeline.ts'

const schema = rangedSchema('x', { heat: [0, 10], load: [null, null] })
const inputs = [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 2] }]
const rows = (...values: (number | null)[]): Tensor => tensorFromPlain('x', 'FP32', [values.length / 2, 2], values)
const steps = { v: 1, steps: [{ step: 'fill-missing', values: [5, 7] }] }
const form1 = (validation: unknown, tensor: Tensor, parts: RuleParts = {}) =>
  prepared(pipelineRules({ inputs, schema, validation, ...parts }), [tensor])
const dataOf = ({ inputs: made }: ReturnType<typeof prepared>): unknown =>
  typeof made === 'string' ? made : [...(made[0]!.data as Float32Array)]

describe('policies of form 1', () => {
  test('by default a value is judged after the steps, and a range is only counted', () => {
    expect(form1(undefined, rows(1, null))).toEqual({
      inputs: 'Feature "load" of row 0 is missing; the model needs a number.',
      found: { 'input.missing.reject': 1 },
    })
    const filled = form1(undefined, rows(null, null, 11, -1), { preprocessing: steps })
    expect([dataOf(filled), filled.found]).toEqual([[5, 7, 11, -1], { 'feature.out-of-range.pass': 1 }])
  })

  test.each(['flag', 'pass'] as const)('%s lets missing and infinite values go on to the model, counted', (policy) => {
    const all = { v: 1, input: { missing: policy, 'not-finite': policy }, feature: { 'out-of-range': policy } }
    const made = form1(all, rows(null, Number.NEGATIVE_INFINITY, -1, 0))
    expect([dataOf(made), made.found]).toEqual([
      [Number.NaN, Number.NEGATIVE_INFINITY, -1, 0],
      { [`input.missing.${policy}`]: 1, [`input.not-finite.${policy}`]: 1, [`feature.out-of-range.${policy}`]: 1 },
    ])
  })

  test.each([
    ['missing', { input: { missing: 'reject' } }, rows(null, 1), /"heat" of row 0 is missing; the bundle refuses/, 'input.missing.reject'],
    ['infinite', { input: { 'not-finite': 'reject' } }, rows(1, Number.POSITIVE_INFINITY), /is infinite; the bundle refuses/, 'input.not-finite.reject'],
    ['out of range', { feature: { 'out-of-range': 'reject' } }, rows(1, 1, 10.5, 1), /"heat" of row 1 is 10.5; the bundle takes 0 to 10/, 'feature.out-of-range.reject'],
  ])('reject refuses before the steps: %s', (...[, stages, tensor, message, key]) => {
    const made = form1({ v: 1, ...stages }, tensor, { preprocessing: steps })
    expect(made).toEqual({ inputs: expect.stringMatching(message) as string, found: { [key]: 1 } })
  }) // prettier-ignore

  test('what a step makes too large never goes on, whatever the bundle says of its input', () => {
    const scaled = { v: 1, steps: [{ step: 'scale', subtract: [0, 0], divide: [1e-30, 1] }] }
    const passing = { v: 1, input: { 'not-finite': 'pass' } }
    for (const validation of [undefined, passing])
      expect(form1(validation, rows(1e30, 1), { preprocessing: scaled, schema: rangedSchema('x', {}) })).toEqual({
        inputs: 'Feature 0 of row 0 is too large after preprocessing; the model needs a number.',
        found: { 'feature.not-finite.reject': 1 },
      })
  })

  test('without steps the tensor itself goes on', () => {
    const given = rows(1, 2)
    const made = form1(undefined, given)
    expect((made.inputs as Tensor[])[0]).toBe(given)
  })
})

describe('policies of columns', () => {
  const columns = (validation: unknown, heat: number | null, site: string) => {
    const preprocessing = {
      ...{ v: 2, kind: 'columns' },
      columns: [
        { name: 'heat', type: 'number', min: 0, max: 10 },
        { name: 'site', type: 'text', categories: ['a', 'b'] },
      ],
      steps: [{ step: 'assemble', input: 'x', columns: ['heat'] }],
    }
    const rules = pipelineRules({ inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }], preprocessing, validation })
    const found = prepared(rules, [tensorFromPlain('heat', 'FP64', [1, 1], [heat]), tensorFromPlain('site', 'BYTES', [1, 1], [site])])
    return { refused: typeof found.inputs === 'string' ? found.inputs : null, found: found.found }
  }

  test.each(['reject', 'flag', 'pass'] as const)('%s of ranges, categories and missing values', (policy) => {
    const feature = { v: 1, feature: { 'out-of-range': policy, 'unseen-category': policy } }
    const isRefused = policy === 'reject'
    expect(columns(feature, 11, 'a')).toEqual({
      refused: isRefused ? 'Column "heat" of row 0 is 11; the bundle takes 0 to 10.' : null,
      found: { [`feature.out-of-range.${policy}`]: 1 },
    })
    expect(columns(feature, 1, 'z')).toEqual({
      refused: isRefused ? 'Column "site" of row 0 is "z", which is none of its categories.' : null,
      found: { [`feature.unseen-category.${policy}`]: 1 },
    })
    expect(columns({ v: 1, input: { missing: policy } }, null, '')).toEqual({
      refused: isRefused ? 'Column "heat" of row 0 is missing; the bundle needs it.' : null,
      found: { [`input.missing.${policy}`]: isRefused ? 1 : 2 },
    })
  })

  test('by default a missing value is refused, an unseen category flagged, a range counted', () => {
    expect(columns(undefined, null, 'a').refused).toMatch(/missing/)
    expect(columns(undefined, 11, 'z')).toEqual({
      refused: null,
      found: { 'feature.out-of-range.pass': 1, 'feature.unseen-category.flag': 1 },
    })
  })
})
