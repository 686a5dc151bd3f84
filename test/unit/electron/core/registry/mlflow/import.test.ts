import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { floats } from '../../../../../harness/onnx/model.ts'
import { affineModel, elsewhere } from '../../../../../harness/onnx/external.ts'
import { startPlayedMlflow, type PlayedMlflow } from '../../../../../harness/mlflow-server.ts'
import { openSourceDesk, type SourceDesk } from '../../../../../harness/source-desk.ts'

// Each import starts a process: on a machine that is busy that takes seconds.
vi.setConfig({ testTimeout: 60_000 })

const inside = affineModel({ weights: { raw: floats(2, 3, 4) } })
const card = (data: string): string =>
  `artifact_path: model\nflavors:\n  onnx:\n    data: ${data}\n    onnx_version: 1.23.2\n  python_function:\n    loader_module: mlflow.onnx\n`

const run = {
  info: { run_id: 'r1', run_name: 'brave-cat', user_id: '', start_time: 1_699_999_000_000, end_time: 1_699_999_900_000 },
  data: {
    metrics: [
      { key: 'auc', value: 0.97 },
      { key: 'lost', value: 'NaN' },
    ],
    params: [{ key: 'depth', value: '4' }],
    tags: [
      { key: 'git', value: 'abc' },
      { key: 'mlflow.log-model.history', value: '[...]' },
    ],
  },
}

/** A desk with a source `lab` at a server that has one model. */
async function lab(
  files: PlayedMlflow['models'][string]['versions'][string]['files'],
  change: object = {},
): Promise<{ desk: SourceDesk; server: PlayedMlflow }> {
  const server = await startPlayedMlflow()
  server.models['Churn Model'] = { versions: { 7: { run: 'r1', tags: { team: 'risk' }, files, ...change } }, aliases: { champion: '7' } }
  server.runs['r1'] = run
  const desk = openSourceDesk()
  await desk.call('sources.add', { source: 'lab', settings: { kind: 'mlflow', url: server.url } })
  return { desk, server }
}

const importOf = async (desk: SourceDesk, input: object) => {
  const { job } = await desk.call('mlflow.import', { source: 'lab', model: 'Churn Model', ...input })
  return desk.ended(job)
}

it('imports a registered version as a draft, with its run in the lineage', async () => {
  const { desk } = await lab({ MLmodel: card('model.onnx'), 'model.onnx': inside })
  expect(await importOf(desk, { version: '7' })).toMatchObject({ state: 'done', result: { model: 'churn-model', version: '7' } })
  expect(desk.versions()).toEqual(['churn-model@7 draft'])
  const { origin, source } = await desk.call('sources.origin', { model: 'churn-model', version: '7' })
  expect(source).toBe('lab')
  expect(origin).toMatchObject({
    ...{ kind: 'mlflow', model: 'Churn Model', version: '7', artifact: 'model.onnx', tags: { team: 'risk' }, joined: [] },
    run: { run: 'r1', name: 'brave-cat', user: null, metrics: { auc: 0.97, lost: null }, params: { depth: '4' }, tags: { git: 'abc' } },
  })
  expect(readdirSync(join(desk.dataDirectory, 'work', 'sources'))).toEqual([])
})

it('imports by alias under another name, and the same again is no error', async () => {
  const { desk } = await lab({ MLmodel: card('model.onnx'), 'model.onnx': inside })
  expect(await importOf(desk, { alias: 'champion', as: 'churn' })).toMatchObject({
    state: 'done',
    result: { model: 'churn', version: '7' },
  })
  expect(await importOf(desk, { alias: 'champion', as: 'churn' })).toMatchObject({ state: 'done' })
  expect(desk.versions()).toEqual(['churn@7 draft'])
  const { versions } = await desk.call('mlflow.versions', { source: 'lab', model: 'Churn Model' })
  expect(versions).toMatchObject([{ version: '7', status: 'READY', aliases: ['champion'], imported: { model: 'churn', version: '7' } }])
})

it('joins weights that lie beside the model, and takes bundle.json from the artifacts', async () => {
  const more = elsewhere({ location: 'f00.data', offset: 0, length: 12 })
  const bundle = JSON.stringify({ task: 'regression', outcome: { value: 'y' }, metrics: { rmse: 1.5 } })
  const { desk } = await lab({
    ...{
      MLmodel: card('data/model.onnx'),
      'data/model.onnx': affineModel({ weights: { more } }),
      'data/f00.data': new Uint8Array(floats(2, 3, 4)),
    },
    'bundle.json': bundle,
  })
  expect(await importOf(desk, { version: '7' })).toMatchObject({ state: 'done' })
  const { origin } = await desk.call('sources.origin', { model: 'churn-model', version: '7' })
  expect(origin).toMatchObject({ artifact: 'data/model.onnx', joined: ['f00.data'] })
  expect(desk.registry.version('churn-model', '7').manifest).toMatchObject({ task: 'regression', metrics: { rmse: 1.5 } })
})

it('asks the server for artifacts of a store that it does not hand out itself', async () => {
  const { desk, server } = await lab({ MLmodel: card('model.onnx'), 'model.onnx': inside }, { uri: 's3://bucket/7/model' })
  expect(await importOf(desk, { version: '7' })).toMatchObject({ state: 'done' })
  expect(server.asked.some((one) => one.includes('mlflow-artifacts'))).toBe(false)
})

it('never goes where the address of the artifacts points', async () => {
  const other = await startPlayedMlflow()
  const uri = `mlflow-artifacts://${new URL(other.url).host}/7/Churn%20Model/7`
  const { desk } = await lab({ MLmodel: card('model.onnx'), 'model.onnx': inside }, { uri })
  expect(await importOf(desk, { version: '7' })).toMatchObject({ state: 'done' })
  expect(other.asked).toEqual([])
})

it.each([
  ['a version that is not ready', {}, { status: 'PENDING_REGISTRATION' }, 'source.no-version'],
  [
    'a model of another flavour',
    { MLmodel: 'flavors:\n  sklearn:\n    pickled_model: model.pkl\n', 'model.pkl': 'x' },
    {},
    'source.no-model-file',
  ],
  ['a path that leads out', { MLmodel: card('../../other/model.onnx') }, {}, 'source.no-model-file'],
  [
    'weights that lead out',
    { MLmodel: card('m.onnx'), 'm.onnx': affineModel({ weights: { more: elsewhere({ location: '../x' }) } }) },
    {},
    'model.external-data-forbidden',
  ],
  [
    'weights that are missing',
    { MLmodel: card('m.onnx'), 'm.onnx': affineModel({ weights: { more: elsewhere({ location: 'x' }) } }) },
    {},
    'source.no-version',
  ],
  ['a web page in place of a model', { MLmodel: card('m.onnx'), 'm.onnx': '<!doctype html>' }, {}, 'model.invalid'],
  ['yaml that is a bomb', { MLmodel: 'a: &a [x, x]\nb: &b [*a, *a]\nflavors: *b\n' }, {}, 'source.answer'],
])('refuses %s and stores nothing', async (_, files, change, code) => {
  const { desk } = await lab(files, change)
  expect(await importOf(desk, { version: '7' })).toMatchObject({ state: 'failed', problem: { code } })
  expect(desk.versions()).toEqual([])
  expect(readdirSync(join(desk.dataDirectory, 'work', 'sources'))).toEqual([])
})

it.each([
  ['hide', 'source.unreachable'],
  ['shut', 'source.denied'],
  ['redirect', 'source.answer'],
  ['cut', 'source.unreachable'],
] as const)('says what is wrong when the server does: %s', async (mode, code) => {
  const { desk, server } = await lab({ MLmodel: card('model.onnx'), 'model.onnx': inside })
  server.mode = mode
  expect(await importOf(desk, { version: '7' })).toMatchObject({ state: 'failed', problem: { code } })
})

it('fetches nothing while nothing can be signed', async () => {
  const { desk, server } = await lab({ MLmodel: card('model.onnx'), 'model.onnx': inside })
  desk.locked.isLocked = true
  expect(await importOf(desk, { version: '7' })).toMatchObject({ state: 'failed', problem: { code: 'trust.locked' } })
  expect(server.asked).toEqual([])
})

it('wants a name that can stand here', async () => {
  const { desk, server } = await lab({})
  server.models['模型'] = { versions: {}, aliases: {} }
  await expect(desk.call('mlflow.import', { source: 'lab', model: '模型', version: '1' })).rejects.toMatchObject({
    code: 'model.name-needed',
  })
  await expect(desk.call('mlflow.import', { source: 'lab', model: 'm' })).rejects.toMatchObject({ code: 'input.invalid' })
})

it('lists models, narrowed by a text', async () => {
  const { desk, server } = await lab({})
  server.models['Fraud'] = { versions: {}, aliases: {} }
  expect((await desk.call('mlflow.models', { source: 'lab' })).models.map(({ model }) => model)).toEqual(['Churn Model', 'Fraud'])
  expect((await desk.call('mlflow.models', { source: 'lab', search: 'churn' })).models).toMatchObject([
    { model: 'Churn Model', aliases: [{ alias: 'champion', version: '7' }] },
  ])
  expect(await desk.call('mlflow.models', { source: 'lab', search: 'nothing' })).toEqual({ models: [], nextPageToken: null })
  expect(await desk.call('sources.check', { source: 'lab' })).toMatchObject({ server: '3.6.0', models: 2 })
})
