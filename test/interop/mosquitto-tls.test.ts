import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connectAsync } from 'mqtt'
import { freePort } from '../../build/demo/child.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { openCertificateOffice } from '../../electron/core/certificates/office.ts'
import {
  mosquittoAcl,
  mosquittoConfiguration,
  mosquittoEnrolAcl,
  mosquittoFiles,
  mosquittoPasswords,
} from '../../electron/core/certificates/mosquitto.ts'
import { serverRequest } from '../../electron/core/certificates/server-request.ts'
import { createExternalBroker } from '../../electron/core/hub/external.ts'
import { fleetCertificates, hasMosquittoClients } from '../harness/fleet-certificates.ts'
import { hasMosquitto } from '../harness/mosquitto.ts'
import { credentialsOf, online } from '../harness/tls-console.ts'

const isThere = hasMosquitto && hasMosquittoClients
if (!isThere) process.stderr.write('mosquitto or mosquitto-clients are not installed: the generated configuration is not tried\n')

async function listening(port: number): Promise<void> {
  for (let i = 0; i < 400; i += 1) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    await sleep(50)
  }
  throw new Error(`nothing listens on ${port}`)
}

/** Mosquitto with a configuration file; it ends with the test. */
async function startConfigured(configuration: string, port: number): Promise<{ broker: ChildProcess; said(): string }> {
  // Debian starts it as root and lets it step down to an account that may not read what this test has written.
  const user = process.getuid?.() === 0 ? 'root' : (process.env['USER'] ?? 'root')
  const text = readFileSync(configuration, 'utf8')
  if (!text.startsWith('user ')) writeFileSync(configuration, `user ${user}\n${text}`)
  const binary = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'].find(existsSync)!
  const broker = spawn(binary, ['-c', configuration], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [broker.stdout, broker.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  onTestFinished(() => void broker.kill('SIGKILL'))
  await listening(port)
  return { broker, said: () => said }
}

const root = 'muster/1/plant'

/** What tries to get in with the command line clients of Mosquitto. */
function clients({ port, enrolPort, cafile }: { port: number; enrolPort: number; cafile: string }) {
  const to = (at: number): string[] => ['-h', 'localhost', '-p', String(at), '-V', '311']
  const own = (files: { key: string; certificate: string }): string[] => [
    '--cafile',
    cafile,
    '--key',
    files.key,
    '--cert',
    files.certificate,
  ]
  const pub = (...args: string[]): boolean => spawnSync('mosquitto_pub', [...args, '-m', '{}', '-q', '1'], { timeout: 10_000 }).status === 0
  return {
    own,
    publishes: (files: { key: string; certificate: string }, device: string): boolean =>
      pub(...to(port), ...own(files), '-i', device, '-t', `${root}/device/${device}/reported`),
    /** Each wrong way with what it stands for; every one must be false. */
    wrong: (): Record<string, boolean> => ({
      'a password in place of a certificate': pub(
        ...to(port),
        '--cafile',
        cafile,
        '-i',
        'cam-1',
        '-u',
        'cam-1',
        '-P',
        'x',
        '-t',
        `${root}/device/cam-1/reported`,
      ),
      'no TLS': pub(...to(port), '-i', 'cam-1', '-t', `${root}/device/cam-1/reported`),
      'nobody at the listener for enrolment': pub(...to(enrolPort), '--cafile', cafile, '-i', 'x', '-t', `${root}/enrol/x`),
      'a guessed password at the listener for enrolment': pub(
        ...to(enrolPort),
        '--cafile',
        cafile,
        '-i',
        'x',
        '-u',
        'enrol-000',
        '-P',
        'guess',
        '-t',
        `${root}/enrol/x`,
      ),
    }),
    /** Topics that are heard within two seconds. */
    hears: (files: { key: string; certificate: string }, device: string, filter: string): string[] =>
      spawnSync('mosquitto_sub', [...to(port), ...own(files), '-i', device, '-t', filter, '-W', '2', '-F', '%t'], {
        timeout: 10_000,
        encoding: 'utf8',
      })
        .stdout.split('\n')
        .filter((line) => line !== ''),
  }
}

const noneGotIn = {
  'a password in place of a certificate': false,
  'no TLS': false,
  'nobody at the listener for enrolment': false,
  'a guessed password at the listener for enrolment': false,
}

test.skipIf(!isThere)(
  'the generated configuration lets console and devices in by their certificates, and nobody else',
  async () => {
    const directory = temporaryDirectory()
    const [port, enrolPort] = [await freePort(), await freePort()]
    const certificates = await fleetCertificates(join(directory, 'certificates'), 'plant')
    const office = openCertificateOffice({ directory: certificates.directory, fleet: () => 'plant', now: () => Date.now() })
    await office.makeConsole()
    const { key, csr } = await serverRequest(null)
    const now = Date.now()
    const [good, gone, foreign] = [
      await certificates.device('cam-1'),
      await certificates.device('cam-2'),
      await (await fleetCertificates(join(directory, 'foreign'), 'plant')).device('cam-1'),
    ]
    const list = (...serials: string[]): Promise<string> =>
      certificates.authority.revocationList(
        serials.map((serial) => ({ serial, revokedAt: now })),
        now,
      )
    const files: Record<keyof typeof mosquittoFiles, string> = {
      ...{
        key,
        certificate: (await certificates.authority.issueServer(csr, ['localhost'], now)).certificate,
        ca: certificates.authority.certificate,
      },
      ...{ acl: mosquittoAcl('plant'), enrolAcl: mosquittoEnrolAcl('plant'), passwords: mosquittoPasswords('right') },
      ...{ revoked: await list(gone.issued.serial), configuration: mosquittoConfiguration({ directory, port, enrolPort }) },
    }
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(directory, mosquittoFiles[name as keyof typeof files]), content, { mode: 0o600 })
    const { broker, said } = await startConfigured(join(directory, mosquittoFiles.configuration), port)

    const heard: string[] = []
    const events = { onMessage: (topic: string) => void heard.push(topic), onDeviceGone: () => undefined, onState: () => undefined }
    const account = { username: null, password: null, tls: await office.consoleTls() }
    const console = createExternalBroker({ fleet: 'plant', url: `mqtts://localhost:${port}`, ...account, log: () => undefined, events })
    await console.start()
    onTestFinished(() => console.stop())
    await console.publish(`${root}/device/cam-1/desired`, Buffer.from('{}'), { qos: 1, retain: true })
    await console.publish(`${root}/device/cam-2/desired`, Buffer.from('{}'), { qos: 1, retain: true })

    const client = clients({ port, enrolPort, cafile: join(directory, mosquittoFiles.ca) })
    expect(client.publishes(good.files, 'cam-1')).toBe(true)
    await vi.waitFor(() => expect(heard).toEqual([`${root}/device/cam-1/reported`]), 5000)
    expect(client.wrong()).toEqual(noneGotIn)
    expect([client.publishes(gone.files, 'cam-2'), client.publishes(foreign.files, 'cam-1')]).toEqual([false, false])
    // Mosquitto grants a wildcard and then delivers what the device may hear; that is its own order, and nothing else.
    for (const [filter, heard] of [
      [`${root}/device/cam-1/desired`, [`${root}/device/cam-1/desired`]],
      ['#', [`${root}/device/cam-1/desired`]],
      [`${root}/device/cam-2/desired`, []],
      [`${root}/device/+/reported`, []],
      ['$SYS/#', []],
    ] as const)
      expect([filter, client.hears(good.files, 'cam-1', filter)]).toEqual([filter, heard])
    // A device that writes where another one is heard gets no error in MQTT 3.1.1; nobody hears it.
    spawnSync('mosquitto_pub', [
      '-h',
      'localhost',
      '-p',
      String(port),
      '-V',
      '311',
      ...client.own(good.files),
      '-i',
      'cam-1',
      '-t',
      `${root}/device/cam-2/reported`,
      '-m',
      '{}',
    ])
    const enrol = [
      '-h',
      'localhost',
      '-p',
      String(enrolPort),
      '--cafile',
      join(directory, mosquittoFiles.ca),
      '-u',
      'enrol-017',
      '-P',
      'right',
      '-V',
      '311',
    ]
    // A guest that claims the id of a device, or of the console, takes nobody's place: its id is its account.
    const device = await connectAsync(`mqtts://localhost:${port}`, {
      ...{ key: good.key, cert: good.issued.certificate, ca: certificates.authority.certificate },
      ...{ clientId: 'cam-1', protocolVersion: 4, reconnectPeriod: 0 },
    })
    onTestFinished(() => device.endAsync(true))
    const orders: string[] = []
    device.on('message', (topic) => orders.push(topic))
    await device.subscribeAsync(`${root}/device/cam-1/desired`, { qos: 1 })
    for (const id of ['cam-1', 'muster.console'])
      spawnSync('mosquitto_pub', [...enrol, '-i', id, '-t', `${root}/enrol/taken`, '-m', '{}', '-q', '1'])
    await vi.waitFor(() => expect(heard.filter((topic) => topic.endsWith('/taken'))).toHaveLength(2), 5000)
    expect(device.connected).toBe(true)
    spawnSync('mosquitto_pub', [...enrol, '-t', `${root}/device/cam-1/reported`, '-m', '{}', '-q', '1'])
    spawnSync('mosquitto_pub', [...enrol, '-t', `${root}/enrol/abc`, '-m', '{}', '-q', '1'])
    await vi.waitFor(() => expect(heard.at(-1)).toBe(`${root}/enrol/abc`), 5000)
    expect(heard.filter((topic) => topic.includes('/device/'))).toEqual([`${root}/device/cam-1/reported`])

    // With a mere reload nobody comes in with what was taken back, but who is in stays: the broker is restarted.
    const configuration = join(directory, mosquittoFiles.configuration)
    writeFileSync(join(directory, mosquittoFiles.revoked), await list(gone.issued.serial, good.issued.serial))
    broker.kill('SIGHUP')
    await vi.waitFor(() => expect(said()).toMatch(/Reloading config/), 20_000)
    await console.publish(`${root}/device/cam-1/desired`, Buffer.from('{}'), { qos: 1, retain: false })
    await vi.waitFor(() => expect(orders).toHaveLength(2), 5000)
    broker.kill('SIGKILL')
    await once(broker, 'exit')
    await startConfigured(configuration, port)
    expect([device.connected, client.publishes(good.files, 'cam-1')]).toEqual([false, false])
    expect(said()).not.toMatch(/Error: (?!Client|Connection|OpenSSL|Protocol)/)
  },
  180_000,
)

test.skipIf(!isThere)(
  'the command writes that configuration, the console moves to it, and a device enrols there and comes in',
  async () => {
    const directory = temporaryDirectory()
    const [port, enrolPort] = [await freePort(), await freePort()]
    const host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error'])
    onTestFinished(() => host.crash())
    const muster = (...args: string[]) =>
      spawnSync(process.execPath, ['electron/core/cli.ts', '--data', host.data, '--json', ...args], { encoding: 'utf8' })
    const out = join(directory, 'mosquitto')
    const made = muster(
      'broker',
      'mosquitto-config',
      '--out',
      out,
      '--name',
      'localhost',
      '127.0.0.1',
      '--port',
      String(port),
      '--enrol-port',
      String(enrolPort),
    )
    expect([made.status, made.stderr]).toEqual([0, ''])
    const { broker } = await startConfigured(join(out, mosquittoFiles.configuration), port)

    // The console was started with flags for a port, which decide; the stored choice counts after a start without them.
    await host.stop()
    const rpc = await restartWith(host, `mqtts://localhost:${port}`)
    await vi.waitFor(async () => expect((await rpc.call('system.status', {})).broker.state).toBe('running'), 20_000)
    const code = await rpc.call('devices.createCode', { device: 'cam-1' })
    expect(code.brokerUrl).toMatch(new RegExp(`^mqtts://enrol-nnn:.+@localhost:${enrolPort}$`))
    const agent = await LocalAgent.join(rpc, join(directory, 'cam-1'), { device: 'cam-1' })
    onTestFinished(() => agent.crash())
    await online(rpc, 'cam-1')
    await vi.waitFor(async () => expect((await rpc.call('devices.show', { device: 'cam-1' })).events.length).toBeGreaterThan(0), 20_000)
    await agent.stop()

    const { current } = credentialsOf(agent)
    const own = { key: join(directory, 'key.pem'), certificate: join(directory, 'cert.pem') }
    writeFileSync(own.key, current.key)
    writeFileSync(own.certificate, current.certificate)
    const client = clients({ port, enrolPort, cafile: join(out, mosquittoFiles.ca) })
    expect([client.publishes(own, 'cam-1'), client.wrong()]).toEqual([true, noneGotIn])

    // A certificate that is taken back is refused after a restart with the new list, and the page Trust says so until that list is written.
    const papers = async () => (await rpc.call('trust.show', {})).guards.find(({ id }) => id === 'broker.papers')
    expect(await papers()).toMatchObject({ state: 'on' })
    await rpc.call('devices.revoke', { device: 'cam-1', reason: 'stolen' })
    expect(await papers()).toMatchObject({ state: 'attention', sentence: expect.stringContaining('cam-1 was shut out') })
    expect(muster('broker', 'revoked', '--out', join(out, 'revoked.pem')).status).toBe(0)
    expect(await papers()).toMatchObject({ state: 'on' })
    broker.kill('SIGKILL')
    await once(broker, 'exit')
    await startConfigured(join(out, mosquittoFiles.configuration), port)
    expect(client.publishes(own, 'cam-1')).toBe(false)
  },
  180_000,
)

async function restartWith(host: LocalConsole, url: string) {
  const again = await LocalConsole.start(host.data, ['--log-level', 'error', '--broker', url])
  onTestFinished(() => again.crash())
  return again.rpc!
}
