import { expect, onTestFinished, test } from 'vitest'
import { answerAsk } from '../../../../agent/converge/answer-ask.ts'
import { signedOrder } from '../../../harness/converge.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { v1, v2 } from '../../../harness/lives.ts'
import { call, inferBody, until } from '../../../harness/local-api.ts'
import { artifactEntry, labelledRows, samples } from '../../../harness/manifest.ts'
import { elem, graph, model, node, value } from '../../../harness/onnx/model.ts'
import { startRealLife, type RealLife } from '../../../harness/real-life.ts'
import { sampleBundle, type TestBundle } from '../../../harness/small-console.ts'

// The watch over real models: what the runtime counts must be what the supervisor judges.

/** A model of one number to one number: `sqrt` is right in every probe with positive numbers, and gives NaN for a negative one. */
function numberModel(op: string, version: string): TestBundle {
  const io = { inputs: [value('x', elem.FLOAT, [1, 1])], outputs: [value('y', elem.FLOAT, [1, 1])] }
  const bytes = Buffer.from(model({ graph: graph({ nodes: [node({ op, in: ['x'], out: ['y'] })], ...io }) }))
  const change = {
    ...{ model: 'number', version, task: 'other', artifacts: { model: artifactEntry(bytes) } },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1] }],
    outcome: { label: null, probabilities: null, value: null },
    schema: { input: null, features: [], target: null },
  }
  return sampleBundle(samples.diabetes100, change, [bytes])
}

async function live(bundles: readonly TestBundle[]): Promise<RealLife> {
  let life: RealLife | null = null
  const status = (): never => {
    throw new Error('not asked here')
  }
  const started = await startRealLife(temporaryDirectory(), bundles, {
    onAsk: (ask) => ({ status: 200, body: answerAsk(ask, { convergence: life!.convergence, status }) }),
  })
  onTestFinished(() => started.stop())
  life = started
  return started
}
async function converged(life: RealLife, counter: number, of: TestBundle, watched: number): Promise<void> {
  life.convergence.order(signedOrder(counter, { reader: of }, { probation: { inferences: watched } }))
  await until(() => life.serves('reader') === of.digest, `${of.manifest.version} serves`)
}

test('a model that gives NaN for a live input is taken back', async () => {
  const [good, bad] = [numberModel('Abs', '1.0.0'), numberModel('Sqrt', '1.1.0')]
  const life = await live([good, bad])
  await converged(life, 1, good, 0)
  await converged(life, 2, bad, 500)
  const ask = (x: number) => call(`${life.tested.url}/v2/models/reader/infer`, { body: inferBody('x', [[x]]) })
  expect((await ask(4)).body.outputs[0].data).toEqual([2])
  await ask(-4)
  await until(() => life.serves('reader') === good.digest, 'taken back')
  expect(life.convergence.deployments()['reader']).toMatchObject({
    state: 'reverted',
    problem: { code: 'watch.failed', message: 'number 1.1.0: 1 of 2 answers had NaN or infinity; 0 % are allowed.' },
  })
  expect((await ask(-4)).body.outputs[0].data).toEqual([4])
})

test('a sound model passes its watch by its own live inferences', async () => {
  const life = await live([v1, v2])
  await converged(life, 1, v1, 0)
  await converged(life, 2, v2, 30)
  for (const { row } of labelledRows('digits/stream.csv', 30)) {
    const { status } = await call(`${life.tested.url}/v2/models/reader/infer`, { body: inferBody('pixels', [row]) })
    expect(status).toBe(200)
  }
  await until(() => life.convergence.deployments()['reader']?.watch === null, 'passed')
  expect(life.told.at(-1)).toMatchObject({ name: 'model.committed' })
})

test('an inference that comes as a message is answered as over HTTP', async () => {
  const life = await live([v1])
  await converged(life, 1, v1, 0)
  const body = inferBody('pixels', [labelledRows('digits/stream.csv', 1)[0]!.row])
  const [http, message] = [
    await call(`${life.tested.url}/v2/models/reader/infer`, { body }),
    await life.tested.generations.infer('reader', body),
  ]
  expect([message.status, Reflect.get(message.body, 'outputs')]).toEqual([200, http.body.outputs])
  expect(await life.tested.generations.infer('nobody', body)).toMatchObject({ status: 404, body: { code: 'inference.not-found' } })
})

test('the local API locks, unlocks and goes back', async () => {
  const life = await live([v1, v2])
  await converged(life, 1, v1, 0)
  await converged(life, 2, v2, 500)
  const { url } = life.tested
  expect(await call(`${url}/v1/lock`, { body: { reason: 'surgery', seconds: 60 } })).toMatchObject({
    status: 200,
    body: { reason: 'surgery' },
  })
  expect(life.convergence.currentLock()).toMatchObject({ reason: 'surgery' })
  expect(await call(`${url}/v1/lock`, { body: { reason: 'surgery', until: 5 } })).toMatchObject({
    status: 400,
    body: { code: 'lock.invalid' },
  })
  expect((await call(`${url}/v1/revert/reader`, { body: { reason: 'wrong labels' } })).body).toMatchObject({
    ...{ deployment: 'reader', from: { version: '1.1.0' }, to: { version: '1.0.0' } },
  })
  await until(() => life.serves('reader') === v1.digest, 'back, in spite of the lock')
  expect(await call(`${url}/v1/revert/reader`, { body: { reason: 'again' } })).toMatchObject({
    status: 409,
    body: { code: 'revert.nothing' },
  })
  expect(await call(`${url}/v1/lock`, { method: 'DELETE' })).toMatchObject({ status: 200, body: { wasLocked: true } })
  expect(life.convergence.currentLock()).toBeNull()
})
