import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto'
import { join } from 'node:path'
import { statSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openDeviceSigner, writeCredentials } from '../../../../agent/identity/credentials.ts'
import { objectIdentifier, sequence, utf8String } from '../../../../agent/identity/der.ts'
import { certificateRequest, fingerprintOf, makeDeviceKey, makeSigningKey } from '../../../../agent/identity/device-key.ts'
import { hasOpenssl, openssl } from '../../../harness/fleet-certificates.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

describe('DER', () => {
  it('writes the examples of X.690 and long lengths', () => {
    expect(objectIdentifier('1.2.840.10045.4.3.2').toString('hex')).toBe('06082a8648ce3d040302')
    expect(objectIdentifier('2.5.4.3').toString('hex')).toBe('0603550403')
    expect(utf8String('a'.repeat(127)).subarray(0, 2).toString('hex')).toBe('0c7f')
    expect(utf8String('a'.repeat(128)).subarray(0, 3).toString('hex')).toBe('0c8180')
    expect(sequence(Buffer.alloc(300)).subarray(0, 4).toString('hex')).toBe('3082012c')
  })
})

describe.skipIf(!hasOpenssl)('a request for a certificate, as openssl sees it', () => {
  it('is signed by its key, names the device, and its fingerprint is the one that people compare', () => {
    const file = join(temporaryDirectory(), 'request.der')
    const key = makeDeviceKey()
    writeFileSync(file, Buffer.from(certificateRequest(key, 'cam-1'), 'base64'))
    const shown = openssl(['req', '-inform', 'DER', '-in', file, '-noout', '-verify', '-subject'])
    expect(shown).toMatch(/verify OK/i)
    expect(shown).toMatch(/subject=CN ?= ?cam-1\n/)
    const publicKey = openssl(['req', '-inform', 'DER', '-in', file, '-noout', '-pubkey'])
    const pem = publicKey.slice(publicKey.indexOf('-----BEGIN'))
    const spki = createPublicKey(pem).export({ type: 'spki', format: 'der' })
    expect(fingerprintOf(key)).toBe(createHash('sha256').update(spki).digest('hex'))
  })
})

describe('the signing key of a device', () => {
  it('signs what its public part proves, and lies in a file for its owner only', () => {
    const directory = temporaryDirectory()
    expect(openDeviceSigner(directory)).toBeNull()
    writeCredentials(directory, { v: 1, signingKey: makeSigningKey(), current: null, next: null })
    expect(statSync(join(directory, 'credentials.json')).mode & 0o077).toBe(0)
    const signer = openDeviceSigner(directory)!
    const receipt = Buffer.from('a receipt')
    const x = Buffer.from(signer.publicKey, 'base64').toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    expect(verifySignature(null, receipt, key, signer.sign(receipt))).toBe(true)
    expect(verifySignature(null, Buffer.from('another'), key, signer.sign(receipt))).toBe(false)
  })
})
