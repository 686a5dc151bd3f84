import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startProgram, until } from '../../build/demo/child.ts'
import { LocalAgent } from '../../build/demo/local-fleet.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'

test('a console whose keys are lost says so and what to do; devices follow new ones, or are enrolled anew', async () => {
  const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
  const { host, agents, directory } = fleet
  const muster = async (...args: string[]): Promise<{ code: unknown; output: string }> => {
    const program = startProgram('electron/core/cli.ts', ['--data', host.data, ...args])
    return { code: await program.ended, output: program.output() }
  }
  const start = () => muster('console', '--headless', '--no-recovery', '--port', '0', '--mqtt-port', '0')
  await importSample(host, 'digits', '1.0.0')
  await deployEverywhere(fleet, 'digits', '1.0.0')
  await host.stop()

  // Keys that the root can replace: no device is touched.
  const keys = join(host.data, 'keys')
  for (const name of ['timestamp.pem', 'bundle.pem']) rmSync(join(keys, name))
  expect(await start()).toMatchObject({ code: 7, output: expect.stringMatching(/trust\.key-missing[\s\S]*keys repair/) })
  expect(readdirSync(keys)).not.toContain('timestamp.pem')
  expect(await muster('keys', 'repair')).toMatchObject({ code: 0, output: expect.stringContaining('devices follow') })
  await host.launch()
  await until('the device to follow', 40, async () => (await host.rpc!.call('keys.show', {})).devices.newestRoot === 1)
  await importSample(host, 'digits', '1.1.0')
  await deployEverywhere(fleet, 'digits', '1.1.0')
  await host.stop()

  // All of them: as after a restore without keys.
  rmSync(keys, { recursive: true })
  expect(await start()).toMatchObject({ code: 7, output: expect.stringContaining('trust.key-missing') })
  expect(await muster('keys', 'repair')).toMatchObject({ code: 7, output: expect.stringContaining('--anew') })
  expect(await muster('keys', 'repair', '--anew')).toMatchObject({ code: 0, output: expect.stringContaining('enrolled anew') })
  await host.launch()
  await until('the old trust to be noticed', 40, async () => (await host.rpc!.call('keys.show', {})).devices.refusing === 1)
  const { guards } = await host.rpc!.call('trust.show', {})
  expect(guards.find(({ id }) => id === 'signed-bytes')).toMatchObject({ state: 'attention' })

  await agents[0]!.stop()
  await host.rpc!.call('devices.remove', { device: 'cam-1' })
  agents[0] = await LocalAgent.join(host.rpc!, join(directory, 'cam-1-anew'), { device: 'cam-1', labels: {} })
  await deployEverywhere(fleet, 'digits', '1.0.0')
  await until('the device to follow', 40, async () => (await host.rpc!.call('keys.show', {})).devices.current === 1)
}, 400_000)
