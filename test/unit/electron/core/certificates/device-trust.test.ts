import { createPrivateKey, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { certificateRequest, makeDeviceKey, makeSigningKey, rawPublicKey } from '../../../../../agent/identity/device-key.ts'
import { openDeviceTrust } from '../../../../../electron/core/certificates/device-trust.ts'
import { openCertificateOffice } from '../../../../../electron/core/certificates/office.ts'
import { createEnrolmentCode } from '../../../../../electron/core/enrolment/codes.ts'
import { createAccess } from '../../../../../electron/core/hub/access.ts'
import type { BrokerOptions } from '../../../../../electron/core/hub/messages.ts'
import { openKeyring } from '../../../../../electron/core/trust/keys.ts'
import {
  certificateAnswer,
  certificateRequestText,
  type CertificateAnswer,
  type CertificateRequestMessage,
} from '../../../../../shared/protocol/certificate.ts'
import { payloadTypes, preAuthEncoding, type Envelope } from '../../../../../shared/protocol/envelope.ts'
import { deviceId } from '../../../../../shared/domain/ids.ts'
import { enrolled, fleetStore, T0, temporaryDirectory } from '../../../../harness/fleet.ts'

const DAY = 86_400_000
const embedded: BrokerOptions = { kind: 'embedded', host: '0.0.0.0', port: 8883, tls: { names: [], localPort: 1883 } }
const external: BrokerOptions = { kind: 'external', url: 'mqtts://broker:8883', username: null, password: null }

/** A console and a device that asks it for certificates. */
function stage(broker = embedded) {
  const store = fleetStore()
  enrolled(store, 'cam-1')
  const directory = temporaryDirectory()
  const time = { now: T0 }
  const said: CertificateAnswer[] = []
  const lines: string[] = []
  const told = { codes: 0 }
  const now = (): number => time.now
  const trust = openDeviceTrust({
    ...{ store, now, fleet: () => 'plant', broker: () => broker, keyring: openKeyring(`${directory}/keys`, undefined, now) },
    office: openCertificateOffice({ directory: `${directory}/certificates`, fleet: () => 'plant', now }),
    log: (_level, message) => void lines.push(message),
    async publish({ payload }) {
      const { envelope } = JSON.parse(Buffer.from(payload).toString()) as { envelope: Envelope }
      said.push(certificateAnswer.parse(JSON.parse(Buffer.from(envelope.payload, 'base64').toString())))
    },
    onDevices: () => undefined,
    onCodes: () => void (told.codes += 1),
    changed: () => undefined,
  })
  const signingKey = makeSigningKey()
  /** @returns 'issued', the reason of a refusal, or 'nothing' */
  const ask = async (change: { key?: string; provenBy?: string | null; holds?: string[] } = {}): Promise<string> => {
    const { key = signingKey, provenBy = key, holds = [] } = change
    const asked = {
      ...{ device: deviceId.parse('cam-1'), request: 'r'.repeat(16), csr: certificateRequest(makeDeviceKey(), 'cam-1') },
      ...{ signingKey: rawPublicKey(key), holds },
    }
    const text = preAuthEncoding(payloadTypes.certificateRequest, certificateRequestText(asked))
    const proof = provenBy === null ? {} : { proof: sign(null, text, createPrivateKey(provenBy)).toString('base64') }
    const before = said.length
    const message: CertificateRequestMessage = { v: 1, sentAt: time.now, ...asked, ...proof }
    await trust.answer(message)
    const answer = said.length > before ? said.at(-1)! : null
    return answer === null ? 'nothing' : answer.kind === 'refused' ? answer.error.message : answer.kind
  }
  const standing = () => store.certificates.ofDevice('cam-1').filter(({ revokedAt }) => revokedAt === null)
  return { store, time, trust, ask, standing, said, lines, told }
}

describe('a device that renews', () => {
  it('gets its next certificate however often an answer was lost before, and keeps the one in use all the while', async () => {
    const { store, time, trust, ask, standing } = stage()
    expect(await ask()).toBe('issued')
    const first = standing()[0]!
    trust.noteUse({ device: 'cam-1', serial: first.serial, at: time.now })
    time.now += 60 * DAY
    for (let i = 0; i < 12; i += 1) {
      time.now += 6000
      expect(await ask({ holds: [first.serial] })).toBe('issued')
    }
    expect([standing().length, standing().some(({ serial }) => serial === first.serial)]).toEqual([8, true])
    const last = standing()[0]!
    trust.noteUse({ device: 'cam-1', serial: last.serial, at: time.now })
    expect(standing().map(({ serial }) => serial)).toEqual([last.serial])
    expect(store.certificates.revoked(time.now).length).toBe(12)
  })

  it('keeps what it holds where the broker does not tell which certificate is used', async () => {
    const { store, time, ask, standing } = stage(external)
    store.certificates.add({
      serial: 'aa',
      device: 'cam-1',
      fingerprint: 'f',
      certificate: 'p',
      notBefore: T0,
      notAfter: T0 + 90 * DAY,
      issuedAt: T0,
    })
    const key = makeSigningKey()
    store.deviceTrust.setSigningKey('cam-1', rawPublicKey(key))
    for (let i = 0; i < 12; i += 1) {
      time.now += 6000
      expect(await ask({ key, holds: ['aa'] })).toBe('issued')
    }
    expect(standing().some(({ serial }) => serial === 'aa')).toBe(true)
  })

  it('is not answered at all when it asks without end, and a clock that is set back does not silence it', async () => {
    const { time, ask } = stage()
    expect(await ask()).toBe('issued')
    time.now += 4000
    expect([await ask(), await ask()]).toEqual(['nothing', 'nothing'])
    time.now -= 365 * DAY
    expect(await ask()).toBe('issued')
  })

  it('is told once in the log why it gets none', async () => {
    const { store, time, ask, lines } = stage()
    store.deviceTrust.revoke('cam-1', { at: T0, by: 'web:anna', why: 'stolen' })
    for (let i = 0; i < 3; i += 1) {
      time.now += 3_600_000
      expect(await ask()).toMatch(/was revoked/)
    }
    expect(lines).toEqual(['a certificate was not issued'])
  })

  it('in quarantine renews, and the certificate of the other machine goes on to count', async () => {
    const { store, time, trust, ask, standing } = stage()
    await ask()
    trust.noteUse({ device: 'cam-1', serial: standing()[0]!.serial, at: time.now })
    store.deviceTrust.quarantine('cam-1', { at: T0, by: 'web:anna', why: 'odd' })
    time.now += 60 * DAY
    expect(await ask()).toBe('issued')
    trust.noteUse({ device: 'cam-1', serial: standing()[0]!.serial, at: time.now })
    expect(standing()).toHaveLength(2)
  })

  it('is reminded by the end of the certificate that it uses, not by one that never reached it', async () => {
    const { time, trust, ask, standing, said } = stage()
    await ask()
    trust.noteUse({ device: 'cam-1', serial: standing()[0]!.serial, at: time.now })
    time.now += 62 * DAY
    await ask()
    trust.remind(['cam-1'])
    expect(said.at(-1)?.kind).toBe('renew')
  })
})

describe('who asks in the name of a device', () => {
  it('gets nothing without the signing key of the device', async () => {
    const { store, time, ask } = stage()
    expect(await ask()).toBe('issued')
    for (const change of [{ provenBy: null }, { provenBy: makeSigningKey() }]) {
      time.now += 6000
      expect(await ask(change)).toBe('The request was not signed with the key of cam-1.')
    }
    time.now += 6000
    expect(await ask({ key: makeSigningKey() })).toMatch(/another key than before/)
    expect(store.certificates.ofDevice('cam-1')).toHaveLength(1)
  })

  it('brings the first key only over the broker of the console; another broker proves nobody', async () => {
    const { store, ask } = stage(external)
    expect(await ask()).toMatch(/knows no key of cam-1/)
    expect(store.deviceTrust.find('cam-1')?.signingKey ?? null).toBeNull()
    expect(await stage().ask({ provenBy: null })).toBe('issued')
  })
})

it('case 35: a console that starts with a clock a year ahead lets its devices in when the clock is right again', async () => {
  const { time, trust, ask, standing } = stage()
  await ask()
  const { serial, notAfter } = standing()[0]!
  time.now = T0 + 365 * DAY
  const devices = trust.hubDevices(() => [])
  expect(trust.hubDevice('cam-1', () => [])).toEqual(devices[0])
  const access = createAccess({ fleet: 'plant', devices, codes: [], mayFetch: () => false })
  const transport = { kind: 'tls', certificate: { commonName: 'cam-1', serial, notAfter } } as const
  const asked = { clientId: 'cam-1', username: 'cam-1', password: undefined, will: null, keepalive: 60, transport }
  expect(access.admit(asked)).toEqual({ identity: { kind: 'device', device: 'cam-1', by: serial } })
  expect(access.stillAdmits({ kind: 'device', device: 'cam-1', by: serial }, T0 + DAY)).toBe(true)
  expect(access.stillAdmits({ kind: 'device', device: 'cam-1', by: serial }, T0 + 91 * DAY)).toBe(false)
})

it('case 30: a device that is seen twice goes on under the usual policy and is told of; where the policy says so, it is shut in with its codes', () => {
  const { store, trust, told } = stage()
  const code = () =>
    store.transact(() => createEnrolmentCode(store, { fleet: 'plant', device: 'cam-1', labels: {}, minutes: 60, now: T0 })).codeId
  const first = code()
  trust.noteClone({ device: 'cam-1', why: 'two machines take turns', at: T0 })
  expect(store.deviceTrust.find('cam-1')).toMatchObject({ cloned: { why: 'two machines take turns' }, quarantined: null })
  expect(store.enrolment.find(first)).not.toBeNull()
  store.settings.set('devicePolicy', { confirm: 'auto', onClone: 'quarantine' })
  trust.noteClone({ device: 'cam-1', why: 'two machines take turns', at: T0 })
  expect(store.deviceTrust.find('cam-1')?.quarantined).toMatchObject({ by: 'clone detection' })
  expect([store.enrolment.find(first), told.codes > 0]).toEqual([null, true])
})
