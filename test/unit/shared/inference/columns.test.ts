import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkPipeline, requestSpecs, type PipelineRules } from '../../../../shared/inference/pipeline.ts'
import { tensorFromPlain, type Tensor } from '../../../../shared/inference/tensor.ts'
import { pipelineRules, prepared, type RuleParts } from '../../../harness/pipeline.ts'

const number = (name: string, ...values: (number | null)[]): Tensor => tensorFromPlain(name, 'FP64', [values.length, 1], values)
const text = (name: string, ...values: string[]): Tensor => tensorFromPlain(name, 'BYTES', [values.length, 1], values)
const flag = (name: string, ...values: boolean[]): Tensor => tensorFromPlain(name, 'BOOL', [values.length, 1], values)
const assemble = { step: 'assemble', input: 'x' }

const columnsOf = (columns: unknown[], steps: unknown[], parts: RuleParts = {}): PipelineRules =>
  pipelineRules({ ...parts, preprocessing: { v: 2, kind: 'columns', columns, steps } })

/** Runs steps over one column of numbers. */
const through = (steps: unknown[], values: (number | null)[], parts: RuleParts = {}, column: object = {}) => {
  const rules = columnsOf([{ name: 'a', type: 'number', missing: 'pass', ...column }], [...steps, assemble], {
    inputs: [{ name: 'x', datatype: 'FP64', shape: [-1, -1] }],
    ...parts,
  })
  const { inputs, found } = prepared(rules, [tensorFromPlain('x', 'FP64', [values.length, 1], values)])
  return { made: typeof inputs === 'string' ? inputs : [...(inputs[0]!.data as Float64Array)], found }
}

describe('what a client sends', () => {
  test('is one matrix where all columns are numbers, else a tensor per column', () => {
    const numbers = [
      { name: 'a', type: 'number' },
      { name: 'b', type: 'number' },
    ]
    expect(requestSpecs(columnsOf(numbers, [assemble]))).toEqual([{ name: 'x', datatype: 'FP64', shape: [-1, 2] }])
    const mixed = [...numbers, { name: 'c', type: 'text' }, { name: 'd', type: 'boolean' }]
    expect(requestSpecs(columnsOf(mixed, [{ ...assemble, columns: ['a'] }]))).toEqual([
      { name: 'a', datatype: 'FP64', shape: [-1, 1] },
      { name: 'b', datatype: 'FP64', shape: [-1, 1] },
      { name: 'c', datatype: 'BYTES', shape: [-1, 1] },
      { name: 'd', datatype: 'BOOL', shape: [-1, 1] },
    ])
    const fixed = columnsOf(numbers, [assemble], { inputs: [{ name: 'x', datatype: 'FP32', shape: [4, 2] }] })
    expect(requestSpecs(fixed)).toEqual([{ name: 'x', datatype: 'FP64', shape: [4, 2] }])
  })

  test('may come as [rows] as well as [rows, 1], and is never changed', () => {
    const rules = columnsOf(
      [{ name: 'a', type: 'number' }, { name: 'ok', type: 'boolean' }],
      [{ step: 'scale', columns: ['a'], subtract: [1], divide: [2] }, assemble],
    ) // prettier-ignore
    const a = tensorFromPlain('a', 'FP64', [2], [3, 5])
    const before = structuredClone(a)
    expect(prepared(rules, [a, flag('ok', true, false)])).toEqual({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(1, 1, 2, 0) }],
      found: {},
    })
    expect(a).toEqual(before)
  })

  test('of another type is refused, and counted', () => {
    const rules = columnsOf([{ name: 'a', type: 'text' }], [{ step: 'cast', columns: ['a'], to: 'number' }, assemble])
    expect(prepared(rules, [number('a', 1)])).toEqual({
      inputs: expect.stringMatching(/"a" is of datatype BYTES; FP64 came/) as string,
      found: { 'input.type.reject': 1 },
    })
  })
})

describe('steps against worked values', () => {
  test('fill-missing, clip, scale', () => {
    expect(through([{ step: 'fill-missing', columns: ['a'], values: [7] }], [1, null]).made).toEqual([1, 7])
    expect(through([{ step: 'clip', columns: ['a'], min: [0], max: [10] }], [-5, 5, 50, null]).made).toEqual([0, 5, 10, Number.NaN])
    expect(through([{ step: 'scale', columns: ['a'], subtract: [32], divide: [1.8] }], [212, -40]).made).toEqual([100, -40])
  })

  test('log: ln and log1p, with its domain', () => {
    expect(through([{ step: 'log', columns: ['a'], form: 'ln', offset: 1 }], [0, Math.E - 1]).made).toEqual([0, 1])
    expect(through([{ step: 'log', columns: ['a'], form: 'log1p' }], [0, 1e-20, -0.5]).made).toEqual([0, 1e-20, Math.log1p(-0.5)])
    const outside = { step: 'log', columns: ['a'], form: 'log1p' }
    expect(through([outside], [3, -1])).toEqual({
      made: 'Column "a" of row 1 is -1, which has no logarithm here.',
      found: { 'feature.out-of-domain.reject': 1 },
    })
    const flagged = { validation: { v: 1, feature: { 'out-of-domain': 'flag' } } }
    expect(through([outside], [0, -1, -7], flagged)).toEqual({
      made: [0, Number.NaN, Number.NaN],
      found: { 'feature.out-of-domain.flag': 2 },
    })
  })

  test('select keeps and orders', () => {
    const rules = columnsOf(
      ['a', 'b', 'c'].map((name) => ({ name, type: 'number' })),
      [{ step: 'select', columns: ['c', 'a'] }, assemble],
    )
    const given = tensorFromPlain('x', 'FP64', [2, 3], [1, 2, 3, 4, 5, 6])
    expect(prepared(rules, [given]).inputs).toEqual([{ name: 'x', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(3, 1, 6, 4) }])
  })

  test('cast between numbers, texts and booleans', () => {
    const cast = (type: string, to: string, given: Tensor, parts: RuleParts = {}) => {
      const datatype = to === 'text' ? ('BYTES' as const) : ('FP64' as const)
      const rules = columnsOf([{ name: 'a', type }, { name: 'pad', type: 'text' }], [{ step: 'cast', columns: ['a'], to }, { ...assemble, columns: ['a'] }], {
        ...parts,
        inputs: [{ name: 'x', datatype, shape: [-1] }],
      }) // prettier-ignore
      const { inputs, found } = prepared(rules, [given, text('pad', ...Array.from({ length: given.data.length }, () => '-'))])
      return { made: typeof inputs === 'string' ? inputs : Array.from<unknown>(inputs[0]!.data), found }
    }
    expect(cast('text', 'number', text('a', '1.5', ' -2e3 ', '+.5')).made).toEqual([1.5, -2000, 0.5])
    expect(cast('text', 'boolean', text('a', 'true', 'FALSE', '1', '0')).made).toEqual([1, 0, 1, 0])
    expect(cast('number', 'text', number('a', 1.5, -0, 1e21)).made).toEqual(['1.5', '0', '1e+21'])
    expect(cast('boolean', 'text', flag('a', true, false)).made).toEqual(['true', 'false'])
    expect(cast('boolean', 'number', flag('a', true, false)).made).toEqual([1, 0])
    expect(cast('number', 'boolean', number('a', 1, 0)).made).toEqual([1, 0])
    expect(cast('text', 'number', text('a', '0x10'))).toEqual({
      made: 'Column "a" of row 0 is "0x10", which is no number.',
      found: { 'input.type.reject': 1 },
    })
    const passing = { validation: { v: 1, input: { type: 'pass' } } }
    expect(cast('text', 'number', text('a', '7', '1e999', 'Infinity'), passing)).toEqual({
      made: [7, Number.NaN, Number.NaN],
      found: { 'input.type.pass': 2 },
    })
    expect(cast('number', 'boolean', number('a', 2), passing)).toEqual({ made: [Number.NaN], found: { 'input.type.pass': 1 } })
  })

  test.each([
    ['ignore', [[0, 1], [1, 0], [0, 0]], { 'feature.unseen-category.flag': 1 }],
    ['other', [[0, 1, 0], [1, 0, 0], [0, 0, 1]], { 'feature.unseen-category.flag': 1 }],
    ['reject', 'Column "city" of row 2 is "rome", which is none of its categories.', { 'feature.unseen-category.reject': 1 }],
  ])('one-hot, unseen: %s', (unseen, rows, found) => {
    const rules = columnsOf(
      [{ name: 'city', type: 'text', categories: ['lyon', 'oslo'] }],
      [{ step: 'one-hot', column: 'city', unseen }, assemble],
    )
    const { inputs, ...rest } = prepared(rules, [text('city', 'oslo', 'lyon', 'rome')])
    expect(rest.found).toEqual(found)
    expect(typeof inputs === 'string' ? inputs : inputs[0]).toEqual(
      typeof rows === 'string' ? rows : { name: 'x', datatype: 'FP32', shape: [3, rows[0]!.length], data: Float32Array.from(rows.flat()) },
    )
  }) // prettier-ignore

  test('one-hot of numbers takes the place of its column, and leaves the others where they are', () => {
    const rules = columnsOf(
      ['a', 'grade', 'b'].map((name) => ({ name, type: 'number' })),
      [{ step: 'one-hot', column: 'grade', categories: [1, 2, 3], unseen: 'ignore' }, { step: 'select', columns: ['b', 'grade=3', 'a'] }, assemble],
    ) // prettier-ignore
    expect(prepared(rules, [tensorFromPlain('x', 'FP64', [1, 3], [10, 3, 20])]).inputs).toMatchObject([
      { data: Float32Array.of(20, 1, 10) },
    ])
  })

  test('several inputs of a model are filled each from its columns, texts too', () => {
    const rules = columnsOf(
      [{ name: 'a', type: 'number' }, { name: 'word', type: 'text' }, { name: 'ok', type: 'boolean' }],
      [
        { step: 'assemble', input: 'words', columns: ['word'] },
        { step: 'assemble', input: 'whole', columns: ['a'] },
        { step: 'assemble', input: 'on', columns: ['ok'] },
      ],
      {
        inputs: [
          { name: 'whole', datatype: 'INT64', shape: [-1, 1] },
          { name: 'words', datatype: 'BYTES', shape: [-1, 1] },
          { name: 'on', datatype: 'BOOL', shape: [-1] },
        ],
      },
    ) // prettier-ignore
    expect(prepared(rules, [number('a', 5, -3), text('word', 'é', ''), flag('ok', true, false)]).inputs).toMatch(
      /"word" of row 1 is missing/,
    )
    expect(prepared(rules, [number('a', 5, -3), text('word', 'é', 'b'), flag('ok', true, false)]).inputs).toEqual([
      { name: 'whole', datatype: 'INT64', shape: [2, 1], data: BigInt64Array.of(5n, -3n) },
      { name: 'words', datatype: 'BYTES', shape: [2, 1], data: ['é', 'b'] },
      { name: 'on', datatype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) },
    ])
    expect(prepared(rules, [number('a', 0.5), text('word', 'a'), flag('ok', true)])).toEqual({
      inputs: 'Column "a" of row 0 is 0.5; the model takes numbers of INT64.',
      found: { 'input.type.reject': 1 },
    })
  })

  test('are one formula in double precision, rounded once', () => {
    const steps = [
      { step: 'clip', columns: ['a'], min: [-1e3], max: [1e3] },
      { step: 'scale', columns: ['a'], subtract: [0.1], divide: [3] },
    ]
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 20 }), (values) => {
        const { made } = through(steps, values, { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }] })
        expect(made).toEqual(values.map((value) => Math.fround((Math.min(1e3, Math.max(-1e3, value)) - 0.1) / 3)))
      }),
    )
  })
})

describe('hostile values', () => {
  test.each([
    ['too large for the datatype', 1e39, {}, /is 1e\+39; the model takes numbers of FP32/, { 'feature.not-finite.reject': 1 }],
    ['infinite', Number.POSITIVE_INFINITY, {}, /is Infinity; the model takes/, { 'input.not-finite.reject': 1 }],
    ['missing where that is refused', Number.NaN, { missing: 'reject' }, /"a" of row 0 is missing/, { 'input.missing.reject': 1 }],
  ])('%s', (...[, value, column, message, found]) => {
    const tensor: Tensor = { name: 'x', datatype: 'FP64', shape: [1, 1], data: Float64Array.of(value) }
    const rules = columnsOf([{ name: 'a', type: 'number', ...column }], [assemble])
    expect(prepared(rules, [tensor])).toEqual({ inputs: expect.stringMatching(message) as string, found })
  })

  test('a missing value goes through where the column says so, and is filled where it says that', () => {
    expect(through([], [null, 1])).toEqual({ made: [Number.NaN, 1], found: { 'input.missing.pass': 1 } })
    expect(through([], [null, 1], {}, { missing: { fill: 3 } })).toEqual({ made: [3, 1], found: { 'input.missing.pass': 1 } })
    const flagged = { validation: { v: 1, input: { missing: 'flag', 'not-finite': 'flag' } } }
    expect(through([], [null], flagged)).toEqual({ made: [Number.NaN], found: { 'input.missing.flag': 1 } })
    const whole = { inputs: [{ name: 'x', datatype: 'INT32' as const, shape: [-1, 1] }] }
    expect(through([], [null], whole)).toEqual({
      made: 'Column "a" of row 0 is missing; the model takes numbers of INT32.',
      found: { 'input.missing.reject': 1, 'input.missing.pass': 1 },
    })
  })

  test('case 24: a shape of a billion rows is refused before anything is made of it', () => {
    const rules = columnsOf([{ name: 'a', type: 'number' }], [assemble])
    const tensor: Tensor = { name: 'x', datatype: 'FP64', shape: [1e9, 1], data: new Float64Array(1) }
    expect(prepared(rules, [tensor]).inputs).toMatch(/takes 1000000000 values; 1 came/)
  })
})

test.each([
  ['an unknown column', [], [{ step: 'clip', columns: ['z'], min: [0], max: [1] }, assemble], /step 1 'clip': there is no column "z" here; there are "a", "t"/],
  ['a list of another length', [], [{ step: 'scale', columns: ['a'], subtract: [0, 1], divide: [1] }, assemble], /step 1 'scale': 2 values for 1 columns/],
  ['bounds the wrong way', [], [{ step: 'clip', columns: ['a'], min: [2], max: [1] }, assemble], /'clip': a min is above its max/],
  ['numbers from texts', [], [{ step: 'log', columns: ['t'], form: 'ln' }, assemble], /'log': column "t" is of type text/],
  ['an offset that means nothing', [], [{ step: 'log', columns: ['a'], form: 'log1p', offset: 1 }, assemble], /log1p takes no offset/],
  ['a text into a number', [], [{ step: 'fill-missing', columns: ['a'], values: ['x'] }, assemble], /"a" needs a number/],
  ['no categories', [], [{ step: 'one-hot', column: 't', unseen: 'ignore' }, assemble], /neither the step nor column "t" declares categories/],
  ['categories of another type', [], [{ step: 'one-hot', column: 't', categories: [1], unseen: 'ignore' }, assemble], /categories of a text column are texts/],
  ['a column that is gone', [], [{ step: 'one-hot', column: 't', categories: ['u'], unseen: 'ignore' }, { ...assemble, columns: ['t'] }], /no column "t" here; there are "a", "t=u"/],
  ['texts into numbers', [], [assemble], /step 1 'assemble': column "t" is of type text/],
  ['another width', [], [{ ...assemble, columns: ['a'] }], /1 columns for input "x", which takes 2; they are "a"/],
  ['another input', [], [{ step: 'assemble', input: 'y' }], /the model has no input "y"; its inputs are "x"/],
  ['nothing assembled', [], [{ step: 'select', columns: ['a'] }], /no assemble step fills "x"/],
  ['assembled twice', [], [{ ...assemble, columns: ['a', 'b'] }, { ...assemble, columns: ['a', 'b'] }], /input "x" is filled twice/, 'b'],
  ['a column twice', [{ name: 'a', type: 'number' }], [assemble], /two columns have the same name/],
  ['a boolean that may be missing', [{ name: 'c', type: 'boolean', missing: 'pass' }], [assemble], /column "c": a boolean is never missing/],
  ['a fill of another type', [{ name: 'c', type: 'number', missing: { fill: 'x' } }], [assemble], /filled with a text, but its type is number/],
  ['a range of texts', [{ name: 'c', type: 'text', min: 1 }], [assemble], /only numbers have a min/],
])('%s does not fit, and the message names the step', (...[, more, steps, message, second = null]) => {
  const columns = [{ name: 'a', type: 'number' }, second === null ? { name: 't', type: 'text' } : { name: second, type: 'number' }, ...more]
  const rules = columnsOf(columns, steps, { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }] })
  expect(() => checkPipeline(rules)).toThrow(
    expect.objectContaining({ code: 'bundle.pipeline-invalid', message: expect.stringMatching(message) as string }),
  )
}) // prettier-ignore
