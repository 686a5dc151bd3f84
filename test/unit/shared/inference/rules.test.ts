import { describe, expect, test } from 'vitest'
import type { TensorSpec } from '../../../../shared/domain/bundle.ts'
import type { FeaturePreprocessing } from '../../../../shared/domain/pipeline.ts'
import { checkInputs } from '../../../../shared/inference/check-inputs.ts'
import { compareTensors } from '../../../../shared/inference/golden.ts'
import { guessOutcome, guessTask } from '../../../../shared/inference/outcome-guess.ts'
import { readOutcomes, type OutcomeRules } from '../../../../shared/inference/outcome.ts'
import { prepareInputs, type PipelineRules } from '../../../../shared/inference/pipeline.ts'
import { tensorFromPlain, type Tensor } from '../../../../shared/inference/tensor.ts'

const fp32 = (name: string, shape: number[], values: (number | null)[]): Tensor => tensorFromPlain(name, 'FP32', shape, values)
const int64 = (name: string, shape: number[], values: number[]): Tensor => tensorFromPlain(name, 'INT64', shape, values)
const texts = (name: string, values: string[]): Tensor => tensorFromPlain(name, 'BYTES', [values.length], values)
const bad = (message: RegExp) => expect.objectContaining({ code: 'inference.bad-input', message: expect.stringMatching(message) as string })

describe('inputs', () => {
  const specs: TensorSpec[] = [
    { name: 'a', datatype: 'FP32', shape: [-1, 2] },
    { name: 'b', datatype: 'FP32', shape: [-1, -1] },
    { name: 'c', datatype: 'INT64', shape: [1] },
  ]
  const good = [fp32('a', [2, 2], [1, 2, 3, 4]), fp32('b', [2, 0], []), int64('c', [1], [5])]

  test('what the model declares is taken', () => {
    expect(() => checkInputs(specs, good, 2)).not.toThrow()
    expect(() => checkInputs([{ name: 's', datatype: 'FP32', shape: [] }], [fp32('s', [], [1])], 1)).not.toThrow()
  })

  test.each([
    ['one is missing', good.slice(0, 2), /"c" is missing; the inputs are "a", "b", "c"/],
    ['an unknown one', [...good, fp32('d', [1], [1])], /no input "d"/],
    ['one twice', [...good, good[0]!], /"a" came twice/],
    ['another datatype', [good[0]!, good[1]!, fp32('c', [1], [5])], /datatype INT64; FP32 came/],
    ['another rank', [fp32('a', [4], [1, 2, 3, 4]), ...good.slice(1)], /\[-1, 2\].*\[4\] came/],
    ['another size', [fp32('a', [2, 3], [1, 2, 3, 4, 5, 6]), ...good.slice(1)], /\[2, 3\] came/],
    ['no rows', [fp32('a', [0, 2], []), fp32('b', [0, 1], []), good[2]!], /"a" has 0 rows; 1 to 2/],
    ['too many rows', [fp32('a', [3, 2], [1, 2, 3, 4, 5, 6]), ...good.slice(1)], /3 rows; 1 to 2/],
    ['rows that differ', [good[0]!, fp32('b', [1, 1], [1]), good[2]!], /"b" has 1 rows, input "a" has 2/],
    ['fewer elements than the shape says', [{ ...good[0]!, data: new Float32Array(3) }, ...good.slice(1)], /takes 4 values; 3 came/],
    ['a size that is none', [{ ...good[0]!, shape: [-2, 2] }, ...good.slice(1)], /\[-2, 2\] came/],
  ])('%s', (_, tensors, message) => {
    expect(() => checkInputs(specs, tensors, 2)).toThrow(bad(message))
  })
})

describe('preprocessing', () => {
  type Rules = Pick<PipelineRules, 'schema' | 'preprocessing'>
  const preprocess = (of: Rules, tensors: readonly Tensor[]): Tensor[] => {
    const outcome = { label: null, probabilities: null, value: null }
    const inputs = tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape }))
    return prepareInputs({ ...of, task: 'other', labels: [], outcome, inputs, outputs: [] }, tensors, { maxRows: 9, findings: new Map() })
      .inputs
  }
  const rules = (steps: FeaturePreprocessing['steps']): Rules => ({
    schema: { input: 'x', target: null, features: [{ name: 'heat', min: null, max: null }, { name: 'load', min: null, max: null }] }, // prettier-ignore
    preprocessing: { v: 1, steps },
  })
  const steps: FeaturePreprocessing['steps'] = [
    { step: 'fill-missing', values: [10, 20] },
    { step: 'clip', min: [0, 0], max: [15, 100] },
    { step: 'scale', subtract: [5, 0], divide: [10, -4] },
  ]

  test('steps apply in order, per feature, and leave the given data alone', () => {
    const given = fp32('x', [3, 2], [null, 8, 99, null, -1, 200])
    const before = structuredClone(given)
    const other = fp32('other', [1], [Number.NaN])
    const made = preprocess(rules(steps), [given, other])
    expect(made).toEqual([{ ...given, data: Float32Array.of(0.5, -2, 1, -5, -0.5, -25) }, other])
    expect(given).toEqual(before)
  })

  test('binary16 and double inputs work the same', () => {
    expect(preprocess(rules(steps), [tensorFromPlain('x', 'FP16', [1, 2], [7, null])])[0]).toEqual(
      tensorFromPlain('x', 'FP16', [1, 2], [0.2, -5]),
    )
    expect(preprocess(rules(steps), [tensorFromPlain('x', 'FP64', [1, 2], [7, null])])[0]).toEqual(
      tensorFromPlain('x', 'FP64', [1, 2], [0.2, -5]),
    )
  })

  test('what is still missing or infinite is named', () => {
    expect(() => preprocess(rules([]), [fp32('x', [2, 2], [1, 2, 3, null])])).toThrow(bad(/Feature "load" of row 1 is missing/))
    expect(() => preprocess(rules([]), [fp32('x', [1, 2], [Number.NEGATIVE_INFINITY, 1])])).toThrow(
      bad(/Feature "heat" of row 0 is infinite/),
    )
    expect(() => preprocess({ ...rules([]), schema: { input: 'x', features: [], target: null } }, [fp32('x', [1, 1], [null])])).toThrow(
      bad(/Feature 0 of row 0/),
    )
  })

  test('integers and models without a schema input pass as they are', () => {
    const whole = int64('x', [1, 2], [1, 2])
    const free = fp32('x', [1, 2], [null, 1])
    expect(preprocess(rules([]), [whole])).toEqual([whole])
    expect(preprocess({ ...rules([]), schema: { input: null, features: [], target: null } }, [free])).toEqual([free])
    expect(preprocess(rules(steps), [fp32('x', [0, 2], [])])[0]!.data).toEqual(new Float32Array(0))
  })

  test('a step for another number of features is refused', () => {
    expect(() => preprocess(rules([{ step: 'fill-missing', values: [1] }]), [fp32('x', [1, 2], [1, 2])])).toThrow(
      expect.objectContaining({ code: 'bundle.pipeline-invalid', message: expect.stringContaining("step 1 'fill-missing'") as string }),
    )
  })
})

describe('outcomes', () => {
  const rules = (
    labels: string[],
    outcome: Partial<OutcomeRules['outcome']>,
    task: OutcomeRules['task'] = 'classification',
  ): OutcomeRules => ({
    task,
    labels,
    outcome: { label: null, probabilities: null, value: null, ...outcome },
  })
  const both = { label: 'label', probabilities: 'p' }
  const p = fp32('p', [2, 3], [0.2, 0.5, 0.3, 0.75, 0.25, 0])
  const row = (index: number, label: string, confidence: number | null) => ({ kind: 'class', index, label, confidence })

  test.each([
    [
      'class index with probabilities',
      rules(['a', 'b', 'c'], both),
      [int64('label', [2], [1, 0]), p],
      [row(1, 'b', 0.5), row(0, 'a', 0.75)],
    ],
    [
      'the label decides, not the highest probability',
      rules(['a', 'b', 'c'], both),
      [int64('label', [2, 1], [2, 0]), p],
      [row(2, 'c', Math.fround(0.3)), row(0, 'a', 0.75)],
    ],
    ['probabilities alone', rules(['a', 'b', 'c'], { probabilities: 'p' }), [p], [row(1, 'b', 0.5), row(0, 'a', 0.75)]],
    [
      'one column is the second class',
      rules(['no', 'yes'], { probabilities: 'p' }),
      [fp32('p', [2, 1], [0.25, 0.75])],
      [row(0, 'no', 0.75), row(1, 'yes', 0.75)],
    ],
    ['texts', rules(['a', 'b', 'c'], both), [texts('label', ['b', 'a']), p], [row(1, 'b', 0.5), row(0, 'a', 0.75)]],
    ['texts without declared labels', rules([], { label: 'label' }), [texts('label', ['x'])], [row(-1, 'x', null)]],
    ['index without declared labels', rules([], { label: 'label' }), [int64('label', [1], [7])], [row(7, '7', null)]],
    [
      'classes named 1, 2, 3 are told by name',
      rules(['1', '2', '3'], both),
      [int64('label', [2], [3, 1]), p],
      [row(2, '3', Math.fround(0.3)), row(0, '1', 0.75)],
    ],
    [
      'labels that are positions in another order are told by position',
      rules(['1', '0'], { label: 'label' }),
      [int64('label', [1], [0])],
      [row(0, '1', null)],
    ],
    [
      'scores that are no probabilities give no confidence',
      rules(['a', 'b'], { probabilities: 'p' }),
      [fp32('p', [1, 2], [-3, 8])],
      [row(1, 'b', null)],
    ],
    [
      'values',
      rules([], { value: 'v' }, 'regression'),
      [fp32('v', [2, 1], [1.5, -2])],
      [
        { kind: 'value', value: 1.5 },
        { kind: 'value', value: -2 },
      ],
    ],
    ['a task without outcome', rules([], {}, 'other'), [p], null],
    ['a classification whose outputs are unknown', rules(['a'], {}), [p], null],
  ])('%s', (_, manifest, outputs, expected) => {
    expect(readOutcomes(manifest, outputs)).toEqual(expected)
  })

  test.each([
    ['NaN probability', rules([], { probabilities: 'p' }), [fp32('p', [1, 2], [null, 1])], /"p" of row 0 is not a number/],
    ['infinite value', rules([], { value: 'v' }, 'regression'), [fp32('v', [1], [Number.POSITIVE_INFINITY])], /infinite/],
    ['a class beyond the labels', rules(['a', 'b'], { label: 'label' }), [int64('label', [1], [2])], /class "2".*none of the 2 labels/],
    ['a negative class', rules(['a', 'b'], { label: 'label' }), [int64('label', [1], [-1])], /class "-1"/],
    ['an unknown text', rules(['a', 'b'], { label: 'label' }), [texts('label', ['z'])], /class "z"/],
    ['an absent output', rules(['a'], { label: 'label' }), [p], /no output "label"/],
    ['other rows', rules(['a', 'b', 'c'], both), [int64('label', [1], [0]), p], /differ in rows/],
    ['other classes', rules(['a', 'b'], { probabilities: 'p' }), [p], /3 classes; the bundle declares 2 labels/],
    ['two values per row', rules([], { value: 'v' }, 'regression'), [fp32('v', [1, 2], [1, 2])], /not one value per row/],
  ])('%s', (_, manifest, outputs, message) => {
    expect(() => readOutcomes(manifest, outputs)).toThrow(
      expect.objectContaining({ code: 'inference.failed', message: expect.stringMatching(message) as string }),
    )
  })
})

describe('golden comparison', () => {
  const tolerance = { absolute: 0.01, relative: 0.1 }
  const expected = [fp32('y', [3], [1, -100, 0]), int64('label', [1], [4])]
  const label = expected[1]!

  test.each([
    ['equal', expected, { ok: true, worst: null }],
    ['within absolute + relative', [fp32('y', [3], [1.1, -110, 0.01]), label], { ok: true, worst: null }],
    ['more outputs than expected', [...expected, fp32('z', [1], [1])], { ok: true, worst: null }],
    [
      'just outside',
      [fp32('y', [3], [1, -110.02, 0]), label],
      { ok: false, worst: { output: 'y', index: 1, expected: -100, actual: Math.fround(-110.02) } },
    ],
    [
      'the worst of two',
      [fp32('y', [3], [1.2, -150, 0]), label],
      { ok: false, worst: { output: 'y', index: 1, expected: -100, actual: -150 } },
    ],
    ['NaN', [fp32('y', [3], [1, null, 0]), label], { ok: false, worst: { output: 'y', index: 1, expected: -100, actual: Number.NaN } }],
    [
      'another class',
      [expected[0]!, int64('label', [1], [5])],
      { ok: false, worst: { output: 'label', index: 0, expected: '4', actual: '5' } },
    ],
    ['an absent output', [expected[0]!], { ok: false, worst: { output: 'label', index: -1, expected: 'INT64 [1]', actual: 'absent' } }],
    [
      'another shape',
      [fp32('y', [3, 1], [1, -100, 0]), label],
      { ok: false, worst: { output: 'y', index: -1, expected: 'FP32 [3]', actual: 'FP32 [3, 1]' } },
    ],
  ])('%s', (_, actual, result) => {
    expect(compareTensors(expected, actual, tolerance)).toEqual(result)
  })

  test('NaN is not even equal to NaN', () => {
    expect(compareTensors([fp32('y', [1], [null])], [fp32('y', [1], [null])], tolerance).ok).toBe(false)
  })
})

describe('guesses', () => {
  const spec = (name: string, datatype: TensorSpec['datatype'], ...shape: number[]): TensorSpec => ({ name, datatype, shape })
  const none = { label: null, probabilities: null, value: null }
  test.each([
    [
      'label and probabilities',
      {},
      [spec('label', 'INT64', -1), spec('probabilities', 'FP32', -1, 3)],
      'classification',
      { ...none, label: 'label', probabilities: 'probabilities' },
    ],
    ['text label', {}, [spec('output_label', 'BYTES', -1, 1)], 'classification', { ...none, label: 'output_label' }],
    ['named probabilities', {}, [spec('probs', 'FP32', -1, 10)], 'classification', { ...none, probabilities: 'probs' }],
    [
      'metadata with scores',
      { task: 'Classification' },
      [spec('logits', 'FP32', -1, 10)],
      'classification',
      { ...none, probabilities: 'logits' },
    ],
    ['one number per row', {}, [spec('variable', 'FP32', -1, 1)], 'regression', { ...none, value: 'variable' }],
    ['a picture', {}, [spec('mask', 'FP32', -1, 3, 8, 8)], 'other', none],
    ['scores of an unknown kind', {}, [spec('out', 'FP32', -1, 10)], 'other', none],
    ['metadata wins', { task: 'other' }, [spec('label', 'INT64', -1)], 'other', none],
    [
      'prototype names are no metadata',
      JSON.parse('{"__proto__": {"task": "regression"}}') as Record<string, string>,
      [spec('out', 'FP32', -1, 10)],
      'other',
      none,
    ],
  ] as const)('%s', (...[, metadata, outputs, task, outcome]) => {
    expect(guessTask(metadata, outputs)).toBe(task)
    expect(guessOutcome(task, outputs)).toEqual(outcome)
  })
})
