import { spawn, type ChildProcess } from 'node:child_process'
import { connect as connectPlain } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { connect, connectAsync, type IClientOptions } from 'mqtt'
import { generate } from 'mqtt-packet'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Refused } from '../../../../../electron/core/hub/refusals.ts'
import type { HubDevice } from '../../../../../electron/core/hub/messages.ts'
import { createAccess } from '../../../../../electron/core/hub/access.ts'
import { CODE, FLEET, hubDevice, REQUEST, secretOf, startEmbedded } from '../../../../harness/embedded-broker.ts'
import { fleetCertificates, hasOpenssl, type FleetCertificates, type Papers } from '../../../../harness/fleet-certificates.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'

const DAY = 86_400_000
let ours: FleetCertificates
let foreign: FleetCertificates
let papers: Record<'cam1' | 'revoked' | 'expired' | 'early' | 'foreign' | 'stranger', Papers>

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'muster-tls-'))
  ours = await fleetCertificates(join(directory, 'ours'), FLEET)
  foreign = await fleetCertificates(join(directory, 'foreign'), 'other')
  const now = Date.now()
  papers = {
    cam1: await ours.device('cam-1'),
    revoked: await ours.device('cam-1'),
    expired: await ours.device('cam-1', now - 100 * DAY),
    early: await ours.device('cam-1', now + DAY),
    foreign: await foreign.device('cam-1'),
    stranger: await ours.device('cam-9'),
  }
  return () => rmSync(directory, { recursive: true, force: true })
})

/** A broker over TLS that knows cam-1 by one certificate, and cam-2 by its secret only. */
async function startTls() {
  const { serial, notAfter } = papers.cam1.issued
  const known: HubDevice[] = [{ ...hubDevice('cam-1'), certificates: [{ serial, notAfter }] }, hubDevice('cam-2')]
  const access = createAccess({ fleet: FLEET, devices: known, codes: [CODE], mayFetch: () => false })
  const refusals: Refused[] = []
  const messages: string[] = []
  const broker = await startEmbedded({
    ...{ access, tls: { ...ours.tls, localPort: 0 }, limits: { guard: { connectTimeoutMs: 60_000 } } },
    events: {
      onMessage: (topic) => messages.push(topic),
      onDeviceGone: () => undefined,
      onState: () => undefined,
      onRefused: (refused) => refusals.push(refused),
    },
  })
  return { ...broker, access, refusals, messages, known }
}

function isOpen(port: number, address: string): Promise<boolean> {
  const socket = connectPlain(port, address)
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    onTestFinished(() => void socket.destroy())
  })
}

const credentials = (one: Papers): IClientOptions => ({ key: one.key, cert: one.issued.certificate, ca: ours.tls.ca })
const asDevice = { clientId: 'cam-1', username: 'cam-1', protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 3000 } as const
const join1 = async (port: number, part: IClientOptions = {}) => {
  const client = await connectAsync(`mqtts://127.0.0.1:${port}`, { ...asDevice, ...credentials(papers.cam1), ...part })
  onTestFinished(() => client.endAsync(true))
  return client
}

/** Tries to come in; false: the connection ended before it was accepted. */
async function isLetIn(port: number, options: IClientOptions): Promise<boolean> {
  const client = connect(`mqtts://127.0.0.1:${port}`, { ...asDevice, ...options })
  client.on('error', () => undefined)
  const isIn = await new Promise<boolean>((resolve) => {
    client.once('connect', () => resolve(true))
    client.once('close', () => resolve(false))
  })
  client.end(true)
  return isIn
}

/** What a device shows and says that wants in, and what the broker notes. */
interface Way {
  name: string
  options: () => IClientOptions
  reason: RegExp
}

const wrongWays: Way[] = [
  { name: 'no certificate', options: () => ({ ca: ours.tls.ca }), reason: /no client certificate/ },
  {
    name: 'no certificate, with the right secret',
    options: () => ({ ca: ours.tls.ca, password: secretOf('cam-1') }),
    reason: /no client certificate/,
  },
  { name: 'a certificate of another authority', options: () => credentials(papers.foreign), reason: /not of the authority/ },
  { name: 'an expired certificate', options: () => credentials(papers.expired), reason: /expired/ },
  { name: 'a certificate of tomorrow', options: () => credentials(papers.early), reason: /not valid yet/ },
  { name: 'a revoked certificate', options: () => credentials(papers.revoked), reason: /revoked/ },
  {
    name: 'the right certificate and another client id',
    options: () => ({ ...credentials(papers.cam1), clientId: 'cam-2' }),
    reason: /do not name one device/,
  },
  {
    name: 'the right certificate and another user name',
    options: () => ({ ...credentials(papers.cam1), username: 'cam-2' }),
    reason: /do not name one device/,
  },
  {
    name: 'a certificate of a device that is not there',
    options: () => ({ ...credentials(papers.stranger), clientId: 'cam-9', username: 'cam-9' }),
    reason: /no device of this fleet/,
  },
  {
    name: 'the certificate of the broker itself',
    options: () => ({ key: ours.tls.key, cert: ours.tls.certificate, ca: ours.tls.ca }),
    reason: /not one of a client|do not name/,
  },
  { name: 'MQTT 5', options: () => ({ ...credentials(papers.cam1), protocolVersion: 5 }), reason: /3\.1\.1 is served/ },
  {
    name: 'MQTT 3.1',
    options: () => ({ ...credentials(papers.cam1), protocolVersion: 3, protocolId: 'MQIsdp' }),
    reason: /3\.1\.1 is served/,
  },
]

describe('case 40: a device that wants in over TLS', () => {
  it('comes in with its certificate, without a password', async () => {
    const { port, refusals } = await startTls()
    const device = await join1(port)
    expect(device.connected).toBe(true)
    expect(refusals).toEqual([])
  })

  it.each(wrongWays)('is refused at once, not by a timeout, with $name', async ({ options, reason }) => {
    const { port, refusals } = await startTls()
    expect(await isLetIn(port, options())).toBe(false)
    await vi.waitFor(() => expect(refusals.map((refused) => refused.reason).join()).toMatch(reason))
    expect(refusals[0]!.address).toContain('127.0.0.1')
  })

  it('is refused with an empty client id and clean=0', async () => {
    const { port, refusals } = await startTls()
    const socket = connectTls({ port, host: '127.0.0.1', ca: ours.tls.ca, key: papers.cam1.key, cert: papers.cam1.issued.certificate })
    socket.on('error', () => undefined)
    const closed = new Promise((resolve) => socket.resume().once('close', resolve))
    // No library writes this packet: CONNECT of 3.1.1 with no flag set, keepalive 60 and a client id of no bytes.
    socket.write(Buffer.from([0x10, 12, 0, 4, ...Buffer.from('MQTT'), 4, 0, 0, 60, 0, 0]))
    await closed
    await vi.waitFor(() => expect(refusals).toHaveLength(1))
  })

  it('is cut off when its certificate ends, although the connection stands', async () => {
    const { port, broker, refusals } = await startTls()
    const device = await join1(port)
    const ended = new Promise<void>((resolve) => device.once('close', () => resolve()))
    vi.spyOn(Date, 'now').mockReturnValue(papers.cam1.issued.notAfter + 1000)
    onTestFinished(() => void vi.restoreAllMocks())
    await ended
    await vi.waitFor(() => expect([broker.connections, refusals.at(-1)?.reason]).toEqual([0, 'the client certificate has expired']))
  })
})

describe('who has no certificate', () => {
  it('may ask to join with a code, and nothing else', async () => {
    const { port, messages } = await startTls()
    const login = { clientId: `enrol-${REQUEST}`, username: 'enrol', password: CODE, protocolVersion: 4, reconnectPeriod: 0 } as const
    const guest = await connectAsync(`mqtts://127.0.0.1:${port}`, { ...login, ca: ours.tls.ca })
    onTestFinished(() => guest.endAsync(true))
    await guest.publishAsync(`muster/1/${FLEET}/enrol/${REQUEST}`, '{}', { qos: 1 })
    expect(messages).toEqual([`muster/1/${FLEET}/enrol/${REQUEST}`])
    const ended = new Promise<void>((resolve) => guest.once('close', () => resolve()))
    guest.publish(`muster/1/${FLEET}/device/cam-1/presence`, '{}', { qos: 1 })
    await ended
    expect(messages).toHaveLength(1)
  })

  it('comes in with its secret on loopback, where TLS is not asked for, and on no other address of the machine', async () => {
    const { localUrl } = await startTls()
    const device = await connectAsync(localUrl, { ...asDevice, password: secretOf('cam-1') })
    onTestFinished(() => device.endAsync(true))
    expect(device.connected).toBe(true)
    const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
    // Linux answers on the whole of 127/8, so there is another address even where the machine has no network.
    for (const { address } of [
      ...others.filter(({ address, family }) => family === 'IPv4' && address !== '127.0.0.1'),
      { address: '127.0.0.2' },
    ])
      expect([address, await isOpen(Number(new URL(localUrl).port), address)]).toEqual([address, false])
  })
})

describe('what is no TLS 1.3', () => {
  it('is refused: plain MQTT, HTTP, and nothing at all', async () => {
    const { port, refusals } = await startTls()
    for (const bytes of [
      generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: 'cam-1', keepalive: 60 }),
      'GET / HTTP/1.1\r\n\r\n',
    ]) {
      const socket = connectPlain(port, '127.0.0.1')
      socket.on('error', () => undefined)
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.write(bytes)
      await closed
    }
    expect(refusals.map(({ reason }) => reason)).toEqual(['no TLS: what came was no TLS', 'no TLS: what came was no TLS'])
  })

  it.skipIf(!hasOpenssl)('is refused: TLS 1.2 and older, as openssl offers them', async () => {
    const { port, refusals } = await startTls()
    expect((await shake(port, ['-tls1_2'])).output).toMatch(/alert protocol version|no protocols available/)
    expect((await shake(port, ['-tls1_1'])).output).toMatch(/alert protocol version|no protocols available/)
    expect(refusals[0]?.reason).toBe('no TLS: TLS 1.3 is needed')
    expect((await shake(port, ['-tls1_3', '-CAfile', ours.caFile])).output).toMatch(/Verify return code: 0 \(ok\)/)
  })
})

describe('a certificate that is taken back', () => {
  it('ends the connection at once, and does not come in again; the other one of the device does', async () => {
    const { port, access, broker, known } = await startTls()
    const device = await join1(port)
    const ended = new Promise<void>((resolve) => device.once('close', () => resolve()))
    const { serial, notAfter } = papers.revoked.issued
    for (const changed of access.upsert([{ ...known[0]!, certificates: [{ serial, notAfter }] }])) broker.recheck(changed)
    await ended
    expect(await isLetIn(port, credentials(papers.cam1))).toBe(false)
    const other = await join1(port, credentials(papers.revoked))
    // A change of nothing cuts nobody off.
    for (const changed of access.upsert([{ ...known[0]!, certificates: [{ serial, notAfter }] }])) broker.recheck(changed)
    expect(other.connected).toBe(true)
  })
})

/** A handshake of `openssl s_client` that ends by itself. */
async function shake(port: number, args: readonly string[]): Promise<{ output: string }> {
  const child: ChildProcess = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stdin!.end()
  await new Promise((resolve) => child.once('close', resolve))
  return { output }
}
