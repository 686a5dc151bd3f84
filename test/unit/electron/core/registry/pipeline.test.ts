import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differencesOf, isInterchangeable } from '../../../../../electron/core/registry/compare/differences.ts'
import { examplesOf } from '../../../../../electron/core/registry/bench/examples.ts'
import { inspectFiles } from '../../../../../electron/core/registry/inspect/inspect-files.ts'
import { elem, floats, graph, model, node, tensor, value } from '../../../../harness/onnx/model.ts'
import { openWorkshop, quiet } from './workshop.ts'

/** value = 2 * heat + 3 * (site is b), of three assembled columns: heat, site=a, site=b. */
const pumpModel = (): Uint8Array =>
  model({
    graph: graph({
      nodes: [node({ op: 'MatMul', in: ['x', 'w'], out: ['raw'] })],
      inputs: [value('x', elem.FLOAT, ['N', 3])],
      outputs: [value('raw', elem.FLOAT, ['N', 1])],
      initializers: [tensor({ name: 'w', type: elem.FLOAT, dims: [3, 1], raw: floats(2, 0, 3) })],
    }),
  })

const columns = [
  { name: 'heat', type: 'number', missing: { fill: 10 } },
  { name: 'site', type: 'text', categories: ['a', 'b'] },
  { name: 'on', type: 'boolean' },
]
const steps = [
  { step: 'one-hot', column: 'site', unseen: 'ignore' },
  { step: 'assemble', input: 'x', columns: ['heat', 'site=a', 'site=b'] },
]
const bundle = {
  ...{ model: 'pump', version: '1', task: 'regression', target: 'truth', outcome: { value: 'raw' } },
  preprocessing: { v: 2, kind: 'columns', columns, steps },
  postprocessing: { v: 1, steps: [{ step: 'threshold', from: 'raw', to: 'hot', at: 20 }] },
  validation: { v: 1, output: { range: [{ output: 'raw', max: 1000, policy: 'reject' }] } },
}
const csv = 'truth,site,on,heat\n4,a,true,2\n9,b,0,3\n20,c,false,\n'

describe('a bundle with columns, steps and rules', () => {
  const workshop = openWorkshop()
  const importing = (content: object, rows = csv) => {
    const data = workshop.write('rows.csv', rows)
    return workshop.registry.import({
      ...{ modelPath: workshop.write('pump.onnx', pumpModel()), modelFileName: 'pump.onnx', ...quiet() },
      ...{ bundlePath: workshop.write('bundle.json', JSON.stringify(content)), trainPath: data, holdoutPath: data },
    })
  }
  const version = () => workshop.registry.version('pump', '1')
  beforeAll(async () => {
    await importing(bundle)
  })
  afterAll(async () => {
    await workshop.registry.stop()
    workshop.close()
  })

  test('keeps them in the signed manifest, with the columns as features and their baseline', () => {
    const { manifest, evaluations } = version()
    expect(evaluations[0]).toMatchObject({ rows: 3, metrics: { mae: 0 } })
    expect(manifest).toMatchObject({
      ...{ preprocessing: bundle.preprocessing, postprocessing: bundle.postprocessing, validation: bundle.validation },
      schema: {
        features: [
          { name: 'heat', min: 2, max: 3 },
          { name: 'site', min: null, max: null },
          { name: 'on', min: 0, max: 1 },
        ],
      },
      outputs: [{ name: 'raw' }],
    })
    expect(workshop.registry.contents.baseline(manifest)!.features[1]).toEqual({
      ...{ kind: 'categorical', name: 'site', other: 0, missing: 0 },
      categories: [['a', 1], ['b', 1], ['c', 1]], // prettier-ignore
    })
  })

  test('has a golden set of raw requests and finished answers, without rows that lack a value', () => {
    const golden = workshop.registry.contents.golden(version().manifest)!
    expect(golden.cases.map(({ inputs }) => inputs.map(({ data }) => data[0]))).toEqual([[2, 'a', true], [3, 'b', false]]) // prettier-ignore
    expect(golden.cases[0]!.outputs).toEqual([
      { name: 'raw', datatype: 'FP32', shape: [1, 1], data: [4] },
      { name: 'hot', datatype: 'INT64', shape: [1, 1], data: [0] },
    ])
    expect(examplesOf(version().manifest, golden, 9).rows[1]).toEqual({ values: [3, 'b', 'false'], expected: { kind: 'value', value: 9 } })
    expect(examplesOf(version().manifest, null, 9).rows).toEqual([{ values: [2.5, 'a', 0.5], expected: null }])
  })

  test('is tried with rows of texts, and says in place what is wrong', async () => {
    const tried = await workshop.registry.try(version(), {
      rows: [{ heat: 12, site: 'b', on: 'true' }, [null, 'zzz', 1], [1, 'a', 'maybe'], [1, null, 0], [900, 'a', 0]],
    })
    expect(tried.rows.map(({ outcome, problem, outputs }) => problem?.message ?? [outcome, outputs.map(({ data }) => data[0])])).toEqual([
      [{ kind: 'value', value: 27 }, [27, 1]],
      [{ kind: 'value', value: 20 }, [20, 1]],
      'on is not true or false.',
      'Column "site" of row 0 is missing; the bundle needs it.',
      'Output "raw", value 0, is 1800; the bundle allows -Infinity to 1000.',
    ])
    expect(tried.rows[0]!.unusual).toEqual([{ column: 'heat', index: 0, value: '12', why: 'above the training rows: 2 to 3' }])
  })

  test('differs from another one in what a client sends and gets', async () => {
    const plain = { ...bundle, version: '2', postprocessing: undefined, validation: undefined, preprocessing: { ...bundle.preprocessing, steps: [{ ...steps[0], unseen: 'reject' }, steps[1]] } } // prettier-ignore
    await importing(plain, csv.replace('c', 'a').replace('20', '20'))
    const [left, right] = [version().manifest, workshop.registry.version('pump', '2').manifest]
    expect(isInterchangeable(left, right)).toBe(false)
    expect(differencesOf(left, right).map(({ part, name }) => `${part} ${name}`)).toEqual([
      'output hot',
      'preprocessing step 1',
      'postprocessing step 1',
      'validation output.range',
    ])
  })

  test.each<[string, object, string, RegExp]>([
    ['an unknown step', { ...bundle, preprocessing: { ...bundle.preprocessing, steps: [{ step: 'whiten' }] } }, 'bundle.step-unknown', /preprocessing step 'whiten'; known are select, cast, .*assemble/],
    ['an unknown step for a picture', { ...bundle, preprocessing: { v: 2, kind: 'picture', picture: { name: 'p', form: 'raw' }, steps: [{ step: 'blur' }] } }, 'bundle.step-unknown', /'blur'; known are decode, resize/],
    ['an unknown step after the model', { ...bundle, postprocessing: { v: 1, steps: [{ step: 'calibrate' }] } }, 'bundle.step-unknown', /postprocessing step 'calibrate'; known are softmax/],
    ['a step that does not fit', { ...bundle, preprocessing: { ...bundle.preprocessing, steps: [steps[1]] } }, 'bundle.pipeline-invalid', /step 1 'assemble': there is no column "site=a"/],
    ['a rule about no output', { ...bundle, validation: { v: 1, output: { range: [{ output: 'z', policy: 'flag' }] } } }, 'bundle.pipeline-invalid', /rule 'range': there is no output "z"/],
    ['an unknown policy', { ...bundle, validation: { v: 1, input: { missing: 'ignore' } } }, 'bundle.invalid', /validation\.input\.missing/],
    ['an unknown field of a step', { ...bundle, preprocessing: { ...bundle.preprocessing, steps: [{ ...steps[0], drop: true }, steps[1]] } }, 'bundle.invalid', /preprocessing\.steps\.0.*drop/],
    ['a fraction of 0 to divide by', { ...bundle, preprocessing: { ...bundle.preprocessing, steps: [{ step: 'scale', columns: ['heat'], subtract: [0], divide: [0] }, ...steps] } }, 'bundle.invalid', /must not be 0/],
  ])('%s is refused at import, and told before it', async (_, content, code, message) => {
    const expected = expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as unknown
    await expect(importing({ ...content, version: '9' })).rejects.toEqual(expected)
    const given = (name: string, bytes: string | Uint8Array) => ({ ticket: name, path: workshop.write(name, bytes), fileName: name })
    const files = { model: given('pump.onnx', pumpModel()), bundle: given('bundle.json', JSON.stringify(content)), train: null, holdout: null }
    const inspected = await inspectFiles(files, { target: null, versionsOf: () => [] })
    expect([inspected.model?.problem, inspected.bundle?.problem]).toContainEqual(expected)
  }) // prettier-ignore

  test.each([
    ['a boolean that is none', csv.replace('true', 'yes'), /row 1 \(line 2\), column "on": "yes" is not true or false/],
    ['a text where a number is', csv.replace(',2\n', ',warm\n'), /column "heat": "warm" is not a number/],
    ['a missing text', csv.replace('a,true', ',true'), /row 1 \(line 2\): Column "site" is missing; the bundle needs it/],
  ])('%s is refused with its row', async (_, rows, message) => {
    await expect(importing({ ...bundle, version: '9' }, rows)).rejects.toThrow(message)
  })
})
