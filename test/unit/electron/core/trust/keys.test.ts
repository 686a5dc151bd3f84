import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keyIdOf, openKeyring, verifySignatures } from '../../../../../electron/core/trust/keys.ts'
import { trustRoots } from '../../../../../shared/protocol/enrolment.ts'
import { payloadTypes, signature } from '../../../../../shared/protocol/envelope.ts'

const { bundle, assignment } = payloadTypes
const body = Buffer.from('{"v":1}')
let directory: string

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'muster-keys-')), 'keys')
})
afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }))

describe('keyring', () => {
  test('keys are made once, for their owner only', () => {
    const first = openKeyring(directory)
    expect(readdirSync(directory).sort()).toEqual(['assignment.pem', 'bundle.pem'])
    expect(readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777)).toEqual([0o600, 0o600])
    const again = openKeyring(directory)
    expect([again.roots(), again.keyIds, again.sign(bundle, body)]).toEqual([first.roots(), first.keyIds, first.sign(bundle, body)])
    expect(trustRoots.parse(first.roots())).toEqual(first.roots())
    expect(first.keyIds.bundle).toBe(keyIdOf(Buffer.from(first.roots().bundle[0]!, 'base64')))
    expect(first.keyIds.bundle).not.toBe(first.keyIds.assignment)
  })

  test('a signature holds for its type, its bytes and its key only', () => {
    const keyring = openKeyring(directory)
    const roots = keyring.roots()
    const signed = keyring.sign(bundle, body)
    expect(signed.map((one) => signature.safeParse(one).success)).toEqual([true])
    const changed = Buffer.from(signed[0]!.sig, 'base64')
    changed[0]! ^= 1
    const rows = {
      right: verifySignatures(bundle, body, signed, roots.bundle),
      'among unknown ones': verifySignatures(
        bundle,
        body,
        [{ keyid: '0'.repeat(32), sig: 'AAAA' }, ...signed],
        [...roots.assignment, ...roots.bundle],
      ),
      'other type': verifySignatures(assignment, body, signed, roots.bundle),
      'other bytes': verifySignatures(bundle, Buffer.from('{"v":2}'), signed, roots.bundle),
      'other key': verifySignatures(bundle, body, signed, roots.assignment),
      'one bit': verifySignatures(bundle, body, [{ ...signed[0]!, sig: changed.toString('base64') }], roots.bundle),
      'key id of another': verifySignatures(
        bundle,
        body,
        [{ ...signed[0]!, keyid: keyring.keyIds.assignment }],
        [...roots.bundle, ...roots.assignment],
      ),
      'no signature': verifySignatures(bundle, body, [], roots.bundle),
      'short signature': verifySignatures(bundle, body, [{ ...signed[0]!, sig: 'AAAA' }], roots.bundle),
      'no key': verifySignatures(bundle, body, signed, ['', 'AAAA']),
    }
    expect(Object.entries(rows).filter(([, held]) => held)).toEqual([
      ['right', true],
      ['among unknown ones', true],
    ])
  })
})

describe('refusals', () => {
  test.skipIf(process.platform === 'win32').each([0o640, 0o604, 0o660])('mode %o', (mode) => {
    openKeyring(directory)
    chmodSync(join(directory, 'assignment.pem'), mode)
    expect(() => openKeyring(directory)).toThrow(expect.objectContaining({ code: 'trust.key-exposed' }))
  })

  test.each([
    ['no key', 'hello'],
    ['nothing', ''],
    [
      'a key of another kind',
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ],
    ['a public key', generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['a large file', 'x'.repeat(100_000)],
  ])('%s', (_, content) => {
    mkdirSync(directory)
    writeFileSync(join(directory, 'bundle.pem'), content, { mode: 0o600 })
    expect(() => openKeyring(directory)).toThrow(expect.objectContaining({ code: 'trust.key-invalid' }))
    expect(readFileSync(join(directory, 'bundle.pem'), 'utf8')).toBe(content)
  })

  test('a link in place of a key', () => {
    openKeyring(directory)
    writeFileSync(join(directory, 'elsewhere'), readFileSync(join(directory, 'bundle.pem')), { mode: 0o600 })
    rmSync(join(directory, 'bundle.pem'))
    symlinkSync('elsewhere', join(directory, 'bundle.pem'))
    expect(() => openKeyring(directory)).toThrow(expect.objectContaining({ code: 'trust.key-invalid' }))
  })

  test('what an interrupted run left does not widen the rights of the new key', () => {
    mkdirSync(directory)
    writeFileSync(join(directory, 'bundle.pem.new'), 'half', { mode: 0o644 })
    openKeyring(directory)
    expect(statSync(join(directory, 'bundle.pem')).mode & 0o777).toBe(0o600)
  })
})
