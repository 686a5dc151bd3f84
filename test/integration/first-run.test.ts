import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, runProgram, until } from '../../build/demo/child.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { connectConsole } from '../../electron/core/cli/connect.ts'
import { startCore, type Core } from '../../electron/core/core.ts'
import type { BrokerOptions } from '../../electron/core/hub/messages.ts'
import { openFleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../electron/core/store/fleet/open.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import type { InputOf } from '../../shared/rpc/contract.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { CONSOLE_USER, hasMosquitto, startMosquitto } from '../harness/mosquitto.ts'

type BrokerInput = InputOf<'setup.complete'>['broker']

/** A console in this process, without flags: the settings decide, as for somebody who just opens it. */
async function started(data: string, broker?: BrokerOptions): Promise<{ core: Core; rpc: RpcClient }> {
  if (broker !== undefined) {
    const core = await startCore({ ...coreOptions(data), broker: { kind: 'embedded', host: '127.0.0.1', port: 0 } })
    await core.stop()
    const db = openFleet(join(data, 'fleet.db'))
    openFleetStore(db).settings.set('broker', broker)
    db.close()
  }
  const core = await startCore(coreOptions(data))
  onTestFinished(() => core.stop())
  const rpc = await connectConsole({ data })
  onTestFinished(() => rpc.close())
  return { core, rpc }
}

function coreOptions(dataDirectory: string) {
  return {
    ...{ dataDirectory, broker: null, http: { host: '127.0.0.1', port: 0 }, fleetName: null, checksOutput: true },
    clock: { now: Date.now, monotonic: () => performance.now() },
    log: () => undefined,
  }
}

async function embedded(): Promise<{ kind: 'embedded'; host: string; port: number }> {
  return { kind: 'embedded', host: '127.0.0.1', port: await freePort() }
}

const brokerState = async (rpc: RpcClient): Promise<string> => (await rpc.call('system.status', {})).broker.state

async function enrolAgent(rpc: RpcClient, device: string): Promise<LocalAgent> {
  const agent = await LocalAgent.join(rpc, join(temporaryDirectory(), device), { device })
  onTestFinished(() => agent.crash())
  return agent
}

const isOnline = async (rpc: RpcClient, device: string): Promise<boolean> =>
  (await rpc.call('devices.show', { device })).status === 'online'

test('the token of the interface outlives a restart, so that an open page connects again, until a new one is asked for', async () => {
  const data = join(temporaryDirectory(), 'console')
  const first = await LocalConsole.start(data, ['--log-level', 'error'])
  onTestFinished(() => first.crash())
  const { token } = first.address
  expect(await runProgram('electron/core/cli.ts', ['--data', data, 'open', '--print'])).toBe(`${first.address.url}/#key=${token}\n`)
  await first.crash()
  await first.launch()
  expect(first.address.token).toBe(token)
  await first.stop()

  const renewed = await LocalConsole.start(data, ['--log-level', 'error', '--new-token'])
  onTestFinished(() => renewed.crash())
  expect(renewed.address.token).not.toBe(token)
  await expect(connectConsole({ data, url: renewed.address.url, token })).rejects.toMatchObject({ code: 'access.denied' })
})

test('a console is set up by answers, or by flags that answer', async () => {
  const shown = async (flags: readonly string[]) => {
    const host = await LocalConsole.start(join(temporaryDirectory(), 'console'), ['--log-level', 'error', ...flags])
    const { isDone, fleet, broker } = await host.rpc!.call('setup.show', {})
    await host.stop()
    return { isDone, fleet, isFromFlags: broker.isFromFlags }
  }
  // The ports of a test are no answer.
  expect(await shown([])).toEqual({ isDone: false, fleet: 'fleet', isFromFlags: true })
  expect(await shown(['--fleet', 'Plant 7'])).toEqual({ isDone: true, fleet: 'plant-7', isFromFlags: true })
})

test('the setup names the fleet and its topics: devices join the new name, a code of the old one is worth nothing', async () => {
  const { core, rpc } = await started(join(temporaryDirectory(), 'console'), await embedded())
  const before = await rpc.call('setup.show', {})
  expect(before).toMatchObject({ isDone: false, fleet: 'fleet', canRename: true, broker: { kind: 'embedded', isFromFlags: false } })
  const { code } = await rpc.call('devices.createCode', {})
  const { hub } = await rpc.call('system.status', {})

  const { port } = await embedded()
  const done = await rpc.call('setup.complete', { fleetName: 'Plant 7, Lyon', broker: { kind: 'embedded', port } })
  expect(done).toMatchObject({ isDone: true, fleet: 'plant-7-lyon', fleetName: 'Plant 7, Lyon', canRename: true })
  expect(done.broker.url).toBe(`mqtt://127.0.0.1:${port}`)
  await until('the broker to be back', 30, async () => (await brokerState(rpc)) === 'running')
  const after = await rpc.call('system.status', {})
  expect(after).toMatchObject({ fleet: 'plant-7-lyon', setupDone: true, broker: { url: `mqtt://127.0.0.1:${port}` }, hub: { restarts: 0 } })
  expect(after.hub.pid).not.toBe(hub.pid)
  expect([core.fleet, core.brokerUrl]).toEqual(['plant-7-lyon', `mqtt://127.0.0.1:${port}`])

  const late = runProgram('agent/cli.ts', [
    'enroll',
    '--dir',
    join(temporaryDirectory(), 'late'),
    '--broker',
    core.brokerUrl,
    '--code',
    code,
  ])
  await expect(late).rejects.toThrow(/enrolment\.code-invalid/)
  await enrolAgent(rpc, 'cam-1')
  await until('cam-1 to be online', 30, () => isOnline(rpc, 'cam-1'))

  // With a device in it the fleet keeps its id; its name may change.
  const renamed = await rpc.call('setup.complete', { fleetName: 'Plant 8', broker: { kind: 'embedded', port } })
  expect(renamed).toMatchObject({ fleet: 'plant-7-lyon', fleetName: 'Plant 8', canRename: false })
  expect(await isOnline(rpc, 'cam-1')).toBe(true)
})

test('a broker that does not answer is told, and the one of before takes over again', async () => {
  const before = await embedded()
  const data = join(temporaryDirectory(), 'console')
  const { core, rpc } = await started(data, before)
  await enrolAgent(rpc, 'cam-1')
  await until('cam-1 to be online', 30, () => isOnline(rpc, 'cam-1'))

  const broker = { kind: 'external', url: `mqtt://127.0.0.1:${await freePort()}`, username: 'console', password: 'a-secret' } as const
  const changed = await rpc.call('settings.update', { broker })
  await until('the broker to be unreachable', 30, async () => (await brokerState(rpc)) === 'unreachable')
  expect(await rpc.call('system.status', {})).toMatchObject({
    broker: { kind: 'external', url: broker.url, problem: { code: 'broker.unreachable' } },
    devices: { online: 0 },
  })
  expect(changed.broker).toMatchObject({ kind: 'external', url: broker.url, username: 'console', hasPassword: true })
  expect(JSON.stringify([changed, await rpc.call('settings.show', {}), await rpc.call('setup.show', {})])).not.toContain('a-secret')

  await rpc.call('settings.update', { broker: before, fleetName: 'Plant' })
  await until('cam-1 to be back', 40, () => isOnline(rpc, 'cam-1'))
  expect(await brokerState(rpc)).toBe('running')
  await core.stop()
  const db = openFleet(join(data, 'fleet.db'))
  const audited = db.prepare<[], { detail: string }>('SELECT detail FROM audit').all()
  db.close()
  expect(audited.some(({ detail }) => detail.includes(broker.url))).toBe(true)
  expect(JSON.stringify(audited)).not.toContain('a-secret')
})

test('a chosen port that is taken by now does not keep the console from starting; with another one devices join', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const port = (taken.address() as { port: number }).port
  const { rpc } = await started(join(temporaryDirectory(), 'console'), { kind: 'embedded', host: '127.0.0.1', port })
  expect(await rpc.call('system.status', {})).toMatchObject({ broker: { state: 'stopped', problem: { code: 'port.in-use' } } })
  expect(await rpc.call('setup.checkBroker', { broker: { kind: 'embedded', port } })).toMatchObject({
    ok: false,
    problem: { code: 'port.in-use' },
  })
  const free = await embedded()
  expect(await rpc.call('setup.checkBroker', { broker: free })).toMatchObject({ ok: true, problem: null })
  await rpc.call('setup.complete', { fleetName: 'fleet', broker: free })
  await until('the broker to run', 30, async () => (await brokerState(rpc)) === 'running')
  await enrolAgent(rpc, 'cam-1')
  // The port that the console itself holds is no obstacle.
  expect(await rpc.call('setup.checkBroker', { broker: free })).toMatchObject({ ok: true, problem: null })
  // And a start with flags says so with its exit code, as scripts expect.
  await expect(startCore({ ...coreOptions(join(temporaryDirectory(), 'other')), broker: free })).rejects.toMatchObject({
    code: 'port.in-use',
  })
})

test('an address that others reach needs TLS: nobody opens it without by accident', async () => {
  const { rpc } = await started(join(temporaryDirectory(), 'console'), await embedded())
  const open = { kind: 'embedded', host: '0.0.0.0', port: await freePort() } as const
  await expect(rpc.call('setup.complete', { fleetName: 'fleet', broker: open })).rejects.toMatchObject({ code: 'broker.tls-required' })
  expect((await rpc.call('setup.show', {})).isDone).toBe(false)
  await rpc.call('setup.complete', { fleetName: 'fleet', broker: { ...open, tls: true, localPort: 0 } })
  await until('the broker to run', 30, async () => (await brokerState(rpc)) === 'running')
  const { broker } = await rpc.call('setup.show', {})
  expect(broker).toMatchObject({ host: '0.0.0.0', tls: { localPort: 0 }, url: expect.stringMatching(/^mqtts:/) as string })
})

test('a broker that is not there, or is none, is found out before it is stored', async () => {
  const { rpc } = await started(join(temporaryDirectory(), 'console'), await embedded())
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  onTestFinished(() => void silent.close())
  const check = async (url: string) => (await rpc.call('setup.checkBroker', { broker: { kind: 'external', url } })).problem?.code
  expect(await check(`mqtt://127.0.0.1:${await freePort()}`)).toBe('broker.unreachable')
  const began = performance.now()
  expect(await check(`mqtt://127.0.0.1:${(silent.address() as { port: number }).port}`)).toBe('broker.unreachable')
  expect(performance.now() - began).toBeLessThan(6500)
})

test.skipIf(!hasMosquitto)('an external broker is tried with its account and its rights, then used', async () => {
  const mosquitto = await startMosquitto(temporaryDirectory(), 'plant', ['cam-1'])
  onTestFinished(() => mosquitto.stop())
  const { rpc } = await started(join(temporaryDirectory(), 'console'), await embedded())
  const { username, password } = new URL(mosquitto.url(CONSOLE_USER))
  const url = `mqtt://127.0.0.1:${mosquitto.port}`
  const broker: BrokerInput = { kind: 'external', url, username, password }
  const check = (change: object, fleetName?: string) =>
    rpc.call('setup.checkBroker', { broker: { ...broker, ...change }, ...(fleetName === undefined ? {} : { fleetName }) })
  expect(await check({}, 'plant')).toMatchObject({ ok: true, problem: null })
  expect(await check({ password: 'wrong' }, 'plant')).toMatchObject({ ok: false, problem: { code: 'broker.refused' } })
  // Mosquitto lets the console in, and grants it topics that its rules then do not serve.
  expect((await check({}, 'plant')).note).not.toContain('rights')
  expect((await check({}, 'another')).note).toContain('rights')

  await rpc.call('setup.complete', { fleetName: 'plant', broker })
  await until('the broker to run', 30, async () => (await brokerState(rpc)) === 'running')
  const agent = await LocalAgent.join(rpc, join(temporaryDirectory(), 'cam-1'), { device: 'cam-1', brokerUrl: mosquitto.url('cam-1') })
  onTestFinished(() => agent.crash())
  await until('cam-1 to be online', 30, () => isOnline(rpc, 'cam-1'))
  // The stored password counts where none is given for the same account, and for no other one.
  expect(await check({ password: undefined })).toMatchObject({ ok: true })
  expect(await check({ password: undefined, username: 'cam-1' })).toMatchObject({ ok: false, problem: { code: 'broker.refused' } })
})
