import { describe, expect, test, vi } from 'vitest'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeSigningKey, signingKeyFromPem } from '../../../../electron/core/trust/keys/signing-key.ts'
import { makeRoot, makeSnapshot, makeTargets, makeTimestamp } from '../../../../electron/core/trust/tuf/metadata.ts'
import { joinDevice, openTrustDesk, wireName, type TrustDesk } from '../../../harness/trust-desk.ts'

// Ceremonies seal keys at the cost of real ones: seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const DAY_MS = 86_400_000
const digest = 'ab'.repeat(32)
const other = 'cd'.repeat(32)
const actor = { actor: 'anna' }
const passphrase = 'four words that differ'

/** A console whose list names one bundle. */
function withBundle(): TrustDesk {
  const desk = openTrustDesk()
  desk.store.transact(() => desk.trust.authorise(digest, 100))
  return desk
}

async function ceremony(desk: TrustDesk): Promise<{ roots: string[]; targets: string }> {
  const written = await desk.trust.desk.create(
    {
      ...{ rootTo: [desk.stick('a'), desk.stick('b'), desk.stick('c')], rootPassphrases: [passphrase] },
      ...{ targetsTo: desk.stick('t'), targetsPassphrase: passphrase, leaveDevices: false },
    },
    actor,
  )
  return { roots: written.slice(0, 3).map(({ file }) => file), targets: written[3]!.file }
}

describe('a device', () => {
  test('takes the bundles that the metadata names, with the signed size, and no other', async () => {
    const desk = withBundle()
    const { trust, hear } = joinDevice(desk)
    await hear()
    expect(trust.reported()).toMatchObject({ state: 'current', root: 1, problem: null })
    await trust.requireBundle(digest, 100)
    expect([trust.isBundle(digest), trust.isBundle(other)]).toEqual([true, false])
    await expect(trust.requireBundle(other, 100)).rejects.toThrow(expect.objectContaining({ code: 'trust.bundle-unlisted' }))
    await expect(trust.requireBundle(digest, 101)).rejects.toThrow(expect.objectContaining({ code: 'bundle.signature-invalid' }))
  })

  test('asks again when a bundle is newer than what it knows', async () => {
    const desk = withBundle()
    const { trust, hear } = joinDevice(desk)
    await hear()
    desk.clock.at += 60_000
    desk.store.transact(() => desk.trust.authorise(other, 5))
    // The order came before the new timestamp was heard: the console is asked for it.
    await trust.requireBundle(other, 5)
    expect(trust.isBundle(other)).toBe(true)
  })

  test('case 6: keeps serving and changes nothing once the timestamp has expired, and goes on when it hears a new one', async () => {
    const desk = withBundle()
    const { trust, hear } = joinDevice(desk)
    await hear()
    expect(trust.mayChange()).toBe(true)
    desk.clock.at += 8 * DAY_MS
    expect([trust.mayChange(), trust.problem()?.code, trust.reported().state]).toEqual([false, 'trust.metadata-stale', 'stale'])
    // The old one again changes nothing.
    await hear()
    expect(trust.mayChange()).toBe(false)
    desk.trust.repository.renew()
    await hear()
    expect([trust.mayChange(), trust.reported()]).toEqual([true, expect.objectContaining({ state: 'current', problem: null })])
  })

  test('with a clock that was never set is not held back', async () => {
    const desk = withBundle()
    const { trust, hear } = joinDevice(desk, { clock: { at: 1000 } })
    await hear()
    expect(trust.mayChange()).toBe(true)
  })

  test('case 7: follows fifty roots in one go, and none of a chain with a hole', async () => {
    const desk = withBundle()
    const { bytes: first, keys } = desk.trust.repository.root()
    const key = desk.keyring.bootstrapRoot()
    const roots = new Map([[1, first]])
    for (let version = 2; version <= 51; version += 1)
      roots.set(version, makeRoot({ version, expiresAt: desk.clock.at + DAY_MS, fleet: 'test', keys }, [key]).bytes)
    const files =
      (missing: number | null) =>
      (name: string): Buffer | null => {
        const version = Number(/^(\d+)\.root\.json$/.exec(name)?.[1] ?? 0)
        if (version === 0) return desk.trust.repository.file(wireName(name))
        // What is served under the missing number is the one after it.
        return roots.get(version === missing ? version + 1 : version) ?? null
      }
    const whole = joinDevice(desk, { root: first, files: files(null) })
    await whole.hear()
    expect(whole.trust.reported()).toMatchObject({ state: 'current', root: 51 })

    const holed = joinDevice(desk, { root: first, files: files(30) })
    await holed.hear()
    expect(holed.trust.reported()).toMatchObject({ root: 29, problem: { code: 'trust.metadata-invalid' } })
  })

  test('from before there was metadata is introduced by the keys of its enrolment, and by nobody else', async () => {
    const desk = withBundle()
    const { trust, hear } = joinDevice(desk, { root: null })
    expect([trust.decides(), trust.mayChange(), trust.reported().state]).toEqual([false, true, 'none'])
    await hear()
    expect(trust.reported()).toMatchObject({ state: 'current', root: 1 })

    const stranger = openTrustDesk()
    // A broker that hands no metadata on changes nothing for a device that joined with a root.
    const deaf = joinDevice(desk, { files: () => null })
    await deaf.trust.requireBundle(other, 5)
    expect([deaf.trust.decides(), deaf.trust.mayChange(), deaf.trust.isBundle(other)]).toEqual([false, true, false])

    const misled = joinDevice(desk, { root: null, files: (name) => stranger.trust.repository.file(name.replace(/\.json$/, '')) })
    await misled.hear()
    expect(misled.trust.reported()).toMatchObject({ state: 'none', problem: { code: 'trust.introduction-invalid' } })
  })

  test('keeps what it trusted over a restart', async () => {
    const desk = withBundle()
    const first = joinDevice(desk)
    await first.hear()
    const again = joinDevice(desk, { directory: first.directory, root: null, files: () => null })
    expect(again.trust.reported()).toMatchObject({ state: 'current', root: 1 })
    expect(again.trust.mayChange()).toBe(true)
  })
})

describe('a stolen console', () => {
  test('cannot authorise new bytes: whatever lies in its data directory, a device refuses what it signs', async () => {
    const desk = withBundle()
    const { targets } = await ceremony(desk)
    const victim = joinDevice(desk)
    await victim.hear()
    await victim.trust.requireBundle(digest, 100)
    const directory = join(desk.directory, 'keys')
    const stolen = readdirSync(directory)
      .filter((name) => name.endsWith('.pem'))
      .map((name) => signingKeyFromPem(readFileSync(join(directory, name), 'utf8'), name))
    expect(stolen).toHaveLength(3)
    const now = desk.clock.at
    const stamp = { version: 2 ** 31 - 1, expiresAt: now + DAY_MS }
    const list = makeTargets({ ...stamp, targets: new Map([[other, 5]]) }, stolen)
    const snapshot = makeSnapshot({ ...stamp, targets: list }, stolen)
    const timestamp = makeTimestamp({ ...stamp, snapshot }, stolen)
    const root = desk.trust.repository.root()
    const ownRoot = makeRoot(
      { ...stamp, version: root.version + 1, fleet: 'test', keys: { ...root.keys, targets: [stolen[0]!], threshold: 1 } },
      stolen,
    )
    const forged: Record<string, Buffer> = {
      [`${stamp.version}.targets.json`]: list.bytes,
      [`${stamp.version}.snapshot.json`]: snapshot.bytes,
    }
    for (const files of [forged, { ...forged, [`${root.version + 1}.root.json`]: ownRoot.bytes }]) {
      const device = joinDevice(desk, { directory: victim.directory, files: (name) => files[name] ?? null })
      await device.hear(timestamp.bytes)
      await expect(device.trust.requireBundle(other, 5)).rejects.toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^(trust|bundle)\./) }),
      )
      expect(device.trust.isBundle(other)).toBe(false)
    }
    expect(() => desk.store.transact(() => desk.trust.authorise(other, 5))).toThrow(expect.objectContaining({ code: 'trust.locked' }))
    await desk.trust.desk.unlock({ key: { path: targets, passphrase }, minutes: 5 }, actor)
    desk.store.transact(() => desk.trust.authorise(other, 5))
  })

  test('that drove the numbers to their end is recovered from by a root of people', async () => {
    const desk = withBundle()
    const { roots } = await ceremony(desk)
    const device = joinDevice(desk)
    await device.hear()
    // The thief signs the highest numbers there are; the device takes them.
    const keyring = desk.keyring
    const stamp = { version: 2 ** 31 - 1, expiresAt: desk.clock.at + DAY_MS }
    const targets = desk.trust.repository.targets()
    const row = desk.store.trust.newest('targets')!
    const snapshot = makeSnapshot({ ...stamp, targets: row }, [keyring.online('snapshot')])
    const timestamp = makeTimestamp({ ...stamp, snapshot }, [keyring.online('timestamp')])
    const misled = joinDevice(desk, {
      directory: device.directory,
      files: (name) => (name.endsWith('snapshot.json') ? snapshot.bytes : name.includes('root') ? null : row.bytes),
    })
    await misled.hear(timestamp.bytes)
    expect(misled.trust.reported().timestamp).toBe(stamp.version)
    // Numbers of the console are lower now: the device holds on to the thief's.
    desk.trust.repository.tell()
    const stuck = joinDevice(desk, { directory: device.directory })
    await stuck.hear()
    expect(stuck.trust.reported()).toMatchObject({ timestamp: stamp.version, problem: { code: 'trust.metadata-invalid' } })

    const rootKeys = roots.slice(1).map((path) => ({ path, passphrase }))
    await desk.trust.desk.recover({ rootKeys, leaveDevices: false }, actor)
    await stuck.hear()
    expect(stuck.trust.reported()).toMatchObject({ state: 'current', root: 3, targets: targets.version, problem: null })
    await stuck.trust.requireBundle(digest, 100)
    expect([desk.store.settings.get('epoch'), desk.resigned]).toEqual([Math.floor(desk.clock.at / 60_000), 1])
    expect(stuck.trust.assignmentKeys().map(({ keyid }) => keyid)).toEqual([desk.keyring.onlinePublic('assignment').id])
  })

  test('case 2: one of two signatures, the same key twice, and unknown keys make no root', async () => {
    const desk = withBundle()
    const { roots } = await ceremony(desk)
    const one = { path: roots[0]!, passphrase }
    for (const rootKeys of [[one], [one, one]])
      await expect(desk.trust.desk.recover({ rootKeys, leaveDevices: false }, actor)).rejects.toThrow(
        expect.objectContaining({ code: 'trust.root-keys-needed' }),
      )
    // A device checks the same by itself.
    const root = desk.trust.repository.root()
    const device = joinDevice(desk)
    await device.hear()
    const { unsealKey, parseSealedKey } = await import('../../../../electron/core/trust/keys/sealed-key.ts')
    const key = await unsealKey(parseSealedKey(readFileSync(roots[0]!, 'utf8')), passphrase)
    const next = makeRoot({ ...root, version: root.version + 1, expiresAt: desk.clock.at + DAY_MS }, [
      key,
      makeSigningKey(),
      makeSigningKey(),
    ])
    const misled = joinDevice(desk, {
      directory: device.directory,
      files: (name) => (name === `${root.version + 1}.root.json` ? next.bytes : null),
    })
    desk.clock.at += 8 * DAY_MS
    await misled.hear()
    expect(misled.trust.reported()).toMatchObject({ root: root.version, problem: { code: 'trust.metadata-invalid' } })
  })
})
