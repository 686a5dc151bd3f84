import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { floats } from '../harness/onnx/model.ts'
import { affineModel, elsewhere } from '../harness/onnx/external.ts'
import { hasMlflow, howToInstallMlflow, startMlflow, type Mlflow } from '../harness/mlflow.ts'
import { openSourceDesk } from '../harness/source-desk.ts'

if (!hasMlflow) process.stderr.write(`MLflow is not installed: the tests with it are skipped. To run them: ${howToInstallMlflow}\n`)

const MINUTE = 60_000

describe.skipIf(!hasMlflow)('a real MLflow server', () => {
  let server: Mlflow
  beforeAll(async () => {
    server = await startMlflow()
  }, 180_000)
  afterAll(() => server?.stop())

  it('is browsed, gives a version with its run, is told where it runs, and its alias is followed', { timeout: 180_000 }, async () => {
    const model = "Pump 'A'"
    const run = await server.run({ metrics: { rmse: 1.25 }, params: { depth: '4' } })
    const weights = { more: elsewhere({ location: 'f00.data', offset: 0, length: 12 }) }
    const card = 'flavors:\n  onnx:\n    data: model.onnx\n    onnx_version: 1.16.0\n'
    await server.put(run, {
      'model/MLmodel': card,
      'model/model.onnx': affineModel({ weights }),
      'model/f00.data': new Uint8Array(floats(2, 3, 4)),
    })
    await server.register(model, run, 'model')
    await server.alias(model, 'champion', '1')

    const desk = openSourceDesk()
    await desk.call('sources.add', {
      source: 'lab',
      settings: { kind: 'mlflow', url: server.url, watches: [{ model, alias: 'champion', as: 'pump' }] },
    })
    expect(await desk.call('sources.check', { source: 'lab' })).toMatchObject({ server: expect.stringMatching(/^\d+\.\d+/), models: 1 })
    expect((await desk.call('mlflow.models', { source: 'lab', search: 'pump' })).models).toMatchObject([
      { model, aliases: [{ alias: 'champion', version: '1' }] },
    ])
    await desk.look()
    expect((await desk.call('sources.offers', {})).offers).toMatchObject([{ state: 'imported', problem: null }])
    expect(desk.versions()).toEqual(['pump@1 draft'])
    expect((await desk.call('sources.origin', { model: 'pump', version: '1' })).origin).toMatchObject({
      ...{ model, version: '1', artifact: 'model.onnx', joined: ['f00.data'] },
      run: { run: run.id, metrics: { rmse: 1.25, lost: null }, params: { depth: '4' } },
    })

    desk.clock.at += MINUTE
    await desk.look()
    expect((await desk.call('mlflow.versions', { source: 'lab', model })).versions).toMatchObject([
      {
        version: '1',
        status: 'READY',
        aliases: ['champion'],
        imported: { model: 'pump', version: '1' },
        tags: { 'muster.version': 'pump@1', 'muster.deployed': '0' },
      },
    ])

    const second = await server.run({ metrics: {}, params: {} })
    await server.put(second, { 'model/only.onnx': affineModel({ weights: { raw: floats(4, 5, 6) } }) })
    await server.register(model, second, 'model')
    await server.alias(model, 'champion', '2')
    desk.clock.at += 5 * MINUTE
    await desk.look()
    expect(desk.versions()).toEqual(['pump@1 draft', 'pump@2 draft'])
    await expect(desk.call('mlflow.versions', { source: 'lab', model: 'nothing' })).rejects.toMatchObject({ code: 'source.no-version' })
  })
})
