import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { addForwardCommands } from '../../electron/core/cli/forward-commands.ts'
import { addCollectCommand } from '../../electron/core/cli/collect-command.ts'
import { runCommand, type Ran } from '../harness/command-line.ts'
import { startWebhookReceiver } from '../harness/webhook-receiver.ts'

let directory: string
let host: LocalConsole
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-forward-'))
  host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error'])
})
afterAll(async () => {
  await host?.crash()
  rmSync(directory, { recursive: true, force: true })
})

const muster = (...args: string[]): Promise<Ran> => runCommand(addForwardCommands, ['--data', host.data, 'forward', ...args])

test('a webhook is added, tried, told, paused, resumed and removed', async () => {
  const hook = await startWebhookReceiver('key')
  process.env['TEST_HOOK_KEY'] = 'key'
  const added = await muster(
    ...['add', 'webhook', '--name', 'Plant system', '--address', hook.url, '--events', 'audit'],
    ...['--secret-env', 'TEST_HOOK_KEY', '--allow-private', '--json'],
  )
  delete process.env['TEST_HOOK_KEY']
  expect(added.json()).toMatchObject({ forward: 'plant-system', state: 'running', hasSecret: true, waiting: 0 })
  expect(added.out).not.toContain('"key"')
  expect((await muster('test', 'plant-system')).out).toContain('plant-system works.')
  expect(hook.received.find(({ event }) => event.type === 'muster.test')).toMatchObject({ isSigned: true })
  // Making it left an entry in the audit log; so does each of what follows.
  await until('the entry is told', 20, () => hook.received.some(({ event }) => event.type === 'muster.audit.forward.set'))
  expect((await muster('pause', 'plant-system')).out).toContain('plant-system is paused.')
  expect((await muster('resume', 'plant-system')).out).toContain('plant-system is running.')
  await until('what happened meanwhile is told', 20, () => hook.received.some(({ event }) => event.type === 'muster.audit.forward.resume'))
  expect(hook.received.every(({ isSigned }) => isSigned)).toBe(true)
  expect((await muster('events', 'plant-system')).out).toContain('muster.audit.forward.pause')
  expect((await muster('status', 'plant-system')).out).toContain('plant-system (Plant system) is running')
  expect((await muster('list')).out).toContain(hook.url)
  expect((await muster('set', 'plant-system', '--events', 'model', '--json')).json()).toMatchObject({ settings: { events: ['model'] } })
  expect((await muster('remove', 'plant-system')).out).toContain('plant-system was removed')
  expect((await muster('list', '--json')).json()).toEqual({ forwards: [] })
})

test('what is wrong is said, with the exit code of its kind', async () => {
  expect(await muster('status', 'none')).toMatchObject({ exit: 4, err: expect.stringContaining('forward.not-found') as string })
  expect(await muster('add', 'fax')).toMatchObject({ exit: 2, err: expect.stringContaining("'fax' is none of") as string })
  expect(await muster('add', 'webhook')).toMatchObject({ exit: 2 })
  const copy = ['add', 'postgres', '--host', '127.0.0.1', '--port', '1', '--database', 'ops', '--user', 'muster', '--tls', 'off']
  expect((await muster(...copy, '--name', 'Warehouse')).out).toContain('muster@127.0.0.1:1/ops (muster)')
  expect(await muster('test', 'warehouse')).toMatchObject({ exit: 6, err: expect.stringContaining('forward.unreachable') as string })
  await until('the copy says so itself', 20, async () =>
    (await muster('status', 'warehouse')).out.includes('problem   forward.unreachable'),
  )
  expect((await muster('copy-again', 'warehouse')).out).toContain('warehouse copies 0 records at most.')
  expect((await muster('remove', 'warehouse')).exit).toBe(0)
})

test('a collector refuses secrets among its arguments', async () => {
  const collect = (...args: string[]): Promise<Ran> =>
    runCommand(addCollectCommand, ['collect', '--fleet', 'plant', '--name', 'a', ...args])
  const good = { broker: 'mqtt://127.0.0.1:1', postgres: 'postgres://muster@127.0.0.1:1/ops' }
  const refused = { exit: 2, err: expect.stringContaining('others on this machine see the arguments') as string }
  expect(await collect('--broker', 'mqtt://a:b@127.0.0.1:1', '--postgres', good.postgres)).toMatchObject(refused)
  expect(await collect('--broker', good.broker, '--postgres', 'postgres://muster:b@127.0.0.1:1/ops')).toMatchObject(refused)
  expect(await collect('--broker', good.broker, '--postgres', 'mysql://x/y')).toMatchObject({ exit: 2 })
  process.env['TEST_BROKER_PASSWORD'] = 'secret'
  onTestFinished(() => void delete process.env['TEST_BROKER_PASSWORD'])
  const open = ['--broker', 'mqtt://broker.example:1883', '--broker-password-env', 'TEST_BROKER_PASSWORD', '--postgres', good.postgres]
  expect(await collect(...open)).toMatchObject({ exit: 2, err: expect.stringContaining('could read the password') as string })
})
