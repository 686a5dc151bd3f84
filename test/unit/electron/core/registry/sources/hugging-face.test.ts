import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readBundleFile } from '../../../../../../electron/core/registry/bundle-file.ts'
import { describeModel } from '../../../../../../electron/core/registry/describe.ts'
import { inspectOnnxFile } from '../../../../../../electron/core/registry/inspect-onnx.ts'
import { findModel, prepareFolder, type PreparedFolder } from '../../../../../../electron/core/registry/sources/read-folder.ts'
import { temporaryDirectory } from '../../../../../harness/fleet.ts'
import { affineModel, elsewhere } from '../../../../../harness/onnx/external.ts'
import { attribute, elem, floats, graph, model, node, tensor, value } from '../../../../../harness/onnx/model.ts'

/** logits = mean over the sides of pixel_values [n, 3, h, w], three channels as three classes. */
const vision = model({
  graph: graph({
    nodes: [
      node({
        op: 'ReduceMean',
        in: ['pixel_values'],
        out: ['logits'],
        attributes: [attribute.ints('axes', [2, 3]), attribute.int('keepdims', 0)],
      }),
    ],
    inputs: [value('pixel_values', elem.FLOAT, ['batch', 3, 'height', 'width'])],
    outputs: [value('logits', elem.FLOAT, ['batch', 3])],
  }),
})
const config = { architectures: ['ViTForImageClassification'], id2label: { 0: 'cat', 1: 'dog', 2: 'fox' } }
const preprocessor = {
  ...{ do_resize: true, size: { height: 4, width: 4 }, resample: 2, do_rescale: true, rescale_factor: 1 / 255 },
  ...{ do_normalize: true, image_mean: [0.5, 0.5, 0.5], image_std: [0.25, 0.25, 0.25] },
}

function exported(files: Record<string, Uint8Array | object>): string {
  const directory = join(temporaryDirectory(), 'export')
  mkdirSync(join(directory, 'onnx'), { recursive: true })
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, name), content instanceof Uint8Array ? content : JSON.stringify(content))
  return directory
}

const prepare = (directory: string): Promise<PreparedFolder> =>
  prepareFolder({ directory, workDirectory: temporaryDirectory(), signal: new AbortController().signal, progress: () => undefined })

/** What the bundle of an export says, accepted by the import. */
function bundleOf({ bundlePath, modelPath }: PreparedFolder) {
  const bundle = bundlePath === undefined ? {} : readBundleFile(bundlePath)
  describeModel(inspectOnnxFile(modelPath), bundle)
  return bundle
}

it('says labels, the softmax behind the logits and the steps of the picture', async () => {
  const prepared = await prepare(
    exported({
      'onnx/model.onnx': vision,
      'onnx/model_quantized.onnx': vision,
      'config.json': config,
      'preprocessor_config.json': preprocessor,
    }),
  )
  expect(bundleOf(prepared)).toEqual({
    ...{ task: 'classification', labels: ['cat', 'dog', 'fox'], outcome: { probabilities: 'probabilities' } },
    postprocessing: { v: 1, steps: [{ step: 'softmax', from: 'logits', to: 'probabilities' }] },
    preprocessing: {
      ...{ v: 2, kind: 'picture', picture: { name: 'image', form: 'encoded' } },
      steps: [
        { step: 'decode', colour: 'rgb' },
        { step: 'resize', width: 4, height: 4, method: 'bilinear' },
        { step: 'normalise', scale: [1 / 255], mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
        { step: 'layout', order: 'NCHW', input: 'pixel_values' },
      ],
    },
  })
  expect(prepared.notes).toEqual([expect.stringContaining('Pillow smooths')])
})

it('resizes by the shorter side and crops where the export does', async () => {
  const cropped = { ...preprocessor, size: { shortest_edge: 8 }, resample: 0, do_center_crop: true, crop_size: { height: 4, width: 4 } }
  const prepared = await prepare(exported({ 'onnx/model.onnx': vision, 'config.json': config, 'preprocessor_config.json': cropped }))
  expect(bundleOf(prepared).preprocessing).toMatchObject({
    steps: [{ step: 'decode' }, { step: 'resize-shorter', to: 8, method: 'nearest' }, { step: 'centre-crop', width: 4, height: 4 }, {}, {}],
  })
  expect(prepared.notes).toEqual([])
})

it.each([
  ['a filter that a device does not have', { ...preprocessor, resample: 3 }, 'filter 3'],
  ['a crop by a share', { ...preprocessor, crop_pct: 0.9 }, 'crop_pct'],
])('leaves the picture to the client for %s, and says so', async (_, given, words) => {
  const prepared = await prepare(exported({ 'onnx/model.onnx': vision, 'config.json': config, 'preprocessor_config.json': given }))
  expect(bundleOf(prepared)).not.toHaveProperty('preprocessing')
  expect(prepared.notes).toEqual([expect.stringContaining(words)])
})

it('lets bundle.json count more', async () => {
  const own = { labels: ['a', 'b', 'c'], model: 'pets', version: '2' }
  const prepared = await prepare(exported({ 'onnx/model.onnx': vision, 'config.json': config, 'bundle.json': own }))
  expect(bundleOf(prepared)).toMatchObject({ ...own, task: 'classification' })
})

it('leaves out what does not fit the model, and says so', async () => {
  const prepared = await prepare(
    exported({ 'onnx/model.onnx': vision, 'config.json': config, 'preprocessor_config.json': { ...preprocessor, image_mean: [0.5, 0.5] } }),
  )
  expect(prepared.bundlePath).toBeUndefined()
  expect(prepared.notes.at(-1)).toContain('does not fit the model')
})

it('takes no labels that do not name each class once', async () => {
  const twice = { ...config, id2label: { 0: 'cat', 1: 'cat', 2: 'fox' } }
  const prepared = await prepare(exported({ 'onnx/model.onnx': vision, 'config.json': twice }))
  expect(bundleOf(prepared)).not.toHaveProperty('labels')
  expect(prepared.notes).toEqual([expect.stringContaining('id2label')])
})

it('says that a text becomes tokens at the client', async () => {
  const text = model({
    graph: graph({
      nodes: [node({ op: 'Cast', in: ['input_ids'], out: ['logits'], attributes: [attribute.int('to', elem.FLOAT)] })],
      inputs: [value('input_ids', elem.INT64, ['batch', 3])],
      outputs: [value('logits', elem.FLOAT, ['batch', 3])],
      initializers: [tensor({ name: 'unused', type: elem.FLOAT, dims: [1], raw: floats(1) })],
    }),
  })
  const prepared = await prepare(
    exported({ 'onnx/model.onnx': text, 'config.json': { ...config, architectures: ['BertForSequenceClassification'] } }),
  )
  expect(prepared.notes).toEqual([expect.stringContaining('input_ids')])
})

it('joins the weights beside the model of an export', async () => {
  const directory = exported({
    'onnx/model.onnx': affineModel({ weights: { more: elsewhere({ location: 'model.onnx_data' }) } }),
    'onnx/model.onnx_data': new Uint8Array(floats(1, 2, 3)),
  })
  expect((await prepare(directory)).joined).toEqual(['model.onnx_data'])
})

it('must know which model is meant', async () => {
  const directory = exported({ 'a.onnx': vision, 'b.onnx': vision })
  expect(() => findModel(directory)).toThrow(expect.objectContaining({ code: 'bundle.invalid' }))
  await expect(prepare(exported({ 'onnx/a.onnx': vision, 'onnx/b.onnx': vision }))).rejects.toMatchObject({ code: 'bundle.invalid' })
  await expect(prepare(exported({ 'onnx/a.onnx': vision, 'config.json': [] }))).rejects.toMatchObject({ code: 'bundle.invalid' })
})
