import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { madeAndStored } from '../../build/demo/proof.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { deployEverywhere, importSample } from '../harness/console.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

/** Mounts a small file system of its own; false where that is not allowed. */
function mountSmall(directory: string, mebibytes: number): boolean {
  mkdirSync(directory)
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'none', directory]).status !== 0) return false
  onTestFinished(() => void spawnSync('umount', ['-l', directory]))
  return true
}

/** Writes until nothing more fits. */
function fill(directory: string): string {
  const file = join(directory, 'filler')
  const fd = openSync(file, 'w')
  for (const size of [1024 * 1024, 4096, 1]) {
    try {
      for (;;) writeSync(fd, Buffer.alloc(size))
    } catch {
      // Full for this size; the next smaller one fills the rest.
    }
  }
  closeSync(fd)
  return file
}

test('case 33: the disk of the console fills up under load: it says so, loses nothing, and goes on when there is space', async (context) => {
  const directory = temporaryDirectory()
  const data = join(directory, 'console')
  if (!mountSmall(data, 48)) context.skip('mounting a small file system is not allowed here')
  const host = await LocalConsole.start(data, ['--log-level', 'error'])
  onTestFinished(() => host.crash())
  const agent = await LocalAgent.join(host.rpc!, join(directory, 'cam-1'), { device: 'cam-1' })
  onTestFinished(() => agent.crash())
  await importSample(host, 'digits', '1.0.0')
  await deployEverywhere({ host, agents: [agent], directory, mosquitto: null }, 'digits', '1.0.0')
  const stream = readStream('build/samples/digits/stream.csv')
  const load = new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 60 })
  await sleep(1500)
  // The ballast gives way first; so it is filled again, until the console has nothing left to release.
  const fillers = [fill(data)]
  const problem = await until('the console to say that its disk is full', 30, async () => {
    rmSync(join(data, 'filler'), { force: true })
    fillers.push(fill(data))
    return (await host.rpc!.call('system.status', {})).ingest.problem
  })
  expect(problem.code).toBe('store.disk-full')
  const refused = await host.rpc!.call('devices.setLabels', { query: '', labels: { site: 'x'.repeat(200) } }).then(
    () => 'done',
    (error: { code: string }) => error.code,
  )
  expect(['store.disk-full', 'done']).toContain(refused)
  rmSync(join(data, 'filler'))
  await until('the console to recover', 30, async () => (await host.rpc!.call('system.status', {})).ingest.problem === null)
  await sleep(1000)
  await load.stop()
  await sleep(1500)
  const proof = await until('every record to be stored', 30, () => madeAndStored(host.rpc!, [agent]))
  expect(proof).toMatchObject({ isEqual: true, dropped: 0 })
  expect(load.counts.firstFailure).toBeNull()
})

test('case 33: a console that was killed on a full disk starts on what was held back for it', async (context) => {
  const data = join(temporaryDirectory(), 'console')
  if (!mountSmall(data, 64)) context.skip('mounting a small file system is not allowed here')
  const host = await LocalConsole.start(data, ['--log-level', 'error'])
  onTestFinished(() => host.crash())
  const held = ['fleet.ballast', 'telemetry.ballast'].map((name) => join(data, name))
  await until('the console to hold its ballast', 30, () => held.every((file) => existsSync(file)))
  await host.rpc!.call('queries.save', { name: 'kept', query: 'site = lyon' })
  await host.crash()
  fill(data)
  await host.launch()
  expect((await host.rpc!.call('queries.list', {})).queries.map(({ name }) => name)).toEqual(['kept'])
}, 120_000)

test('cases 12 and 33: a model that does not fit twice on the disk of the device is refused before its first byte, and what served goes on serving', async (context) => {
  const directory = temporaryDirectory()
  const small = join(directory, 'cam-1')
  if (!mountSmall(small, 12)) context.skip('mounting a small file system is not allowed here')
  const host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error'])
  onTestFinished(() => host.crash())
  const agent = await LocalAgent.join(host.rpc!, small, { device: 'cam-1' })
  onTestFinished(() => agent.crash())
  await importSample(host, 'digits', '1.0.0')
  await importSample(host, 'digits', '1.1.0')
  await deployEverywhere({ host, agents: [agent], directory, mosquitto: null }, 'digits', '1.0.0')
  const filler = fill(small)
  await host.rpc!.call('deployments.apply', { query: '', model: 'digits', version: '1.1.0' })
  const refused = await until('the device to say that it has no space', 30, async () => {
    const { devices } = await host.rpc!.call('deployments.progress', { deployment: 'digits' })
    return devices.find((one) => one.problem !== null && /no-space|disk-full/.test(one.problem.code))
  })
  expect(refused.active?.version).toBe('1.0.0')
  const body = JSON.stringify({
    inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: readStream('build/samples/digits/stream.csv').rows[0] }],
  })
  // The first request may meet the connection of an older generation, which asks for another one.
  await until('the device to answer', 5, async () => (await fetch(`${agent.url}/v2/models/digits/infer`, { method: 'POST', body })).ok)
  rmSync(filler)
  await until('the device to run digits 1.1.0 after all', 60, async () => {
    const { devices } = await host.rpc!.call('deployments.progress', { deployment: 'digits' })
    return devices[0]?.active?.version === '1.1.0'
  })
})
