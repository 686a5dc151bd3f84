import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requireTabular, tabularOf } from '../../electron/core/registry/describe.ts'
import { startEvaluator } from '../../electron/core/registry/evaluator.ts'
import { openFeatureRows, type FeatureRow } from '../../electron/core/registry/feature-rows.ts'
import type { RegisteredVersion } from '../../electron/core/registry/registry.ts'
import { createRowRunner } from '../../electron/core/registry/row-runner.ts'
import { columnDatatypes } from '../../shared/inference/request-specs.ts'
import { plainData, type Tensor } from '../../shared/inference/tensor.ts'
import { call, startTestedGenerations, type TestedGenerations } from '../harness/local-api.ts'
import { deploymentOf } from '../harness/manifest.ts'
import { attribute, elem, floats, graph, model, node, tensor, value } from '../harness/onnx/model.ts'
import { rgbPng } from '../harness/png.ts'
import { openWorkshop, quiet, sample, sampleImport } from '../unit/electron/core/registry/workshop.ts'

/** Rows that are asked at once, on both sides: a matrix product of more rows may add up in another order. */
const BATCH = 16
const MOST_ROWS = 160

type Plain = { name: string; datatype: string; shape: number[]; data: unknown[] }

const plain = ({ name, datatype, shape, data }: Tensor): Plain => ({
  ...{ name, datatype, shape },
  data: plainData({ name, datatype, shape, data }),
})

/** The bits of every number: -0 and 0 are not the same, and neither are two NaN of other bits. */
const bitsOf = (outputs: readonly Plain[]): unknown =>
  outputs.map(({ name, datatype, shape, data }) => ({
    ...{ name, datatype, shape },
    bits: data.map((one) => (typeof one === 'number' ? Buffer.from(Float64Array.of(one).buffer).toString('hex') : one)),
  }))

/** logits = x · w, of 6 assembled columns for 3 classes. */
const customersModel = (): Uint8Array => {
  const weights = Array.from({ length: 18 }, (_, i) => Math.sin(i * 1.7))
  return model({
    graph: graph({
      nodes: [node({ op: 'MatMul', in: ['x', 'w'], out: ['logits'] })],
      inputs: [value('x', elem.FLOAT, ['N', 6])],
      outputs: [value('logits', elem.FLOAT, ['N', 3])],
      initializers: [tensor({ name: 'w', type: elem.FLOAT, dims: [6, 3], raw: floats(...weights) })],
    }),
  })
}
const customers = {
  ...{ model: 'customers', version: '1', task: 'classification', labels: ['stays', 'asks', 'goes'], target: 'truth' },
  preprocessing: {
    ...{ v: 2, kind: 'columns' },
    columns: [
      { name: 'age', type: 'number', missing: { fill: 40 }, min: 0, max: 120 },
      { name: 'income', type: 'number' },
      { name: 'city', type: 'text', categories: ['lyon', 'oslo'] },
      { name: 'member', type: 'boolean' },
    ],
    steps: [
      { step: 'log', columns: ['income'], form: 'log1p' },
      { step: 'scale', columns: ['age', 'income'], subtract: [40.5, 9.7], divide: [13.1, 1.3] },
      { step: 'clip', columns: ['age'], min: [-3], max: [3] },
      { step: 'one-hot', column: 'city', unseen: 'other' },
      { step: 'assemble', input: 'x' },
    ],
  },
  postprocessing: {
    v: 1,
    steps: [
      { step: 'softmax', from: 'logits', to: 'probabilities' },
      { step: 'argmax', from: 'probabilities', to: 'class' },
      { step: 'label-map', from: 'class', to: 'said' },
      { step: 'top-k', from: 'probabilities', k: 2, values: 'best', indices: 'best-classes' },
    ],
  },
  validation: { v: 1, feature: { 'out-of-range': 'flag' }, output: { 'sum-to-one': [{ output: 'probabilities', tolerance: 1e-5, policy: 'reject' }] } },
} // prettier-ignore
const customerRows = Array.from({ length: 90 }, (_, i) =>
  [
    i % 7 === 0 ? '' : String(18 + ((i * 13) % 60) + 0.1),
    String(1000 + ((i * 7919) % 40_000) / 3),
    i % 11 === 0 ? 'São Paulo, "centro"' : ['lyon', 'oslo'][i % 2]!,
    i % 3 === 0 ? 'true' : 'false',
    customers.labels[i % 3]!,
  ]
    .map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(','),
)
const customersCsv = ['age,income,city,member,truth', ...customerRows].join('\n')

/** Mean of each channel, squashed: scores of 3 classes from a picture of 3 x 4 x 4. */
const pictureModel = (): Uint8Array =>
  model({
    graph: graph({
      nodes: [
        node({ op: 'GlobalAveragePool', in: ['x'], out: ['mean'] }),
        node({ op: 'Flatten', in: ['mean'], out: ['flat'], attributes: [attribute.int('axis', 1)] }),
        node({ op: 'Tanh', in: ['flat'], out: ['scores'] }),
      ],
      inputs: [value('x', elem.FLOAT, ['N', 3, 4, 4])],
      outputs: [value('scores', elem.FLOAT, ['N', 3])],
    }),
  })
const pictures = {
  ...{ model: 'parts', version: '1', task: 'classification', labels: ['bolt', 'nut', 'pin'] },
  preprocessing: {
    ...{ v: 2, kind: 'picture', picture: { name: 'image', form: 'encoded' } },
    steps: [
      { step: 'decode', colour: 'bgr' },
      { step: 'resize-shorter', to: 5, method: 'bilinear' },
      { step: 'centre-crop', width: 4, height: 4 },
      { step: 'normalise', scale: [1 / 255], mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      { step: 'layout', order: 'NCHW' },
    ],
  },
  postprocessing: { v: 1, steps: [{ step: 'softmax', from: 'scores', to: 'probabilities' }, { step: 'argmax', from: 'scores', to: 'class' }] },
} // prettier-ignore

const sampleFiles: [string, string][] = [
  ['digits', 'digits-1.0.0.onnx'],
  ['digits', 'digits-1.1.0.onnx'],
  ['digits', 'digits-1.2.0.onnx'],
  ['digits', 'digits-1.3.0-regressed.onnx'],
  ['wine', 'wine-1.0.0.onnx'],
  ['wine', 'wine-2.0.0.onnx'],
  ['diabetes', 'diabetes-1.0.0.onnx'],
]

describe('console and device give the same numbers, bit for bit', () => {
  const workshop = openWorkshop()
  const names = new Map<string, RegisteredVersion>()
  let tested: TestedGenerations

  async function imported(request: Parameters<typeof workshop.registry.import>[0]): Promise<void> {
    const made = await workshop.registry.import(request)
    names.set(`${made.model}-${made.version}`.replaceAll('.', '-'), workshop.registry.version(made.model, made.version))
  }

  beforeAll(async () => {
    tested = await startTestedGenerations()
    for (const [folder, file] of sampleFiles) await imported(sampleImport(folder, file))
    const bundleOf = (content: object, bytes: Uint8Array, name: string) => ({
      ...{ modelPath: workshop.write(`${name}.onnx`, bytes), modelFileName: `${name}.onnx`, ...quiet() },
      bundlePath: workshop.write(`${name}.json`, JSON.stringify(content)),
    })
    const csv = workshop.write('customers.csv', customersCsv)
    await imported({ ...bundleOf(customers, customersModel(), 'customers'), trainPath: csv, holdoutPath: csv })
    await imported(bundleOf(pictures, pictureModel(), 'parts'))
    // With its golden set each, so that the probe compares both sides as well.
    const artifact = (sha256: string): string => join(workshop.artifactDirectory, sha256)
    await tested.serve(
      [...names].map(([name, { manifest }]) => {
        const { model: bytes, golden } = manifest.artifacts
        return deploymentOf(name, manifest, artifact(bytes.sha256), golden === undefined ? null : artifact(golden.sha256))
      }),
    )
  }, 120_000)
  afterAll(async () => {
    await tested.stop()
    workshop.close()
  })

  async function onDevice(name: string, inputs: readonly Plain[]): Promise<Plain[]> {
    const answer = await call(`${tested.url}/v2/models/${name}/infer`, {
      body: { inputs: inputs.map((one) => ({ ...one, data: one.data.map((cell) => (Number.isNaN(cell) ? null : cell)) })) },
    })
    if (answer.status !== 200) throw new Error(`${name} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body.outputs as Plain[]
  }

  async function rowsOf(manifest: RegisteredVersion['manifest'], path: string): Promise<FeatureRow[]> {
    const tabular = requireTabular({ tabular: tabularOf(manifest) }, 'Rows')
    const features = manifest.schema.features.map(({ name }) => name)
    const file = await openFeatureRows(path, tabular, { what: 'Rows', width: tabular.width, features, target: manifest.schema.target })
    const rows: FeatureRow[] = []
    for await (const row of file.rows) if (rows.push(row) >= MOST_ROWS) break
    file.close()
    return rows
  }

  async function compareRows(name: string, path: string): Promise<number> {
    const { manifest } = names.get(name)!
    const tabular = requireTabular({ tabular: tabularOf(manifest) }, 'Rows')
    const modelPath = join(workshop.artifactDirectory, manifest.artifacts.model.sha256)
    const evaluator = await startEvaluator({ modelPath, workDirectory: workshop.workDirectory, ...quiet() })
    try {
      const runner = createRowRunner({ rules: manifest, tabular, evaluator, what: 'Rows' })
      const rows = await rowsOf(manifest, path)
      let compared = 0
      for (let at = 0; at < rows.length; at += BATCH) {
        const console = await runner.run(rows.slice(at, at + BATCH))
        const device = await onDevice(name, console.inputs.map(plain))
        expect(bitsOf(device)).toEqual(bitsOf(console.outputs.map(plain)))
        compared += device.reduce((sum, { data }) => sum + data.length, 0)
      }
      return compared
    } finally {
      await evaluator.stop()
    }
  }

  test.each(sampleFiles)('%s: %s', { timeout: 60_000 }, async (folder, file) => {
    const name = file.replace('.onnx', '').replaceAll('.', '-')
    expect(await compareRows(name, sample(folder, 'holdout.csv'))).toBeGreaterThan(80)
  })

  test('columns of texts, booleans and missing numbers', { timeout: 60_000 }, async () => {
    const { manifest, evaluations } = names.get('customers-1')!
    expect(manifest.outcome).toEqual({ label: 'class', probabilities: 'probabilities', value: null })
    expect([manifest.schema.features[0], evaluations[0]?.rows]).toEqual([{ name: 'age', min: 0, max: 120 }, 90])
    const golden = workshop.registry.contents.golden(manifest)!
    expect(golden.cases[0]!.inputs.map(({ name, datatype }) => [name, datatype])).toEqual([
      ['age', 'FP64'],
      ['income', 'FP64'],
      ['city', columnDatatypes.text],
      ['member', 'BOOL'],
    ])
    expect(golden.cases[0]!.outputs.map(({ name }) => name)).toEqual(['logits', 'probabilities', 'class', 'said', 'best', 'best-classes'])
    expect(await compareRows('customers-1', workshop.write('customers.csv', customersCsv))).toBe(90 * (3 + 3 + 1 + 1 + 2 + 2))
  })

  test('pictures', { timeout: 60_000 }, async () => {
    const version = names.get('parts-1')!
    for (const [width, height] of [
      [6, 9],
      [40, 5],
      [17, 23],
    ] as const) {
      // prettier-ignore
      const file = rgbPng(
        width,
        height,
        Array.from({ length: width * height * 3 }, (_, i) => (i * 31 + 7) % 256),
      )
      const input = { name: 'image', shape: [1], data: [file.toString('base64')] }
      const tried = await workshop.registry.try(version, { rows: [], inputs: [input] })
      const console = tried.rows[0]!.outputs.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data }))
      expect(console.map(({ name }) => name)).toEqual(['scores', 'probabilities', 'class'])
      expect(bitsOf(await onDevice('parts-1', [{ ...input, datatype: 'BYTES' }]))).toEqual(bitsOf(console))
    }
  })
})
