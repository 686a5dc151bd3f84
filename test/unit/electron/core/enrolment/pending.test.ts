import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { certificateRequest, fingerprintOf, makeDeviceKey } from '../../../../../agent/identity/device-key.ts'
import { openAuthority } from '../../../../../electron/core/certificates/authority.ts'
import { readWantedDevices } from '../../../../../electron/core/enrolment/bulk.ts'
import { createEnrolmentCode, guestCodes } from '../../../../../electron/core/enrolment/codes.ts'
import { answerEnrolment, candidate, type EnrolContext } from '../../../../../electron/core/enrolment/enrol.ts'
import type { FleetStore } from '../../../../../electron/core/store/fleet/fleet-store.ts'
import { deviceId } from '../../../../../shared/domain/ids.ts'
import { enrolRequestKeysText, parseEnrolmentCode, type EnrolRequestMessage } from '../../../../../shared/protocol/enrolment.ts'
import { enrolRequest, fleetStore, T0, temporaryDirectory } from '../../../../harness/fleet.ts'

const trust = { bundle: [`${'A'.repeat(43)}=`], assignment: [`${'B'.repeat(43)}=`] }
const context: EnrolContext = { fleet: 'plant-7', trust, now: T0, confirms: true }

const codeFor = (store: FleetStore, device: string | null = null, confirm: boolean | null = null): string =>
  store.transact(() => createEnrolmentCode(store, { fleet: 'plant-7', device, labels: {}, minutes: 10, confirm, now: T0 })).code

function withKeys(code: string, key: string, change: Partial<EnrolRequestMessage> = {}): EnrolRequestMessage {
  const request = enrolRequest(code, change)
  const keys = { csr: certificateRequest(key, request.device), signingKey: `${'C'.repeat(43)}=` }
  const proof = createHmac('sha256', parseEnrolmentCode(code)!.secret).update(enrolRequestKeysText(request, keys)).digest('hex')
  return { ...request, keys: { ...keys, proof } }
}

const codeOf = (answer: ReturnType<typeof answerEnrolment>): string => (answer.ok ? 'ok' : answer.error.code)

describe('a device that a person has to let in', () => {
  it('waits with its code used up, joins with a certificate when it was confirmed, and gets the same answer again', async () => {
    const store = fleetStore()
    const authority = await openAuthority(temporaryDirectory(), 'plant-7', T0)
    const code = codeFor(store)
    const key = makeDeviceKey()
    const request = withKeys(code, key)
    const own = { ...context, fingerprint: fingerprintOf(key) }
    expect([candidate(store, request, own), codeOf(answerEnrolment(store, request, own))]).toEqual([null, 'enrolment.waiting'])
    expect(codeOf(answerEnrolment(store, request, own))).toBe('enrolment.waiting')
    expect(store.pending.waiting()).toMatchObject([{ device: 'cam-12', fingerprint: own.fingerprint }])
    // The code is burned, the device may come back for its answer, and nobody else gets in with it.
    expect(store.enrolment.find(request.codeId)).toBeNull()
    expect(guestCodes(store, T0 + 3_600_000)).toEqual([request.codeId])
    const thief = withKeys(code, makeDeviceKey(), { request: 'q'.repeat(16) })
    expect(codeOf(answerEnrolment(store, thief, own))).toBe('enrolment.code-invalid')
    const swapped = withKeys(code, makeDeviceKey())
    expect(codeOf(answerEnrolment(store, swapped, own))).toBe('enrolment.code-invalid')

    store.transact(() => store.pending.confirm(request.request, 'cli:anna'))
    expect(candidate(store, request, own)).toBe('cam-12')
    const certificate = await authority.issueDevice(request.keys!.csr, 'cam-12', T0)
    const issued = { device: 'cam-12', certificate, ca: authority.certificate, brokerUrl: null }
    const answer = answerEnrolment(store, request, { ...own, issued })
    expect(answer).toMatchObject({ ok: true, device: 'cam-12', keys: { certificate: certificate.certificate } })
    expect(answerEnrolment(store, request, own)).toEqual(answer)
    expect(store.certificates.ofDevice('cam-12')).toMatchObject([
      { serial: certificate.serial, fingerprint: own.fingerprint, revokedAt: null },
    ])
    expect(store.deviceTrust.find('cam-12')?.signingKey).toBe(request.keys!.signingKey)
  })

  it('is turned away for good when it was refused', () => {
    const store = fleetStore()
    const key = makeDeviceKey()
    const request = withKeys(codeFor(store), key)
    const own = { ...context, fingerprint: fingerprintOf(key) }
    answerEnrolment(store, request, own)
    store.transact(() => store.pending.refuse(request.request, T0))
    expect(codeOf(answerEnrolment(store, request, own))).toBe('enrolment.refused')
    expect(store.devices.find('cam-12')).toBeNull()
  })

  it.each([
    { name: 'without keys, where fingerprints are compared', keys: false, confirms: true, ends: 'enrolment.certificate-needed' },
    { name: 'without keys, where they are not', keys: false, confirms: false, ends: 'ok' },
    { name: 'with keys whose request nobody could read', keys: true, confirms: false, ends: 'certificate.request-invalid' },
  ])('$name: $ends', ({ keys, confirms, ends }) => {
    const store = fleetStore()
    const code = codeFor(store)
    const request = keys ? withKeys(code, makeDeviceKey()) : enrolRequest(code)
    expect(codeOf(answerEnrolment(store, request, { ...context, confirms, fingerprint: null }))).toBe(ends)
  })

  it('takes no id that somebody else has got meanwhile', () => {
    const store = fleetStore()
    const [one, two] = [makeDeviceKey(), makeDeviceKey()]
    const first = withKeys(codeFor(store), one)
    const second = withKeys(codeFor(store), two, { request: 'q'.repeat(16) })
    for (const [request, key] of [
      [first, one],
      [second, two],
    ] as const)
      answerEnrolment(store, request, { ...context, fingerprint: fingerprintOf(key) })
    for (const { request } of [first, second]) store.transact(() => store.pending.confirm(request, 'cli:anna'))
    expect(codeOf(answerEnrolment(store, first, { ...context, fingerprint: fingerprintOf(one) }))).toBe('ok')
    expect(codeOf(answerEnrolment(store, second, { ...context, fingerprint: fingerprintOf(two) }))).toBe('enrolment.id-taken')
  })

  it('with a wrong proof of its keys spends a try of the code', () => {
    const store = fleetStore()
    const code = codeFor(store)
    const key = makeDeviceKey()
    const request = withKeys(code, key)
    const forged = { ...request, keys: { ...request.keys!, csr: certificateRequest(makeDeviceKey(), 'cam-12') } }
    expect(codeOf(answerEnrolment(store, forged, { ...context, fingerprint: fingerprintOf(key) }))).toBe('enrolment.code-invalid')
    expect(store.enrolment.find(request.codeId)?.triesLeft).toBe(4)
  })
})

describe('a certificate', () => {
  it('takes the older ones of its device back with its first use, and only then', async () => {
    const store = fleetStore()
    const authority = await openAuthority(temporaryDirectory(), 'plant-7', T0)
    const device = deviceId.parse('cam-1')
    store.devices.enrol({ device, secretHash: 'a'.repeat(64), labels: {}, enrolledAt: T0 })
    const [old, next] = await Promise.all([0, 1].map(() => authority.issueDevice(certificateRequest(makeDeviceKey(), device), device, T0)))
    store.transact(() => store.certificates.add({ ...old!, device, issuedAt: T0 }))
    store.transact(() => store.certificates.add({ ...next!, device, issuedAt: T0 + 1 }))
    const valid = (): string[] => (store.certificates.valid(T0).get(device) ?? []).map(({ serial }) => serial)
    expect(store.certificates.noteUse(old!.serial, T0)).toBe(true)
    expect(valid()).toEqual([old!.serial, next!.serial])
    expect([store.certificates.noteUse(next!.serial, T0), store.certificates.noteUse(next!.serial, T0)]).toEqual([true, false])
    expect(valid()).toEqual([next!.serial])
    expect(store.certificates.revoked(T0).map(({ serial }) => serial)).toEqual([old!.serial])
    // The list outlives the device.
    store.transact(() => store.devices.remove(device))
    expect(store.certificates.revoked(T0)).toHaveLength(1)
  })
})

describe('a CSV of devices', () => {
  const read = (csv: string) => readWantedDevices(csv, (device) => device === 'old')
  it('gives each line its labels; empty cells are none', () => {
    expect(read('site,device\nlyon,cam-1\n,cam-2\n')).toEqual([
      { line: 2, device: 'cam-1', labels: { site: 'lyon' } },
      { line: 3, device: 'cam-2', labels: {} },
    ])
  })

  it.each([
    { csv: '', says: /empty/ },
    { csv: 'id\ncam-1\n', says: /no column 'device'/ },
    { csv: 'device,Ort Nr\ncam-1,2\n', says: /no name of a label/ },
    { csv: 'device\nold\ncam-1\ncam-1\n', says: /line 2: old is enrolled already; line 4: cam-1 stands in line 3 already/ },
    { csv: 'device,site\ncam-1\n', says: /line 2: it has 1 cells, the header 2/ },
    { csv: `device\n${'Q\n'.repeat(30)}`, says: /and 10 more/ },
  ])('is refused whole, with every wrong line named: $says', ({ csv, says }) => {
    expect(() => read(csv)).toThrow(says)
  })
})
