import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { deployEverywhere, importSample } from '../harness/console.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

const programs = { console: 'dist/console/muster.mjs', agent: 'dist/agent/muster-agent.mjs' }

test('what `npm run build` makes does the main job', async () => {
  const built = spawnSync(process.execPath, ['build/bundle.ts'], { encoding: 'utf8' })
  expect([built.status, built.stderr]).toEqual([0, ''])
  const directory = temporaryDirectory()
  const host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error'], programs)
  onTestFinished(() => host.crash())
  const agent = await LocalAgent.join(host.rpc!, join(directory, 'cam-1'), { device: 'cam-1', programs })
  onTestFinished(() => agent.crash())
  const { evaluation } = await importSample(host, 'digits', '1.1.0')
  expect(evaluation.metrics['accuracy']).toBeCloseTo(0.964736, 6)
  await deployEverywhere({ host, agents: [agent], directory, mosquitto: null }, 'digits', '1.1.0')
  const stream = readStream('build/samples/digits/stream.csv')
  const body = JSON.stringify({ inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: stream.rows[0] }] })
  const answer = (await until('the model to answer', 5, async () => {
    const response = await fetch(`${agent.url}/v2/models/digits/infer`, { method: 'POST', body })
    return response.ok ? response.json() : null
  })) as { outputs: { name: string; data: number[] }[] }
  expect(answer.outputs.find((output) => output.name === 'label')?.data).toEqual([Number(stream.labels[0])])
})
