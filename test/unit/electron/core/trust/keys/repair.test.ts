import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { repairKeys } from '../../../../../../electron/core/trust/keys/repair.ts'
import { openSecretBox } from '../../../../../../electron/core/trust/secret-box.ts'
import { makeRoot } from '../../../../../../electron/core/trust/tuf/metadata.ts'
import { makeSigningKey } from '../../../../../../electron/core/trust/keys/signing-key.ts'
import { afterCeremony, by, putBundle } from '../../../../../harness/trust-ceremony.ts'
import { joinDevice, openTrustDesk, type TrustDesk } from '../../../../../harness/trust-desk.ts'

// Each key is sealed at the cost of a real one: seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const coded = (code: string): unknown => expect.objectContaining({ code })
const lose = (desk: TrustDesk, ...names: string[]): void => {
  for (const name of names) rmSync(join(desk.directory, 'keys', name))
}
const repair = ({ store, directory, clock }: TrustDesk, of: Partial<Parameters<typeof repairKeys>[0]> = {}) =>
  repairKeys({
    store,
    dataDirectory: directory,
    box: openSecretBox(null),
    now: (clock.at += 60_000),
    by,
    rootKeys: [],
    isAnew: false,
    ...of,
  })

/** A console with one model, which a device follows. */
async function followed(): Promise<{ desk: TrustDesk; digest: string; device: ReturnType<typeof joinDevice> }> {
  const desk = openTrustDesk()
  const digest = putBundle(desk, '{"first":1}')
  desk.store.transact(() => desk.trust.authorise(digest, 11))
  const device = joinDevice(desk)
  await device.hear()
  return { desk, digest, device }
}

test.each(['timestamp.pem', 'snapshot.pem', 'assignment.pem', 'bundle.pem', 'root.pem'])(
  'a lost %s is never replaced in silence',
  async (name) => {
    const { desk } = await followed()
    lose(desk, name)
    expect(() => desk.reopen()).toThrow(coded('trust.key-missing'))
    expect(readdirSync(join(desk.directory, 'keys'))).not.toContain(name)
  },
)

test('the console replaces its own keys by the next root, and devices follow', async () => {
  const { desk, digest, device } = await followed()
  expect(await repair(desk)).toMatchObject({ did: 'nothing' })
  lose(desk, 'timestamp.pem', 'assignment.pem', 'bundle.pem')
  expect(await repair(desk)).toEqual({ did: 'replaced', aside: null })
  desk.reopen()
  desk.trust.start()
  desk.trust.stop()
  const added = putBundle(desk, '{"second":1}')
  desk.store.transact(() => desk.trust.authorise(added, 12))
  await device.hear()
  await device.trust.requireBundle(digest, 11)
  await device.trust.requireBundle(added, 12)
  expect(device.trust.reported()).toMatchObject({ state: 'current', problem: null, root: 3 })
  expect(device.trust.assignmentKeys().map(({ keyid }) => keyid)).toEqual([desk.keyring.keyIds.assignment])
})

test('without its root key only a new beginning is left: devices that are enrolled anew obey, the others are counted', async () => {
  const { desk, digest, device } = await followed()
  // As after a restore of a backup without keys.
  rmSync(join(desk.directory, 'keys'), { recursive: true })
  expect(() => desk.reopen()).toThrow(coded('trust.key-missing'))
  await expect(repair(desk)).rejects.toThrow(coded('trust.key-missing'))
  expect(await repair(desk, { isAnew: true })).toEqual({ did: 'anew', aside: null })
  desk.reopen()
  desk.trust.start()
  desk.trust.stop()
  await device.hear()
  expect(device.trust.reported().problem).toMatchObject({ code: 'trust.metadata-invalid' })
  const again = joinDevice(desk)
  await again.hear()
  await again.trust.requireBundle(digest, 11)
  expect(again.trust.reported()).toMatchObject({ state: 'current', problem: null, root: 1 })
  expect(desk.store.settings.get('epoch')).toBeGreaterThan(0)
  expect(existsSync(join(desk.directory, 'keys', 'root.pem'))).toBe(true)
})

test('where people hold the root keys, two of them are enough, and no device is enrolled anew', async () => {
  const { desk, digest, root, unlock } = await afterCeremony()
  const device = joinDevice(desk)
  await device.hear()
  rmSync(join(desk.directory, 'keys'), { recursive: true })
  expect(() => desk.reopen()).toThrow(coded('trust.key-missing'))
  await expect(repair(desk, { rootKeys: [root(0)] })).rejects.toThrow(coded('trust.root-keys-needed'))
  expect(await repair(desk, { rootKeys: [root(0), root(2)] })).toMatchObject({ did: 'replaced' })
  desk.reopen()
  expect(desk.trust.desk.show()).toMatchObject({ mode: 'people', root: { version: 3 }, list: { isGood: true } })
  await unlock()
  await device.hear()
  await device.trust.requireBundle(digest, 11)
  expect(device.trust.reported()).toMatchObject({ state: 'current', problem: null })
})

test('a root that somebody wrote into the store does not tell the console whose keys count', async () => {
  const { desk } = await afterCeremony()
  const before = desk.trust.repository.root()
  const thief = [makeSigningKey(), makeSigningKey()]
  const keys = { ...before.keys, root: thief, threshold: 2, targets: [thief[0]!] }
  const forged = makeRoot({ version: before.version + 1, expiresAt: before.expiresAt, fleet: 'test', keys }, thief)
  desk.store.trust.put('root', { ...forged, createdAt: desk.clock.at })
  expect(() => desk.reopen()).toThrow(coded('trust.root-damaged'))
})
