import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { addMlflowCommands } from '../../electron/core/cli/mlflow-commands.ts'
import { addModelsCommands } from '../../electron/core/cli/models-commands.ts'
import { addSourcesCommands } from '../../electron/core/cli/sources-commands.ts'
import { runCommand, type Ran } from '../harness/command-line.ts'
import { startPlayedMlflow } from '../harness/mlflow-server.ts'
import { affineModel, elsewhere } from '../harness/onnx/external.ts'
import { floats } from '../harness/onnx/model.ts'

let directory: string
let host: LocalConsole
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-sources-'))
  host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error'])
})
afterAll(async () => {
  await host?.crash()
  rmSync(directory, { recursive: true, force: true })
})

const added = [addSourcesCommands, addMlflowCommands, addModelsCommands]
const muster = (...args: string[]): Promise<Ran> =>
  runCommand((program) => added.forEach((add) => add(program)), ['--data', host.data, ...args])
const saying = (words: string): string => expect.stringContaining(words) as string

test('a tracking server is added, checked, browsed, and a version of it imported; its secret is shown nowhere', async () => {
  const server = await startPlayedMlflow()
  server.authorization = 'Bearer token-of-lab'
  const files = { 'model.onnx': affineModel({ weights: { raw: floats(2, 3, 4) } }) }
  server.models['Churn Model'] = { versions: { 7: { run: 'r1', files } }, aliases: { champion: '7' } }
  server.runs['r1'] = { info: { run_id: 'r1', run_name: 'brave-cat' }, data: { metrics: [{ key: 'auc', value: 0.97 }] } }
  process.env['TEST_MLFLOW_TOKEN'] = 'token-of-lab'
  const made = await muster('sources', 'add', 'lab', '--mlflow', server.url, '--token-env', 'TEST_MLFLOW_TOKEN', '--no-tags', '--json')
  delete process.env['TEST_MLFLOW_TOKEN']
  expect(made.json()).toMatchObject({ source: { source: 'lab', hasSecret: true, settings: { writesTags: false, auth: { secret: null } } } })
  expect((await muster('sources', 'check', 'lab')).out).toContain('lab answers (MLflow 3.6.0); 1 model to be seen.')
  expect((await muster('mlflow', 'browse', 'lab')).out).toContain('champion: 7')
  const imported = await muster('mlflow', 'import', 'lab', 'Churn Model', '--alias', 'champion', '--as', 'churn', '--json')
  expect(imported.json()).toMatchObject({ model: 'churn', version: '7', notes: [] })
  expect((await muster('mlflow', 'browse', 'lab', 'Churn Model')).out).toContain('churn@7')
  expect((await muster('mlflow', 'origin', 'churn@7')).out).toContain('run r1 "brave-cat"')
  expect((await muster('models', 'list')).out).toMatch(/churn@7 +draft/)
  const changed = await muster('sources', 'change', 'lab', '--every', '30', '--watch', 'Churn Model:champion=churn')
  expect(changed).toMatchObject({ exit: 0 })
  const listed = await muster('sources', 'list', '--json')
  expect(listed.json()).toMatchObject({ sources: [{ settings: { everyMinutes: 30, watches: [{ model: 'Churn Model', as: 'churn' }] } }] })
  expect(listed.out + made.out).not.toContain('token-of-lab')
  expect((await muster('sources', 'remove', 'lab')).out).toContain('lab was removed')
  expect((await muster('mlflow', 'origin', 'churn@7', '--json')).json()).toMatchObject({ source: 'lab', origin: { version: '7' } })
})

test('a folder is watched, and what is put there becomes a draft by itself', async () => {
  const drop = join(directory, 'drop')
  mkdirSync(drop)
  expect((await muster('sources', 'add', 'drop', '--folder', drop)).out).toContain('muster sources check drop')
  mkdirSync(join(drop, 'pump@1.0.0'))
  writeFileSync(join(drop, 'pump@1.0.0', 'model.onnx'), affineModel({ weights: { more: elsewhere({ location: 'w.bin' }) } }))
  writeFileSync(join(drop, 'pump@1.0.0', 'w.bin'), floats(2, 3, 4))
  await until('the draft is there', 80, async () => (await muster('models', 'list')).out.includes('pump@1.0.0'))
  await until('that is noted', 20, async () => (await muster('sources', 'offers', 'drop')).out.includes('imported'))
  expect((await muster('sources', 'poll', 'drop', '--json')).json()).toEqual({ found: 0, settling: 0, imported: [], failed: [] })
})

test('models import joins the weights beside a file, and reads an export', async () => {
  const folder = join(directory, 'export')
  mkdirSync(join(folder, 'onnx'), { recursive: true })
  writeFileSync(join(folder, 'onnx', 'model.onnx'), affineModel({ weights: { more: elsewhere({ location: 'model.onnx_data' }) } }))
  writeFileSync(join(folder, 'onnx', 'model.onnx_data'), floats(2, 3, 4))
  const file = await muster('models', 'import', join(folder, 'onnx', 'model.onnx'), '--as', 'joined@1')
  expect(file.out).toContain('weights joined from model.onnx_data')
  const whole = await muster('models', 'import', folder, '--as', 'whole@1', '--json')
  expect(whole.json()).toMatchObject({ model: 'whole', version: '1' })
})

test('what is wrong is said, with the exit code of its kind', async () => {
  expect(await muster('sources', 'check', 'none')).toMatchObject({ exit: 4, err: saying('source.not-found') })
  expect(await muster('sources', 'add', 'x')).toMatchObject({ exit: 2 })
  expect(await muster('sources', 'add', 'x', '--folder', join(directory, 'nothing'))).toMatchObject({
    exit: 3,
    err: saying('source.folder'),
  })
  expect(await muster('sources', 'add', 'x', '--mlflow', 'http://127.0.0.1:1', '--watch', 'no-alias')).toMatchObject({ exit: 2 })
  expect(await muster('sources', 'add', 'away', '--mlflow', 'http://127.0.0.1:1')).toMatchObject({ exit: 0 })
  expect(await muster('sources', 'add', 'away', '--mlflow', 'http://127.0.0.1:1')).toMatchObject({ exit: 5, err: saying('source.exists') })
  expect(await muster('sources', 'check', 'away')).toMatchObject({ exit: 6, err: saying('source.unreachable') })
  expect(await muster('mlflow', 'import', 'away', 'm', '1')).toMatchObject({ exit: 6, err: saying('source.unreachable') })
  expect(await muster('mlflow', 'import', 'away', 'm')).toMatchObject({ exit: 2 })
})
