import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { checkBroker, checkCertificate } from '../../../../agent/doctor/check-outside.ts'
import type { Patient } from '../../../../agent/doctor/finding.ts'
import { identity } from '../../../../agent/identity.ts'
import { writeCredentials, type Credential } from '../../../../agent/identity/credentials.ts'
import { makeSigningKey } from '../../../../agent/identity/device-key.ts'
import { createAccess } from '../../../../electron/core/hub/access.ts'
import { FLEET, hubDevice, secretOf, startEmbedded } from '../../../harness/embedded-broker.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { fleetCertificates, type FleetCertificates, type Papers } from '../../../harness/fleet-certificates.ts'

const DAY = 86_400_000
const key = Buffer.alloc(32, 1).toString('base64')
let directory: string
let fleet: FleetCertificates

beforeEach(async () => {
  directory = temporaryDirectory()
  fleet = await fleetCertificates(join(directory, 'fleet'), FLEET)
})

const credentialOf = ({ key: own, issued }: Papers): Credential => ({ key: own, certificate: issued.certificate, ca: fleet.tls.ca })
const patient = (brokerUrl: string, { tls, now = Date.now() }: { tls: boolean; now?: number }): Patient => ({
  ...{ directory, clock: { now: () => now, monotonic: () => 0 }, config: null, journal: null, status: null },
  identity: identity.parse({
    ...{ v: 1, fleet: FLEET, device: 'cam-1', brokerUrl, username: 'cam-1', secret: secretOf('cam-1'), enrolledAt: 0 },
    ...{ trust: { bundle: [key], assignment: [key] }, ...(tls ? { tls: { trustsSystem: false } } : {}) },
  }),
})

/** A broker over TLS that knows these certificates of cam-1; which of them came in is told. */
async function startTls(known: readonly Papers[]) {
  const used: string[] = []
  const certificates = known.map(({ issued: { serial, notAfter } }) => ({ serial, notAfter }))
  const { port } = await startEmbedded({
    access: createAccess({ fleet: FLEET, devices: [{ ...hubDevice('cam-1'), certificates }], codes: [], mayFetch: () => false }),
    tls: { ...fleet.tls, localPort: 0 },
    events: {
      onMessage: () => undefined,
      onDeviceGone: () => undefined,
      onState: () => undefined,
      onAdmitted: (_device, by) => used.push(by),
    },
  })
  return { url: `mqtts://127.0.0.1:${port}`, used }
}

it('tries the broker with the certificate that counts, and not with one that is still unused', async () => {
  const [current, next] = [await fleet.device('cam-1'), await fleet.device('cam-1')]
  const { url, used } = await startTls([current, next])
  writeCredentials(directory, { v: 1, signingKey: makeSigningKey(), current: credentialOf(current), next: credentialOf(next) })
  expect(await checkBroker(patient(url, { tls: true }))).toMatchObject({
    state: 'ok',
    message: `${url} lets this device in by its certificate`,
  })
  expect(used).toEqual([current.issued.serial])
})

it('says what to ask when the certificate is refused', async () => {
  const revoked = await fleet.device('cam-1')
  const { url } = await startTls([])
  writeCredentials(directory, { v: 1, signingKey: makeSigningKey(), current: credentialOf(revoked), next: null })
  await expect(checkBroker(patient(url, { tls: true }))).rejects.toMatchObject({
    code: 'broker.refused',
    hint: expect.stringContaining('muster devices trust cam-1'),
  })
})

it('tries user name and secret where the connection is without TLS', async () => {
  const { url } = await startEmbedded()
  expect(await checkBroker(patient(url, { tls: false }))).toMatchObject({ state: 'ok', message: `${url} lets this device in` })
})

it('says until when the certificate counts, and when it should have been renewed', async () => {
  const current = await fleet.device('cam-1')
  const check = (now: number, tls = true) => checkCertificate(patient('mqtts://127.0.0.1:8883', { tls, now }))
  expect(check(Date.now(), false)).toMatchObject({ state: 'ok', message: 'none; the connection is by name and secret' })
  expect(() => check(Date.now())).toThrow('there is none')
  writeCredentials(directory, { v: 1, signingKey: makeSigningKey(), current: credentialOf(current), next: null })
  const until = new Date(current.issued.notAfter).toISOString()
  expect(check(Date.now())).toMatchObject({ state: 'ok', message: expect.stringContaining(`until ${until}`) })
  expect(check(Date.now(), false).message).toContain('not used on this connection')
  expect(check(Date.now() + 70 * DAY)).toMatchObject({ state: 'attention', hint: expect.stringContaining('renewed') })
  expect(check(Date.now() + 100 * DAY)).toMatchObject({ state: 'failed', message: expect.stringContaining('it has ended') })
})
