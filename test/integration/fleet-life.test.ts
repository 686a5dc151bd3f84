import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram, until } from '../../build/demo/child.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'

const stream = readStream('build/samples/digits/stream.csv')

test('two deployments on one device: one comes, is replaced and goes, and the other answers every request meanwhile', async () => {
  const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
  const { host, agents } = fleet
  const [agent] = agents
  await importSample(host, 'digits', '1.0.0')
  await importSample(host, 'wine', '1.0.0')
  await importSample(host, 'wine', '2.0.0')
  await deployEverywhere(fleet, 'digits', '1.0.0')
  const load = new Load({ agent: agent!, stream, model: 'digits', input: 'pixels', perSecond: 100 })
  await deployEverywhere(fleet, 'wine', '1.0.0')
  await deployEverywhere(fleet, 'wine', '2.0.0')
  const served = async (): Promise<string[]> =>
    (
      (await (await fetch(`${agent!.url}/v2/models`, { headers: { connection: 'close' } })).json()) as { models: string[] }
    ).models.toSorted()
  expect(await until('both to be served', 10, async () => ((await served()).length === 2 ? served() : null))).toEqual(['digits', 'wine'])
  const removed = await host.rpc!.call('deployments.remove', { query: '', deployment: 'wine' })
  expect(removed.devices).toEqual(['cam-1'])
  await until('wine to be gone', 20, async () => (await served()).join() === 'digits')
  await until(
    'the device to report it',
    20,
    async () => !('wine' in (await host.rpc!.call('devices.show', { device: 'cam-1' })).deployments),
  )
  await load.stop()
  expect(load.counts.firstFailure).toBeNull()
  await expect(host.rpc!.call('deployments.remove', { query: '', deployment: 'wine' })).rejects.toMatchObject({ code: 'device.none-match' })
})

test('a device that is taken out cannot connect any more; with a new code it comes back in the same folder and takes orders', async () => {
  const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
  const { host, agents, directory } = fleet
  const agent = agents[0]!
  await importSample(host, 'digits', '1.0.0')
  await deployEverywhere(fleet, 'digits', '1.0.0')
  await host.rpc!.call('devices.remove', { device: 'cam-1' })
  await until(
    'the agent to lose its connection',
    10,
    async () => !((await agent.status()) as { broker: { connected: boolean } }).broker.connected,
  )
  expect((await host.rpc!.call('devices.list', {})).total).toBe(0)
  await agent.stop()
  const made = await host.rpc!.call('devices.createCode', { device: 'cam-1' })
  await runProgram('agent/cli.ts', [
    'enroll',
    '--dir',
    join(directory, 'cam-1'),
    '--broker',
    made.brokerUrl,
    '--code',
    made.code,
    '--force',
  ])
  await agent.launch()
  await deployEverywhere(fleet, 'digits', '1.0.0')
})

test('case 48: the hub is killed: it is back within seconds, devices reconnect, and orders go on', async () => {
  const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
  const { host } = fleet
  await importSample(host, 'digits', '1.0.0')
  const before = (await host.rpc!.call('system.status', {})).hub
  process.kill(before.pid!, 'SIGKILL')
  const after = await until('a new hub', 10, async () => {
    const { hub, broker } = await host.rpc!.call('system.status', {})
    return hub.pid !== null && hub.pid !== before.pid && broker.state === 'running' ? hub : null
  })
  expect(after.restarts).toBe(1)
  await deployEverywhere(fleet, 'digits', '1.0.0')
})
