import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { floats } from '../harness/onnx/model.ts'
import { affineModel, elsewhere } from '../harness/onnx/external.ts'
import { until } from '../../build/demo/child.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { deployEverywhere, startFleet } from '../harness/console.ts'
import { hasMlflow, howToInstallMlflow, startMlflow, type Mlflow } from '../harness/mlflow.ts'
import { call, inferBody } from '../harness/local-api.ts'
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
  it(
    'has a model of scikit-learn that comes in with its run, and that an agent answers with as scikit-learn does',
    { timeout: 600_000 },
    async () => {
      const model = "Wine of l'Oltrepò"
      const [[first, second], fleet] = await Promise.all([
        server.train(model, 'Pickled wine').then((trained) => [trained[0]!, trained[1]!] as const),
        startFleet({ broker: 'embedded', devices: ['cellar-1'] }),
      ])
      const rpc = fleet.host.rpc!
      const settings = { kind: 'mlflow' as const, url: server.url, watches: [{ model, alias: 'champion', as: 'wine' }], writesTags: false }
      // A look by itself may have found it first: then it comes in as well, and once.
      const comesIn = async (version: string): Promise<void> => {
        const { job } = await rpc.call('sources.poll', { source: 'lab' })
        expect(await awaitJob(rpc, job, 'poll')).toMatchObject({ failed: [] })
        await until(`wine@${version}`, 240, async () => {
          const { offers } = await rpc.call('sources.offers', { source: 'lab' })
          expect(offers.map(({ problem }) => problem)).toEqual(offers.map(() => null))
          return offers.some((one) => one.state === 'imported' && one.version === version)
        })
      }
      const remote = async (version: string) =>
        (await rpc.call('mlflow.versions', { source: 'lab', model })).versions.find((one) => one.version === version)!
      await rpc.call('sources.add', { source: 'lab', settings })
      expect((await rpc.call('mlflow.models', { source: 'lab', search: 'wine' })).models.map((one) => one.model).sort()).toEqual([
        'Pickled wine',
        model,
      ])
      expect(await remote('1')).toMatchObject({ run: first.run, aliases: ['champion'], tags: { reviewed: 'yes' }, imported: null })

      await comesIn('1')
      const origin = (await rpc.call('sources.origin', { model: 'wine', version: '1' })).origin
      expect(origin).toMatchObject({
        ...{ kind: 'mlflow', url: server.url, model, version: '1', artifact: 'model.onnx', tags: { reviewed: 'yes' } },
        run: {
          run: first.run,
          name: 'wine, C 1.0',
          metrics: { accuracy: first.accuracy },
          params: { C: '1.0', solver: 'lbfgs' },
          tags: { team: 'cellar' },
        },
      })
      // The rows that were logged beside the model came along, and say of it here what scikit-learn says there.
      const { evaluations } = await rpc.call('models.show', { model: 'wine', version: '1' })
      expect(evaluations[0]?.metrics['accuracy']).toBeCloseTo(first.accuracy, 12)

      const answersLike = async ({ version, rows, predicted, probabilities }: typeof first): Promise<void> => {
        await deployEverywhere(fleet, 'wine', version)
        const at = `${fleet.agents[0]!.url}/v2/models/wine`
        // New connections: one that is open stays a moment with the process that it was made to.
        await until(`version ${version} answers`, 240, async () => (await call(at)).body.versions[0] === version)
        const { outputs } = (await call(`${at}/infer`, { body: inferBody('X', rows) })).body as {
          outputs: { name: string; data: number[] }[]
        }
        const output = (name: string): number[] => outputs.find((one) => one.name === name)!.data
        expect(output('label')).toEqual(predicted)
        const theirs = probabilities.flat()
        expect(Math.max(...output('probabilities').map((ours, i) => Math.abs(ours - theirs[i]!)))).toBeLessThan(1e-5)
      }
      await answersLike(first)

      await server.alias(model, 'champion', second.version)
      await comesIn('2')
      // It is offered, and runs nowhere before somebody says so.
      const { versions } = await rpc.call('models.list', { model: 'wine' })
      expect(Object.fromEntries(versions.map((one) => [one.version, one.stage]))).toEqual({ 1: 'released', 2: 'evaluated' })
      await answersLike(second)

      await rpc.call('sources.change', { source: 'lab', settings: { ...settings, writesTags: true } })
      // Five tags of each version, written one after the other.
      const told = (version: string): Promise<Record<string, string>> =>
        until(`the tags of version ${version}`, 240, async () => {
          const { tags } = await remote(version)
          return Object.keys(tags).length === 6 ? tags : null
        })
      expect(await told('2')).toEqual({
        ...{ reviewed: 'yes', 'muster.fleet': 'test', 'muster.version': 'wine@2', 'muster.stage': 'released' },
        ...{ 'muster.ordered': '1', 'muster.deployed': '1' },
      })
      expect(await told('1')).toMatchObject({ 'muster.version': 'wine@1', 'muster.ordered': '0', 'muster.deployed': '0' })

      const { job } = await rpc.call('mlflow.import', { source: 'lab', model: 'Pickled wine', version: '1' })
      await expect(awaitJob(rpc, job, 'import')).rejects.toMatchObject({
        code: 'source.no-model-file',
        message: expect.stringContaining('It was logged as python_function, sklearn') as string,
      })
    },
  )
})
