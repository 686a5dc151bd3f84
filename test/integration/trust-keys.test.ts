import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startProgram, until } from '../../build/demo/child.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { deployEverywhere, importSample, startFleet, type TestFleet } from '../harness/console.ts'

type Keys = OutputOf<'keys.show'>

/** A fleet with a folder of sticks and a passphrase beside it, and `muster` as a person runs it. */
async function fleetWithSticks(): Promise<{
  fleet: TestFleet
  stick(name: string): string
  muster(...args: string[]): Promise<{ code: unknown; output: string }>
  keys(): Promise<Keys>
}> {
  const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
  const stick = (name: string): string => {
    const path = join(fleet.directory, 'sticks', name)
    mkdirSync(path, { recursive: true })
    return path
  }
  writeFileSync(join(fleet.directory, 'passphrase'), 'four words that differ\n', { mode: 0o600 })
  return {
    ...{ fleet, stick },
    async muster(...args) {
      const program = startProgram('electron/core/cli.ts', ['--data', fleet.host.data, ...args])
      return { code: await program.ended, output: program.output() }
    },
    keys: () => fleet.host.rpc!.call('keys.show', {}),
  }
}

test('the ceremony: people hold the keys, devices follow, and new models need a person', async () => {
  const { fleet, stick, muster, keys } = await fleetWithSticks()
  const rpc = fleet.host.rpc!
  const passphrase = ['--passphrase-file', join(fleet.directory, 'passphrase')]
  await importSample(fleet.host, 'digits', '1.0.0')
  await deployEverywhere(fleet, 'digits', '1.0.0')
  await until('the device to follow the metadata', 20, async () => (await keys()).devices.current === 1)
  expect(await keys()).toMatchObject({
    mode: 'console',
    isLocked: false,
    root: { version: 1 },
    targets: { bundles: 1 },
    devices: { oldCount: 0 },
  })

  const made = await muster('keys', 'create', '--root-to', stick('a'), stick('b'), stick('c'), '--targets-to', stick('t'), ...passphrase)
  expect([made.code, made.output]).toEqual([0, expect.stringContaining('root 1 of 3')])
  expect(readdirSync(join(fleet.host.data, 'keys')).sort()).toEqual(
    ['assignment.pem', 'checkpoint-keys.json', 'offline.json', 'root-1.json', 'root-2.json', 'snapshot.pem', 'timestamp.pem'].sort(),
  )
  await until('the device to take the new root', 20, async () => (await keys()).devices.newestRoot === 1)

  // Locked: an import says so at once, and nothing is stored.
  await expect(importSample(fleet.host, 'digits', '1.1.0')).rejects.toThrow(expect.objectContaining({ code: 'trust.locked' }))
  expect(await muster('keys', 'unlock', '--minutes', '5', ...passphrase)).toMatchObject({ code: 0 })
  await importSample(fleet.host, 'digits', '1.1.0')
  expect(await muster('keys', 'lock')).toMatchObject({ code: 0 })
  await deployEverywhere(fleet, 'digits', '1.1.0')

  const files = (name: string): string => join(stick(name), readdirSync(stick(name))[0]!)
  expect(await muster('keys', 'drill', '--key', files('a'), ...passphrase)).toMatchObject({ code: 0 })
  expect((await keys()).keys.find(({ label }) => label === 'root 1 of 3')?.drill).toMatchObject({ problem: null })

  const rootKeys = ['--root-key', files('a'), files('c')]
  expect(await muster('keys', 'rotate', 'online', '--root-key', files('a'), ...passphrase)).toMatchObject({
    code: 3,
    output: expect.stringContaining('trust.root-keys-needed'),
  })
  expect(await muster('keys', 'recover', ...rootKeys, ...passphrase)).toMatchObject({ code: 0 })
  await until('the device to take the third root', 20, async () => (await keys()).devices.newestRoot === 1)
  // Orders by the new key, in the new epoch, are obeyed.
  await deployEverywhere(fleet, 'digits', '1.0.0')
  const device = await rpc.call('devices.show', { device: 'cam-1' })
  expect(JSON.stringify(device)).not.toContain('signature-invalid')
  const { guards } = await rpc.call('trust.show', {})
  expect(guards.filter(({ id }) => id === 'signed-bytes' || id === 'offline-keys').map(({ state }) => state)).toEqual(['on', 'on'])
  // What was typed stands nowhere in the data of the console.
  expect(readFileSync(join(fleet.host.data, 'fleet.db')).includes('four words that differ')).toBe(false)
})

test('case 52: with a passphrase the console starts, and no key of it lies open; without it, it does not start', async () => {
  const { fleet, keys } = await fleetWithSticks()
  const before = (await keys()).root.version
  await fleet.host.stop()
  process.env['MUSTER_PASSPHRASE_FILE'] = join(fleet.directory, 'passphrase')
  onTestFinished(() => void delete process.env['MUSTER_PASSPHRASE_FILE'])
  await fleet.host.launch()
  expect(await keys()).toMatchObject({ atRest: 'sealed', root: { version: before } })
  const folder = join(fleet.host.data, 'keys')
  for (const name of readdirSync(folder))
    expect([name, readFileSync(join(folder, name), 'utf8').includes('PRIVATE KEY')]).toEqual([name, false])
  await until('the device to come back', 30, async () => (await keys()).devices.current === 1)

  await fleet.host.stop()
  delete process.env['MUSTER_PASSPHRASE_FILE']
  const program = startProgram('electron/core/cli.ts', [
    '--data',
    fleet.host.data,
    'console',
    '--headless',
    '--port',
    '0',
    '--mqtt-port',
    '0',
  ])
  expect([await program.ended, program.output()]).toEqual([3, expect.stringContaining('trust.passphrase-needed')])
})
