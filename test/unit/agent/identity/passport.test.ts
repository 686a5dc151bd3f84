import { createPublicKey, generateKeyPairSync, sign, verify, X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readCredentials, writeCredentials } from '../../../../agent/identity/credentials.ts'
import { certificateRequest, makeDeviceKey, makeSigningKey } from '../../../../agent/identity/device-key.ts'
import { openPassport } from '../../../../agent/identity/passport.ts'
import { identity as identitySchema, readIdentity, writeIdentity, type Identity } from '../../../../agent/identity.ts'
import type { Connection } from '../../../../agent/mqtt/connection.ts'
import { trustedKeys } from '../../../../agent/trust/verify.ts'
import { openAuthority, type Authority } from '../../../../electron/core/certificates/authority.ts'
import { certificateRequestText, type CertificateRequestMessage } from '../../../../shared/protocol/certificate.ts'
import { payloadTypes, preAuthEncoding, type Envelope } from '../../../../shared/protocol/envelope.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

const T0 = Date.UTC(2026, 0, 1)
const DAY = 86_400_000
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const root = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('base64')
const keys = trustedKeys([root])

/** An answer of the console, signed by its assignment key or by another one. */
function signed(answer: object, key = privateKey): Envelope {
  const payload = Buffer.from(JSON.stringify({ v: 1, sentAt: T0, ...answer }))
  const sig = sign(null, preAuthEncoding(payloadTypes.certificate, payload), key).toString('base64')
  return { payloadType: payloadTypes.certificate, payload: payload.toString('base64'), signatures: [{ keyid: keys[0]!.keyid, sig }] }
}

async function stage(part: Partial<Identity> = {}) {
  const directory = temporaryDirectory()
  const identity = identitySchema.parse({
    ...{ v: 1, fleet: 'plant', device: 'cam-1', brokerUrl: 'mqtt://10.0.0.1:1883', username: 'cam-1', secret: 's' },
    ...{ trust: { bundle: [root], assignment: [root] }, enrolledAt: T0, ...part },
  })
  writeIdentity(directory, identity)
  const authority = await openAuthority(temporaryDirectory(), 'plant', T0)
  const time = { now: T0, monotonic: 0 }
  const asked: CertificateRequestMessage[] = []
  let redialled = 0
  let tell: (connected: boolean) => void = () => undefined
  const connection: Connection = {
    connected: true,
    state: { connected: true, since: T0, problem: null },
    publish: async (_topic, payload) => void asked.push(JSON.parse(String(payload)) as CertificateRequestMessage),
    subscribe: async () => undefined,
    unsubscribe: async () => undefined,
    onMessage: () => () => undefined,
    onState: (handler) => {
      tell = handler
      return () => undefined
    },
    stop: async () => undefined,
    redial: () => void (redialled += 1),
  }
  const open = () => {
    const passport = openPassport({
      ...{ directory, identity: readIdentity(directory)!, log: () => undefined },
      clock: { now: () => time.now, monotonic: () => time.monotonic },
    })
    passport.start(connection, () => keys)
    onTestFinished(() => passport.stop())
    return passport
  }
  return { directory, authority, time, asked, open, connect: () => tell(true), redials: () => redialled }
}

/** A certificate for the request, as the console answers it. */
async function issued(authority: Authority, { csr, request }: CertificateRequestMessage, now = T0) {
  const { certificate } = await authority.issueDevice(csr, 'cam-1', now)
  return { kind: 'issued', device: 'cam-1', request, certificate, ca: authority.certificate }
}

/** Gives the device a certificate of its own, as an enrolment does. */
async function giveCertificate(directory: string, authority: Authority, now = T0) {
  const key = makeDeviceKey()
  const { certificate } = await authority.issueDevice(certificateRequest(key, 'cam-1'), 'cam-1', now)
  const current = { key, certificate, ca: authority.certificate }
  writeCredentials(directory, { v: 1, signingKey: makeSigningKey(), current, next: null })
  return current
}

describe('a device without a certificate', () => {
  it('asks for one when it is connected, and keeps what the fleet has signed for its key', async () => {
    const { directory, authority, asked, open, connect } = await stage()
    const passport = open()
    connect()
    expect(asked).toHaveLength(1)
    const answer = await issued(authority, asked[0]!)
    const other = generateKeyPairSync('ed25519').privateKey
    const foreign = await openAuthority(temporaryDirectory(), 'other', T0)
    const wrong = [
      signed(answer, other),
      signed({ ...answer, device: 'cam-2' }),
      signed({ ...answer, request: 'z'.repeat(16) }),
      { ...signed(answer), payloadType: payloadTypes.assignment },
    ]
    for (const envelope of wrong) passport.answer(envelope)
    expect(readCredentials(directory)?.current).toBeNull()
    passport.answer(signed({ ...answer, ca: foreign.certificate }))
    expect(readCredentials(directory)?.current).toBeNull()
  })

  it('has its signing key on the disk before it asks, asks with the same one after a restart, and signs what it asks', async () => {
    const { directory, asked, open, connect } = await stage()
    open()
    connect()
    expect(readCredentials(directory)).toMatchObject({ current: null, next: null })
    open()
    connect()
    expect([asked.length, asked[1]!.signingKey]).toEqual([2, asked[0]!.signingKey])
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(asked[1]!.signingKey, 'base64').toString('base64url') },
      format: 'jwk',
    })
    const text = preAuthEncoding(payloadTypes.certificateRequest, certificateRequestText(asked[1]!))
    expect(verify(null, text, key, Buffer.from(asked[1]!.proof!, 'base64'))).toBe(true)
  })

  it('does not ask while its signing key cannot be written', async () => {
    const { directory, asked, open, connect } = await stage()
    open()
    // A folder in the place of the file: no write can replace it.
    mkdirSync(join(directory, 'credentials.json', 'x'), { recursive: true })
    connect()
    expect(asked).toEqual([])
    rmSync(join(directory, 'credentials.json'), { recursive: true })
    connect()
    expect(asked).toHaveLength(1)
  })

  it('on the machine of its broker goes back to its password when TLS is switched off again', async () => {
    const { directory, authority, open } = await stage({ brokerUrl: 'mqtt://127.0.0.1:2883' })
    await giveCertificate(directory, authority)
    const passport = open()
    for (let i = 0; i < 6 && passport.way().uses === null; i += 1) passport.dialled(false)
    passport.dialled(true)
    expect(passport.way()).toMatchObject({ url: 'mqtts://127.0.0.1:8883' })
    passport.dialled(false)
    expect(passport.way()).toEqual({ url: 'mqtt://127.0.0.1:2883', login: { username: 'cam-1', password: 's' }, tls: null, uses: null })
    passport.dialled(true)
    expect(open().way()).toMatchObject({ url: 'mqtts://127.0.0.1:8883' })
  })

  it('goes on by its password, and moves over to TLS by itself when its console does', async () => {
    const { directory, authority, asked, open, connect } = await stage()
    const passport = open()
    connect()
    passport.answer(signed(await issued(authority, asked[0]!)))
    expect(passport.summary()).toMatchObject({ isUsed: false })
    expect(passport.way()).toMatchObject({ url: 'mqtt://10.0.0.1:1883', login: { password: 's' }, tls: null })
    const tried = Array.from({ length: 12 }, () => {
      passport.dialled(false)
      return passport.way().url
    })
    const before = 'mqtt://10.0.0.1:1883'
    expect(new Set(tried.filter((_, i) => i !== 4 && i !== 10))).toEqual(new Set([before]))
    expect([tried[4], tried[10]]).toEqual(['mqtts://10.0.0.1:8883', 'mqtts://10.0.0.1:1883'])
    for (let i = 0; i < 5; i += 1) passport.dialled(false)
    expect(passport.way()).toMatchObject({ url: 'mqtts://10.0.0.1:8883', login: { username: 'cam-1', password: null } })
    passport.dialled(true)
    expect(readIdentity(directory)).toMatchObject({ brokerUrl: 'mqtts://10.0.0.1:8883', tls: { trustsSystem: false } })
    expect(open().way()).toMatchObject({ url: 'mqtts://10.0.0.1:8883' })
  })

  it('with an account of a broker that others run never shows its certificate there', async () => {
    const { directory, authority, open } = await stage({ username: 'plant' })
    await giveCertificate(directory, authority)
    const passport = open()
    for (let i = 0; i < 3; i += 1) {
      expect(passport.way()).toMatchObject({ login: { username: 'plant' }, tls: null })
      passport.dialled(false)
    }
  })
})

describe('a device with a certificate', () => {
  const tls = { brokerUrl: 'mqtts://10.0.0.1:8883', tls: { trustsSystem: false } }

  it('asks for the next one at two thirds of its life, with a new key; the old one stays until the new one has worked', async () => {
    const { directory, authority, time, asked, open, connect, redials } = await stage(tls)
    const old = await giveCertificate(directory, authority)
    const passport = open()
    connect()
    expect(asked).toHaveLength(0)
    time.now = T0 + 61 * DAY
    connect()
    expect(asked).toHaveLength(1)
    expect(asked[0]!.holds).toEqual([new X509Certificate(old.certificate).serialNumber.toLowerCase()])
    passport.answer(signed(await issued(authority, asked[0]!, time.now)))
    expect([redials(), readCredentials(directory)?.current]).toEqual([1, old])
    const next = readCredentials(directory)!.next!
    expect([next.key === old.key, passport.way().uses]).toEqual([false, next])
    // The broker does not take it: the old one is tried, then the new one again.
    passport.dialled(false)
    expect(passport.way().uses).toEqual(old)
    passport.dialled(true)
    expect(readCredentials(directory)).toMatchObject({ current: old, next })
    expect(passport.way().uses).toEqual(next)
    passport.dialled(true)
    expect(readCredentials(directory)).toMatchObject({ current: next, next: null })
    expect(open().way().uses).toEqual(next)
  })

  it('asks anew when the console wants it, once while an answer is under way', async () => {
    const { directory, authority, asked, open, time } = await stage(tls)
    await giveCertificate(directory, authority)
    const passport = open()
    const renew = signed({ kind: 'renew', device: 'cam-1', request: 'r'.repeat(16) })
    passport.answer(renew)
    passport.answer(renew)
    expect(asked).toHaveLength(1)
    time.monotonic += 60_000
    passport.answer(renew)
    expect(asked).toHaveLength(2)
    expect(readFileSync(join(directory, 'credentials.json'), 'utf8')).not.toContain('"next": {')
  })
})
