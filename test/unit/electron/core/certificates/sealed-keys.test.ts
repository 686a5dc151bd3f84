import { createPrivateKey } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { BrokerOptions } from '../../../../../electron/core/hub/messages.ts'
import { openCertificateOffice } from '../../../../../electron/core/certificates/office.ts'
import { keyOfPassphrase } from '../../../../../electron/core/trust/console-passphrase.ts'
import { openSecretBox } from '../../../../../electron/core/trust/secret-box.ts'
import { T0, temporaryDirectory } from '../../../../harness/fleet.ts'
import { openTrustDesk } from '../../../../harness/trust-desk.ts'

const broker: BrokerOptions = { kind: 'embedded', host: '127.0.0.1', port: 8883, tls: { names: [], localPort: 1883 } }

test('case 52: under a passphrase no key lies open anywhere in the data directory, those of certificates neither', async () => {
  const desk = openTrustDesk()
  const directory = join(desk.directory, 'certificates')
  const office = (box = openSecretBox(null)) => openCertificateOffice({ directory, box, fleet: () => 'plant', now: () => T0 })
  const before = office()
  await before.prepare(broker)
  await before.makeConsole()
  const { certificate } = await before.authority()
  const pems = ['ca', 'server', 'console'].map((name) => readFileSync(join(directory, `${name}.key.pem`), 'utf8'))
  expect(before.openKeys()).toHaveLength(3)

  const box = openSecretBox(keyOfPassphrase(desk.directory, 'four words that differ'))
  const sealed = office(box)
  desk.reopen(box)
  expect(desk.trust.guards.all().find(({ id }) => id === 'keys-at-rest')).toMatchObject({ state: 'on' })
  // Whatever form a key may lie in: the text, its base64, its bytes, and the secret number alone.
  const secrets = pems.flatMap((pem) => {
    const key = createPrivateKey(pem)
    const der = key.export({ type: 'pkcs8', format: 'der' })
    return [
      Buffer.from('PRIVATE KEY'),
      der,
      Buffer.from(der.toString('base64')),
      Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url'),
    ]
  })
  for (const name of readdirSync(desk.directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) {
    const bytes = readFileSync(join(name.parentPath, name.name))
    expect([name.name, secrets.some((secret) => bytes.includes(secret))]).toEqual([name.name, false])
  }
  // The same keys, opened by the passphrase.
  expect((await sealed.authority()).certificate).toBe(certificate)
  await sealed.prepare(broker)
  expect(sealed.hubTls()?.key).toBe(pems[1])
  await expect(office().authority()).rejects.toMatchObject({ code: 'trust.passphrase-needed' })
})

test('keys that are made under a passphrase are sealed from the first byte; one that comes to lie open is named', async () => {
  const directory = temporaryDirectory()
  const box = openSecretBox(Buffer.alloc(32, 7).toString('base64'))
  const office = openCertificateOffice({ directory, box, fleet: () => 'plant', now: () => T0 })
  await office.authority()
  expect([readFileSync(join(directory, 'ca.key.pem'), 'utf8').includes('PRIVATE KEY'), office.openKeys()]).toEqual([false, []])
})
