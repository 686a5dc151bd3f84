import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { certificateRequest, makeDeviceKey } from '../../../../../agent/identity/device-key.ts'
import { openAuthority } from '../../../../../electron/core/certificates/authority.ts'
import { openCertificateOffice } from '../../../../../electron/core/certificates/office.ts'
import { fleetCertificates, hasOpenssl, openssl } from '../../../../harness/fleet-certificates.ts'
import { temporaryDirectory } from '../../../../harness/fleet.ts'

const DAY = 86_400_000

describe.skipIf(!hasOpenssl)('the authority of a fleet, as openssl sees it', () => {
  it('signs certificates of devices and of the broker that chain to it, each for its own use', async () => {
    const certificates = await fleetCertificates(temporaryDirectory())
    const { files } = await certificates.device('cam-1')
    const server = join(certificates.directory, 'server.pem')
    const verify = (file: string, purpose: string): string =>
      openssl(['verify', '-x509_strict', '-purpose', purpose, '-CAfile', certificates.caFile, file])
    expect(verify(files.certificate, 'sslclient')).toContain('OK')
    expect(verify(server, 'sslserver')).toContain('OK')
    expect(() => verify(files.certificate, 'sslserver')).toThrow('unsuitable certificate purpose')
    expect(() => verify(server, 'sslclient')).toThrow('unsuitable certificate purpose')
    expect(openssl(['verify', '-verify_ip', '127.0.0.1', '-CAfile', certificates.caFile, server])).toContain('OK')
    expect(openssl(['verify', '-verify_hostname', 'localhost', '-CAfile', certificates.caFile, server])).toContain('OK')
    const shown = openssl(['x509', '-in', files.certificate, '-noout', '-subject', '-text'])
    expect(shown).toMatch(/subject=CN ?= ?cam-1\n/)
    expect(shown).toContain('NIST CURVE: P-256')
    expect(shown).not.toContain('CA:TRUE')
  })

  it('lists what was taken back, so that a check against the list refuses it', async () => {
    const certificates = await fleetCertificates(temporaryDirectory())
    const [kept, gone] = [await certificates.device('cam-1'), await certificates.device('cam-2')]
    const list = join(certificates.directory, 'revoked.pem')
    const now = Date.now()
    writeFileSync(list, await certificates.authority.revocationList([{ serial: gone.issued.serial, revokedAt: now }], now))
    const check = (file: string): string => openssl(['verify', '-crl_check', '-CRLfile', list, '-CAfile', certificates.caFile, file])
    expect(check(kept.files.certificate)).toContain('OK')
    expect(() => check(gone.files.certificate)).toThrow('certificate revoked')
  })
})

describe('the authority of a fleet', () => {
  it('is the same after a restart; its keys are for their owner only', async () => {
    const directory = temporaryDirectory()
    const first = await openAuthority(directory, 'plant', Date.now())
    expect(statSync(join(directory, 'ca.key.pem')).mode & 0o077).toBe(0)
    expect((await openAuthority(directory, 'plant', Date.now())).certificate).toBe(first.certificate)
    expect(first.certificate).toBe(readFileSync(join(directory, 'ca.pem'), 'utf8'))
  })

  it.skipIf(process.platform === 'win32')(
    'refuses a key that others can read, and never makes another key beside a certificate',
    async () => {
      const directory = temporaryDirectory()
      await openAuthority(directory, 'plant', Date.now())
      const key = join(directory, 'ca.key.pem')
      chmodSync(key, 0o644)
      await expect(openAuthority(directory, 'plant', Date.now())).rejects.toMatchObject({ code: 'trust.key-exposed' })
      rmSync(key)
      await expect(openAuthority(directory, 'plant', Date.now())).rejects.toMatchObject({ code: 'certificate.key-invalid' })
    },
  )

  it.each([
    { name: 'no base64 of a request', csr: () => 'AAAA' },
    { name: 'a request whose signature is of another key', csr: () => tampered(certificateRequest(makeDeviceKey(), 'cam-1')) },
  ])('refuses $name', async ({ csr }) => {
    const authority = await openAuthority(temporaryDirectory(), 'plant', Date.now())
    await expect(authority.issueDevice(csr(), 'cam-1', Date.now())).rejects.toMatchObject({ code: 'certificate.request-invalid' })
  })

  it('replaces the certificate of the broker when it is due, when a name is new, and not before', async () => {
    const directory = temporaryDirectory()
    let now = Date.now()
    const office = openCertificateOffice({ directory, fleet: () => 'plant', now: () => now })
    const broker = (...names: string[]) => ({ kind: 'embedded', host: '127.0.0.1', port: 0, tls: { names, localPort: 0 } }) as const
    const shown = async (...names: string[]): Promise<string> => {
      await office.prepare(broker(...names))
      return office.hubTls()!.certificate
    }
    const first = await shown()
    now += 200 * DAY
    expect(await shown()).toBe(first)
    const named = await shown('broker.plant')
    expect(named).not.toBe(first)
    now += 250 * DAY
    expect(await shown('broker.plant')).not.toBe(named)
  })
})

/** Another byte within the signature: the last of the request. */
function tampered(csr: string): string {
  const bytes = Buffer.from(csr, 'base64')
  bytes[bytes.length - 1]! ^= 1
  return bytes.toString('base64')
}
