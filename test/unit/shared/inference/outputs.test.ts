import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Manifest } from '../../../../shared/domain/bundle.ts'
import { readOutcomes } from '../../../../shared/inference/outcome.ts'
import { answerSpecs, checkPipeline, type PipelineRules } from '../../../../shared/inference/pipeline.ts'
import { tensorFromPlain, type Tensor } from '../../../../shared/inference/tensor.ts'
import { finished, pipelineRules, type RuleParts } from '../../../harness/pipeline.ts'

const fp32 = (name: string, shape: number[], ...values: number[]): Tensor => tensorFromPlain(name, 'FP32', shape, values)
const fp64 = (name: string, shape: number[], ...values: number[]): Tensor => tensorFromPlain(name, 'FP64', shape, values)
const outputs: Manifest['outputs'] = [
  { name: 'logits', datatype: 'FP64', shape: [-1, 3] },
  { name: 'word', datatype: 'BYTES', shape: [-1] },
]
const stepsOf = (steps: unknown[], parts: RuleParts = {}): PipelineRules =>
  pipelineRules({ outputs, labels: ['a', 'b', 'c'], ...parts, postprocessing: { v: 1, steps } })
const word = (...words: string[]): Tensor => tensorFromPlain('word', 'BYTES', [words.length], words)
const after = (steps: unknown[], logits: Tensor, parts: RuleParts = {}): unknown => {
  const made = finished(stepsOf(steps, parts), [logits, word(...Array.from({ length: logits.shape[0]! }, () => ''))])
  return typeof made.outputs === 'string' ? made.outputs : made.outputs.slice(2)
}

describe('steps against worked values', () => {
  test('softmax over the last axis, also of large numbers', () => {
    const third = 1 / 3
    const half = Math.exp(-1) / (1 + Math.exp(-1))
    expect(after([{ step: 'softmax', from: 'logits', to: 'p' }], fp64('logits', [2, 3], 7, 7, 7, 1000, 999, -1e308))).toEqual([
      { name: 'p', datatype: 'FP64', shape: [2, 3], data: Float64Array.of(third, third, third, 1 / (1 + Math.exp(-1)), half, 0) },
    ])
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e300, max: 1e300, noNaN: true }), { minLength: 3, maxLength: 3 }), (row) => {
        const [p] = after([{ step: 'softmax', from: 'logits', to: 'p' }], fp64('logits', [1, 3], ...row)) as [Tensor]
        expect([...(p.data as Float64Array)].reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12)
      }),
    )
  })

  test('sigmoid without overflow, and threshold', () => {
    const steps = [
      { step: 'sigmoid', from: 'logits', to: 'p' },
      { step: 'threshold', from: 'p', to: 'hit', at: 0.5 },
    ]
    expect(after(steps, fp64('logits', [1, 3], 0, -1000, 1000))).toEqual([
      { name: 'p', datatype: 'FP64', shape: [1, 3], data: Float64Array.of(0.5, 0, 1) },
      { name: 'hit', datatype: 'INT64', shape: [1, 3], data: BigInt64Array.of(1n, 0n, 1n) },
    ])
  })

  test('argmax takes the first of equal ones, and label-map its label', () => {
    const steps = [
      { step: 'argmax', from: 'logits', to: 'class' },
      { step: 'label-map', from: 'class', to: 'said' },
      { step: 'label-map', from: 'class', to: 'other', labels: ['x', 'y', 'z'] },
    ]
    expect(after(steps, fp64('logits', [3, 3], 1, 2, 2, -1, -3, -2, 0, 0, 9))).toEqual([
      { name: 'class', datatype: 'INT64', shape: [3], data: BigInt64Array.of(1n, 0n, 2n) },
      { name: 'said', datatype: 'BYTES', shape: [3], data: ['b', 'a', 'c'] },
      { name: 'other', datatype: 'BYTES', shape: [3], data: ['y', 'x', 'z'] },
    ])
  })

  test('top-k, the largest first, of equal ones the first', () => {
    const steps = [{ step: 'top-k', from: 'logits', k: 2, values: 'best', indices: 'at' }]
    expect(after(steps, fp64('logits', [2, 3], 1, 5, 5, 3, 2, 1))).toEqual([
      { name: 'best', datatype: 'FP64', shape: [2, 2], data: Float64Array.of(5, 5, 3, 2) },
      { name: 'at', datatype: 'INT64', shape: [2, 2], data: BigInt64Array.of(1n, 2n, 0n, 1n) },
    ])
  })

  test('the specification of an answer is what comes', () => {
    const steps = [
      { step: 'softmax', from: 'logits', to: 'p' },
      { step: 'top-k', from: 'p', k: 1, values: 'best', indices: 'at' },
      { step: 'argmax', from: 'p', to: 'class' },
      { step: 'threshold', from: 'p', to: 'hit', at: 0.5 },
      { step: 'label-map', from: 'class', to: 'said' },
    ]
    const single: Manifest['outputs'] = [{ name: 'logits', datatype: 'FP32', shape: [-1, 3] }]
    const rules = stepsOf(steps, { outputs: single })
    const made = finished(rules, [fp32('logits', [2, 3], 1, 2, 3, 4, 5, 6)]).outputs as Tensor[]
    expect(made.map(({ name, datatype, shape }) => ({ name, datatype, shape: [-1, ...shape.slice(1)] }))).toEqual(answerSpecs(rules))
  })
})

describe('numbers that are not finite', () => {
  const read = { task: 'classification' as const, outcome: { label: 'class', probabilities: null, value: null } }
  const steps = [{ step: 'argmax', from: 'logits', to: 'class' }]
  const bad = [fp64('logits', [1, 3], 1, Number.NaN, 0), word('')]

  test('fail the request where the prediction is made of them, unless the bundle lets them pass', () => {
    expect(finished(stepsOf(steps, read), bad)).toEqual({
      outputs: 'Output "logits" has a number that is not finite.',
      isFinite: null,
      found: { 'output.not-finite.reject': 1 },
    })
    const passing = stepsOf(steps, { ...read, validation: { v: 1, output: { 'not-finite': 'flag' } } })
    const made = finished(passing, bad)
    expect([made.isFinite, made.found]).toEqual([false, { 'output.not-finite.flag': 1 }])
    expect(readOutcomes(passing, made.outputs as Tensor[])).toBe(null)
  })

  test('pass elsewhere, and a bundle may refuse them everywhere', () => {
    expect(finished(stepsOf([]), bad)).toMatchObject({ isFinite: false, found: { 'output.not-finite.pass': 1 } })
    const strict = stepsOf([], { validation: { v: 1, output: { 'not-finite': 'reject' } } })
    expect(finished(strict, bad)).toMatchObject({ isFinite: null, found: { 'output.not-finite.reject': 1 } })
  })

  test('are told by the reader of the prediction where it reads them itself', () => {
    const rules = pipelineRules({ ...read, outputs, outcome: { label: null, probabilities: 'logits', value: null } })
    expect(finished(rules, bad)).toMatchObject({ isFinite: false, found: { 'output.not-finite.reject': 1 } })
    expect(() => readOutcomes(rules, bad)).toThrow(/"logits" of row 0 is not a number/)
  })
})

describe('rules about outputs', () => {
  const judged = (output: object, ...values: number[]) =>
    finished(stepsOf([], { validation: { v: 1, output } }), [fp64('logits', [values.length / 3, 3], ...values), word('')])

  test.each(['reject', 'flag', 'pass'] as const)('range and sum, %s', (policy) => {
    const range = judged({ range: [{ output: 'logits', min: 0, max: 1, policy }] }, 0, 1, 2, -1, 0.5, 0.5)
    expect(range.found).toEqual({ [`output.range.${policy}`]: policy === 'reject' ? 1 : 2 })
    expect(typeof range.outputs).toBe(policy === 'reject' ? 'string' : 'object')
    const sum = judged({ 'sum-to-one': [{ output: 'logits', tolerance: 0.01, policy }] }, 0.2, 0.3, 0.5, 0.3, 0.3, 0.3)
    expect(sum.found).toEqual({ [`output.sum-to-one.${policy}`]: 1 })
    expect(typeof sum.outputs).toBe(policy === 'reject' ? 'string' : 'object')
  })

  test('a class that is not declared is refused unless the bundle says otherwise', () => {
    const read = { task: 'classification' as const, outcome: { label: 'word', probabilities: null, value: null }, outputs: [outputs[1]!] }
    const unknown = [word('b', 'q')]
    expect(finished(pipelineRules(read), unknown)).toMatchObject({ found: {}, isFinite: true })
    const rules = { ...read, labels: ['a', 'b'] }
    expect(finished(pipelineRules(rules), unknown)).toEqual({
      outputs: 'Output "word" of row 1 says class "q", which is none of the 2 labels.',
      isFinite: null,
      found: { 'output.unknown-label.reject': 1 },
    })
    const flagged = pipelineRules({ ...rules, validation: { v: 1, output: { 'unknown-label': 'flag' } } })
    expect(finished(flagged, unknown)).toMatchObject({ found: { 'output.unknown-label.flag': 1 } })
    expect(readOutcomes(flagged, unknown)).toEqual([
      { kind: 'class', index: 1, label: 'b', confidence: null },
      { kind: 'class', index: -1, label: 'q', confidence: null },
    ])
  })
})

test('without steps and rules the outputs go on as they are', () => {
  const given = [fp32('y', [1, 2], 1, 2)]
  const made = finished(pipelineRules({ outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }] }), given)
  expect(made).toEqual({ outputs: given, isFinite: true, found: {} })
  expect((made.outputs as Tensor[])[0]).toBe(given[0])
})

test.each([
  ['an unknown output', [{ step: 'softmax', from: 'p', to: 'q' }], /step 1 'softmax': there is no output "p" here; there are "logits", "word"/],
  ['a name that is taken', [{ step: 'softmax', from: 'logits', to: 'word' }], /there is an output "word" already/],
  ['texts', [{ step: 'sigmoid', from: 'word', to: 'q' }], /output "word" has texts/],
  ['no classes', [{ step: 'argmax', from: 'logits', to: 'q' }, { step: 'argmax', from: 'q', to: 'r' }], /step 2 'argmax': output "q" has shape \[-1\]/],
  ['more than there are', [{ step: 'top-k', from: 'logits', k: 4, values: 'v', indices: 'i' }], /k is 4; output "logits" has 3 classes/],
  ['one name for both', [{ step: 'top-k', from: 'logits', k: 2, values: 'v', indices: 'v' }], /two outputs named "v"/],
  ['labels of numbers with a fraction', [{ step: 'label-map', from: 'logits', to: 'q' }], /of FP64; class indexes are whole/],
  ['a rule about nothing', [], /rule 'range': there is no output "z"/, { v: 1, output: { range: [{ output: 'z', min: 0, policy: 'flag' }] } }],
])('%s does not fit, and the message names the step', (...[, steps, message, validation]) => {
  expect(() => checkPipeline(stepsOf(steps, { validation }))).toThrow(
    expect.objectContaining({ code: 'bundle.pipeline-invalid', message: expect.stringMatching(message) as string }),
  )
}) // prettier-ignore
