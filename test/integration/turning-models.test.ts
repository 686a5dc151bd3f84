import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import { startFleet, type TestFleet } from '../harness/console.ts'
import { call, inferBody } from '../harness/local-api.ts'
import { nanForLarge, workByInput } from '../harness/onnx/greedy-runs.ts'
import { model, smallGraph } from '../harness/onnx/model.ts'

interface Turn {
  name: string
  version: string
  build(): Uint8Array
  probation: object
  /** What live traffic asks, and the golden set never did: the number of the row grows with the turn. */
  ask(turn: number): number
  says: RegExp
}

/** Right for the numbers that a probe has, and otherwise for others. */
const turns: Turn[] = [
  {
    name: 'wrong',
    version: '2.0.0',
    build: nanForLarge,
    probation: {},
    ask: () => 5000,
    says: /NaN or infinity/,
  },
  {
    name: 'slow',
    version: '3.0.0',
    build: () => workByInput('3'),
    // 64 MB are written and summed up for each answer: no machine does that within 2 ms.
    probation: { latencyMs: 2, inferences: 200 },
    ask: () => 4000,
    says: /median latency/,
  },
  {
    name: 'larger with each call',
    version: '4.0.0',
    build: () => workByInput('4'),
    // What an order does not name stays: the budget of the turn before goes.
    probation: { inferences: 100_000, latencyMs: null },
    // Each call needs about 10 MB more than the one before, and none of it is given back.
    ask: (turn) => Math.round(Math.sqrt((turn * 10_000_000) / 4)),
    says: /grew by|holds \d+ MiB|ended for its memory/,
  },
]

async function importModel({ host, directory }: TestFleet, version: string, bytes: Uint8Array): Promise<void> {
  const file = join(directory, `turner-${version}.onnx`)
  writeFileSync(file, bytes)
  const { job } = await host.rpc!.call('models.import', { files: { model: await uploadFile(host.rpc!, host.address, file) } })
  await awaitJob(host.rpc!, job, `import of ${version}`)
}

type Ask = (number: number) => ReturnType<typeof call>

/** Orders a version and waits until it answers. */
async function deploy({ host }: TestFleet, version: string, probation: object, ask: Ask): Promise<void> {
  await host.rpc!.call('deployments.apply', { query: '', model: 'turner', version, probation })
  await until(`${version} to answer`, 40, async () => (await ask(3)).body.model_version === version)
}

test('case 23: models that are right in the probe and wrong, slow or growing in service are taken back by the device itself', async () => {
  const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
  const agent = fleet.agents[0]!
  const ask: Ask = (number) => call(`${agent.url}/v2/models/turner/infer`, { body: inferBody('x', [[number, number, number, number]]) })
  await importModel(fleet, '1.0.0', model({ graph: smallGraph() }))
  for (const { version, build } of turns) await importModel(fleet, version, build())
  await deploy(fleet, '1.0.0', { inferences: 1 }, ask)
  expect((await ask(3)).body.outputs[0].data).toEqual([3, 3, 3, 3])

  for (const { name, version, probation, ask: number, says } of turns) {
    await deploy(fleet, version, probation, ask)
    const answers = new Map<string, number>()
    let turn = 0
    await until(`the ${name} model to be taken back`, 60, async () => {
      turn += 1
      const answer = await ask(number(turn)).catch((error: Error) => ({ status: 0, body: { model_version: error.message } }))
      const key = answer.status === 200 ? String(answer.body.model_version) : `status ${answer.status}`
      answers.set(key, (answers.get(key) ?? 0) + 1)
      return key === '1.0.0'
    })
    // From here on nothing is asked of the failed one, and it does not come back by itself.
    for (let again = 0; again < 20; again += 1)
      expect((await ask(3)).body).toMatchObject({ model_version: '1.0.0', outputs: [{ data: [3, 3, 3, 3] }] })
    const status = (await agent.status()) as {
      deployments: Record<string, { state: string; problem: { code: string; message: string } | null }>
    }
    expect(status.deployments['turner']).toMatchObject({
      state: 'reverted',
      problem: { code: 'watch.failed', message: expect.stringMatching(says) },
    })
    process.stdout.write(
      `${name}: ${[...answers].map(([key, count]) => `${key} x${count}`).join(', ')}; ${status.deployments['turner']?.problem?.message}\n`,
    )
  }
})
