import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { connectConsole } from '../../electron/core/cli/connect.ts'
import { startCoreWorker, type CoreWorker } from '../harness/core-worker.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

const entry = resolve('electron/core/desktop/desktop-core.ts')

function argvOf(data: string): string[] {
  return ['--data', data, '--port', '0', '--mqtt-port', '0', '--fleet', 'Plant Lyon', '--log-level', 'error']
}

async function started(data: string, secretKey: string | null = null): Promise<CoreWorker> {
  const core = startCoreWorker(entry)
  core.tell({ type: 'start', argv: argvOf(data), secretKey })
  await until('the core to say something', 15, () => core.said.length > 0)
  return core
}

test('it runs the real core, answers RPC over ports, tells what changed, and stops in order', async () => {
  const data = temporaryDirectory()
  const core = await started(data)
  const address = JSON.parse(readFileSync(join(data, 'console.json'), 'utf8')) as { url: string; token: string }
  expect(core.said).toEqual([
    {
      type: 'ready',
      ...{ url: address.url, uploadKey: expect.not.stringContaining(address.token), fleet: 'plant-lyon', dataDirectory: data },
      brokerUrl: expect.stringMatching(/^mqtt:\/\/127\.0\.0\.1:\d+$/),
    },
  ])

  const window = core.connect()
  expect(await window.call('system.status', {})).toMatchObject({ fleetName: 'Plant Lyon', broker: { state: 'running' } })
  await expect(window.callAny('devices.nothing', {})).rejects.toMatchObject({ code: 'method.unknown' })
  await expect(window.callAny('devices.show', { device: 5 })).rejects.toMatchObject({ code: 'input.invalid' })

  // What is done over the WebSocket is heard at the port, and the other way round.
  const cli = await connectConsole({ data })
  const heard: string[] = []
  window.onChanged((topics) => heard.push(...topics))
  await cli.call('transfers.setLimit', { bytesPerSecond: 5000 })
  await until('the change to be heard', 5, () => heard.includes('transfers'))
  await window.call('transfers.setLimit', { bytesPerSecond: 6000 })
  expect((await cli.call('transfers.list', {})).limitBytesPerSecond).toBe(6000)
  cli.close()

  core.tell({ type: 'stop' })
  expect(await core.ended).toBe(0)
  await window.closed
  expect(existsSync(join(data, 'console.json'))).toBe(false)
})

test('many calls at once are all answered, each with its own answer', async () => {
  const core = await started(temporaryDirectory())
  const [first, second] = [core.connect(), core.connect()]
  const answers = await Promise.all(
    Array.from({ length: 600 }, (_, i) => (i % 3 === 0 ? second : first).callAny(i % 2 === 0 ? 'system.status' : 'transfers.list', {})),
  )
  expect(answers.map((answer) => Object.hasOwn(answer as object, 'transfers'))).toEqual(answers.map((_, i) => i % 2 === 1))
})

test('a directory that is in use is said with its code, and the process ends', async () => {
  const data = temporaryDirectory()
  await started(data)
  const second = await started(data)
  expect(second.said).toEqual([{ type: 'failed', problem: expect.objectContaining({ code: 'data-directory.in-use' }) }])
  expect(await second.ended).toBe(1)
})

test('a password is stored sealed under the key of the desktop; without the key there is none', async () => {
  const data = temporaryDirectory()
  const secretKey = randomBytes(32).toString('base64')
  const first = await started(data, secretKey)
  const broker = { kind: 'external' as const, url: 'mqtt://127.0.0.1:1', username: 'console', password: 'hunter2-of-the-broker' }
  await first.connect().call('settings.update', { broker })
  first.tell({ type: 'stop' })
  await first.ended
  expect(readFileSync(join(data, 'fleet.db')).includes('hunter2-of-the-broker')).toBe(false)

  const hasPassword = async (key: string | null): Promise<boolean | undefined> => {
    const core = await started(data, key)
    const { storedBroker } = await core.connect().call('settings.show', {})
    core.tell({ type: 'stop' })
    await core.ended
    return storedBroker?.hasPassword
  }
  expect(await hasPassword(secretKey)).toBe(true)
  expect(await hasPassword(null)).toBe(false)
})

test('arguments mean what they mean to `muster console`', async () => {
  const core = startCoreWorker(entry)
  core.tell({ type: 'start', argv: [...argvOf(temporaryDirectory()), '--mqtt-host', '0.0.0.0'], secretKey: null })
  await until('the core to say something', 15, () => core.said.length > 0)
  expect(core.said).toEqual([{ type: 'failed', problem: expect.objectContaining({ code: 'broker.tls-required' }) }])
})

test('what is no message is passed over', async () => {
  const core = startCoreWorker(entry)
  core.tell({ type: 'begin' } as never)
  core.tell(null as never)
  core.tell({ type: 'start', argv: argvOf(temporaryDirectory()), secretKey: null })
  await until('the core to say something', 15, () => core.said.length > 0)
  expect(core.said[0]!.type).toBe('ready')
})
