import { spawnSync } from 'node:child_process'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { freePort } from '../../build/demo/child.ts'
import { LocalAgent } from '../../build/demo/local-fleet.ts'
import { hasMosquittoClients } from '../harness/fleet-certificates.ts'
import { acts, credentialsOf, joinOverTls, online, refusals, spooled, startTlsConsole } from '../harness/tls-console.ts'

test('in quarantine a device keeps answering and connecting; its records wait, and come when it is released', async () => {
  const console = await startTlsConsole()
  const { rpc } = console
  const agent = await joinOverTls(console, 'cam-1')
  await vi.waitFor(async () => expect((await rpc.call('devices.show', { device: 'cam-1' })).events.length).toBeGreaterThan(0), 10_000)
  await rpc.call('devices.quarantine', { device: 'cam-1', reason: 'it behaves oddly' })
  const before = (await rpc.call('devices.show', { device: 'cam-1' })).events.length
  await agent.stop()
  await agent.launch()
  await online(rpc, 'cam-1')
  expect(await agent.isLive()).toBe(true)
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect((await rpc.call('devices.show', { device: 'cam-1' })).events.length).toBe(before)
  expect((await rpc.call('devices.trust', { device: 'cam-1' })).quarantined).toMatchObject({ why: 'it behaves oddly' })
  await rpc.call('devices.release', { device: 'cam-1' })
  await vi.waitFor(async () => expect((await rpc.call('devices.show', { device: 'cam-1' })).events.length).toBeGreaterThan(before), 40_000)
})

test('case 30: two machines with one identity are seen and told of; by the usual policy both go on until a person shuts them in', async () => {
  const console = await startTlsConsole()
  const { rpc, directory } = console
  const agent = await joinOverTls(console, 'cam-1')
  cpSync(agent.directory, join(directory, 'clone'), { recursive: true, filter: (path) => !/\.(lock|sock)/.test(path) })
  const clone = new LocalAgent({ device: 'cam-1', directory: join(directory, 'clone'), httpPort: await freePort() })
  onTestFinished(() => clone.crash())
  await clone.launch()
  await vi.waitFor(async () => expect((await rpc.call('devices.trust', { device: 'cam-1' })).cloned).not.toBeNull(), 30_000)
  const trust = await rpc.call('devices.trust', { device: 'cam-1' })
  expect(trust.cloned!.why).toMatch(/take turns/)
  expect([(await rpc.call('devices.policy', {})).onClone, trust.quarantined]).toEqual(['alarm', null])
  expect(acts(console, 'devices.cloned')).toHaveLength(1)
  await rpc.call('devices.quarantine', { device: 'cam-1', reason: 'seen twice' })
  expect((await rpc.call('devices.trust', { device: 'cam-1' })).quarantined).toMatchObject({ why: 'seen twice' })
  expect([await agent.isLive(), await clone.isLive()]).toEqual([true, true])
  // What either says of its end waits with it.
  await agent.stop()
  expect(spooled(agent)).toBeGreaterThan(0)
})

test.skipIf(!hasMosquittoClients)(
  'cases 42 to 44: mosquitto clients try every wrong way, with the papers of a device; each is in the audit log',
  async () => {
    const console = await startTlsConsole()
    const { host, directory } = console
    const agent = await joinOverTls(console, 'cam-1')
    await agent.stop()
    const { current } = credentialsOf(agent)
    const files = { key: join(directory, 'key.pem'), cert: join(directory, 'cert.pem'), cafile: join(directory, 'ca.pem') }
    writeFileSync(files.key, current.key)
    writeFileSync(files.cert, current.certificate)
    writeFileSync(files.cafile, current.ca)
    const base = ['-h', '127.0.0.1', '-p', String(host.mqttPort), '-i', 'cam-1', '-u', 'cam-1', '-V', '311', '-k', '60']
    const papers = Object.entries(files).flatMap(([flag, file]) => [`--${flag}`, file])
    const root = 'muster/1/plant'
    const tries: { name: string; program: 'mosquitto_pub' | 'mosquitto_sub'; args: string[]; reason: RegExp }[] = [
      { name: 'everything', program: 'mosquitto_sub', args: ['-t', '#'], reason: /^subscribe to #$/ },
      { name: 'a wildcard', program: 'mosquitto_sub', args: ['-t', '+/x'], reason: /^subscribe to \+\/x$/ },
      { name: 'the broker itself', program: 'mosquitto_sub', args: ['-t', '$SYS/#'], reason: /^subscribe to \$SYS\/#$/ },
      { name: 'a shared subscription', program: 'mosquitto_sub', args: ['-t', '$share/g/#'], reason: /^subscribe to \$share\/g\/#$/ },
      {
        name: 'orders of another device',
        program: 'mosquitto_sub',
        args: ['-t', `${root}/device/cam-2/desired`],
        reason: /^subscribe to .*cam-2\/desired$/,
      },
      {
        name: 'a forbidden filter beside an allowed one',
        program: 'mosquitto_sub',
        args: ['-t', `${root}/device/cam-1/desired`, '-t', `${root}/device/+/desired`],
        reason: /^subscribe to .*device\/\+\/desired$/,
      },
      {
        name: 'the topic of another device',
        program: 'mosquitto_pub',
        args: ['-t', `${root}/device/cam-2/presence`, '-m', '{}', '-q', '1'],
        reason: /^publish on .*cam-2\/presence$/,
      },
      {
        name: 'its own order',
        program: 'mosquitto_pub',
        args: ['-t', `${root}/device/cam-1/desired`, '-m', '{}', '-q', '1', '-r'],
        reason: /^publish on .*cam-1\/desired$/,
      },
      { name: 'QoS 2', program: 'mosquitto_pub', args: ['-t', `${root}/device/cam-1/reported`, '-m', '{}', '-q', '2'], reason: /QoS 2/ },
      { name: 'the broker itself, to write', program: 'mosquitto_pub', args: ['-t', '$SYS/x', '-m', '{}', '-q', '1'], reason: /\$SYS|\$/ },
      {
        name: 'a will on another topic',
        program: 'mosquitto_sub',
        args: ['-t', `${root}/device/cam-1/desired`, '--will-topic', `${root}/device/cam-2/presence`, '--will-payload', 'x'],
        reason: /will on .*cam-2\/presence is not allowed/,
      },
      { name: 'another client id', program: 'mosquitto_sub', args: ['-i', 'cam-2', '-t', 'x'], reason: /do not name one device/ },
    ]
    for (const { name, program, args, reason } of tries) {
      const known = refusals(console).length
      spawnSync(program, [...base, ...papers, ...(program === 'mosquitto_sub' ? ['-W', '1'] : []), ...args], { timeout: 5000 })
      await vi.waitFor(
        () =>
          expect([
            name,
            refusals(console)
              .slice(known)
              .map((one) => one.cause)
              .join('\n'),
          ]).toEqual([name, expect.stringMatching(new RegExp(reason.source, 'm'))]),
        3000,
      )
    }
    expect(new Set(refusals(console).map(({ client }) => client))).toEqual(new Set(['cam-1', 'cam-2']))
    const flood = refusals(console).length
    for (let i = 0; i < 5; i += 1) spawnSync('mosquitto_sub', [...base, ...papers, '-W', '1', '-t', '#'], { timeout: 5000 })
    // The same again is counted, and told later: one line, not one for each.
    expect(refusals(console).length).toBe(flood)
  },
)
