import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { isSignedBy, readRoot } from '../../../../../../electron/core/trust/tuf/metadata.ts'
import { keyOfPassphrase } from '../../../../../../electron/core/trust/console-passphrase.ts'
import { openSecretBox } from '../../../../../../electron/core/trust/secret-box.ts'
import { report, enrolled } from '../../../../../harness/fleet.ts'
import { openTrustDesk, type TrustDesk } from '../../../../../harness/trust-desk.ts'

// Each key is sealed at the cost of a real one: seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const actor = { actor: 'anna' }
const passphrase = 'four words that differ'
const digest = 'ab'.repeat(32)
const digestOf = (manifest: string): string => createHash('sha256').update(manifest).digest('hex')
const coded = (code: string): unknown => expect.objectContaining({ code })

type CreateInput = Parameters<TrustDesk['trust']['desk']['create']>[0]
const createInput = (desk: TrustDesk, change: Partial<CreateInput> = {}): CreateInput => ({
  ...{ rootTo: [desk.stick('a')], rootPassphrases: [passphrase], targetsTo: desk.stick('t'), targetsPassphrase: passphrase },
  ...{ leaveDevices: false, ...change },
})

async function afterCeremony() {
  const desk = openTrustDesk()
  desk.store.transact(() => desk.trust.authorise(digest, 10))
  const files = (await desk.trust.desk.create(createInput(desk), actor)).map(({ file }) => file)
  return { desk, files, input: (i: number, change: object = {}) => ({ path: files[i]!, passphrase, ...change }) }
}

describe('the ceremony', () => {
  test('gives the keys to people once, on record, and leaves the console only those that it needs each day', async () => {
    const { desk } = await afterCeremony()
    const keys = join(desk.directory, 'keys')
    expect(
      readdirSync(keys)
        .filter((name) => name.endsWith('.pem'))
        .sort(),
    ).toEqual(['assignment.pem', 'snapshot.pem', 'timestamp.pem'])
    expect(desk.trust.desk.show()).toMatchObject({
      mode: 'people',
      isLocked: true,
      root: { version: 2, threshold: 2 },
      targets: { bundles: 1 },
    })
    const [first, second] = [1, 2].map((version) => desk.trust.repository.file(`root-${version}`)!)
    expect([isSignedBy(second!, first!), isSignedBy(second!, second!)]).toEqual([true, true])
    expect(readRoot(second!).keys.root).toHaveLength(3)
    const rows = desk.store.db.prepare('SELECT action, detail FROM audit').all() as { action: string; detail: string }[]
    expect(rows.map(({ action }) => action)).toContain('keys.create')
    expect(JSON.stringify(rows)).not.toContain(passphrase)
    await expect(desk.trust.desk.create(createInput(desk), actor)).rejects.toThrow(coded('trust.ceremony-done'))

    // A start that finds what a cut left behind destroys it.
    writeFileSync(join(keys, 'bundle.pem'), 'what a cut left behind', { mode: 0o600 })
    desk.reopen()
    expect([desk.trust.desk.show().mode, readdirSync(keys).includes('bundle.pem')]).toEqual(['people', false])
    expect(() => desk.keyring.targets()).toThrow(coded('trust.locked'))
  })

  test('the targets key opens by its passphrase alone, for a while; rehearsals and copies are on record', async () => {
    const { desk, files, input } = await afterCeremony()
    const unlock = (key: { path?: string; passphrase: string }) => desk.trust.desk.unlock({ key, minutes: 10 }, actor)
    await expect(unlock({ passphrase: 'another set of words' })).rejects.toThrow(coded('trust.passphrase'))
    expect(desk.store.audit.after(0, 100).at(-1)).toMatchObject({
      action: 'keys.refused',
      detail: expect.stringContaining('trust.passphrase') as string,
    })
    await expect(unlock(input(0))).rejects.toThrow(coded('trust.key-unknown'))
    await unlock({ passphrase })
    expect(desk.trust.desk.show()).toMatchObject({ isLocked: false, unlockedUntil: desk.clock.at + 600_000 })
    const release = desk.keyring.hold()
    desk.clock.at += 600_000
    expect(desk.keyring.lockState().isLocked).toBe(false)
    release()
    expect(desk.keyring.lockState().isLocked).toBe(true)

    expect(await desk.trust.desk.drill({ key: input(1) }, actor)).toMatchObject({ ok: true, label: 'root 2 of 3', problem: null })
    expect(await desk.trust.desk.drill({ key: input(1, { passphrase: 'another set of words' }) }, actor)).toMatchObject({ ok: false })
    expect(desk.trust.desk.show().keys.find(({ label }) => label === 'root 2 of 3')?.drill?.problem).toContain('does not open')
    const changed = JSON.parse(readFileSync(files[1]!, 'utf8')) as { label: string }
    const content = JSON.stringify({ ...changed, label: 'root 3 of 3' })
    expect(await desk.trust.desk.drill({ key: { content, passphrase } }, actor)).toMatchObject({ ok: false })

    const { path } = input(3)
    expect(desk.trust.desk.backup({ key: { path }, to: desk.stick('copy') }, actor)).toMatchObject([{ label: 'targets' }])
    mkdirSync(join(desk.directory, 'inside'))
    expect(() => desk.trust.desk.backup({ key: { path }, to: join(desk.directory, 'inside') }, actor)).toThrow(coded('trust.folder'))
  })

  test('new keys take the place of the old ones, which sign nothing any more', async () => {
    const { desk, files, input } = await afterCeremony()
    const rotate = (what: 'targets' | 'root', roots: number[]) =>
      desk.trust.desk.rotate(
        {
          ...{ what, reason: 'revoked', rootKeys: roots.map((i) => input(i)), to: [desk.stick(what)], passphrases: [passphrase] },
          leaveDevices: false,
        },
        actor,
      )
    await rotate('targets', [0, 2])
    expect(desk.trust.repository.isListSigned()).toBe(true)
    await expect(desk.trust.desk.unlock({ key: { path: files[3]!, passphrase }, minutes: 1 }, actor)).rejects.toThrow(
      coded('trust.key-unknown'),
    )
    expect(desk.trust.desk.show().keys.filter(({ state }) => state === 'ended')).toMatchObject([{ role: 'targets', endReason: 'revoked' }])
    await desk.trust.desk.unlock({ key: { passphrase }, minutes: 1 }, actor)
    await rotate('root', [0, 1])
    await expect(rotate('root', [0, 1])).rejects.toThrow(coded('trust.key-unknown'))

    // A store from a backup learns the roots that it missed from beside the keys.
    const { version } = desk.trust.repository.root()
    desk.store.db.prepare(`DELETE FROM trust_metadata WHERE role = 'root' AND version > 1`).run()
    desk.reopen()
    expect(desk.trust.repository.root().version).toBe(version)
  })
})

test.each<{ name: string; change: (desk: TrustDesk) => Partial<CreateInput>; code: string }>([
  { name: 'a short passphrase', change: () => ({ rootPassphrases: ['short'] }), code: 'trust.passphrase-weak' },
  { name: 'a folder that is not there', change: () => ({ rootTo: ['/no/such/folder'] }), code: 'trust.folder' },
  { name: 'a folder within the data directory', change: (desk) => ({ targetsTo: join(desk.directory, 'keys') }), code: 'trust.folder' },
  { name: 'part of a path', change: () => ({ targetsTo: 'sticks' }), code: 'trust.folder' },
])('$name ends the ceremony before anything is changed', async ({ change, code }) => {
  const desk = openTrustDesk()
  await expect(desk.trust.desk.create(createInput(desk, change(desk)), actor)).rejects.toThrow(coded(code))
  expect(desk.trust.desk.show()).toMatchObject({ mode: 'console', root: { version: 1 } })
})

test('devices that cannot follow hold the ceremony up, unless somebody says that they may be left', async () => {
  const desk = openTrustDesk()
  enrolled(desk.store, 'old-1')
  desk.store.devices.noteReport(report('old-1', { sequence: 1, trust: null }), desk.clock.at)
  await expect(desk.trust.desk.create(createInput(desk), actor)).rejects.toThrow(coded('trust.devices-untold'))
  expect(desk.trust.guards.all().find(({ id }) => id === 'signed-bytes')).toMatchObject({ state: 'attention' })
  await desk.trust.desk.create(createInput(desk, { leaveDevices: true }), actor)
})

test('a fleet that is renamed while nobody has joined begins its metadata anew, with the models that it has', async () => {
  const desk = openTrustDesk()
  desk.store.db
    .prepare('INSERT INTO bundle (digest, manifest, signatures, created_at) VALUES (?, ?, ?, ?)')
    .run(digestOf('{}'), Buffer.from('{}'), '[]', desk.clock.at)
  desk.trust.start()
  await desk.trust.desk.rotate({ what: 'online', reason: 'retired', rootKeys: [], to: [], passphrases: [], leaveDevices: false }, actor)
  expect(desk.trust.repository.root()).toMatchObject({ version: 2, fleet: 'test' })
  desk.fleet = 'plant'
  desk.trust.renamed()
  expect(desk.trust.repository.root()).toMatchObject({ version: 1, fleet: 'plant' })
  expect([...desk.trust.repository.targets().targets]).toEqual([[digestOf('{}'), 2]])
  desk.trust.stop()
  desk.reopen()
  expect(desk.trust.repository.root()).toMatchObject({ version: 1, fleet: 'plant' })
})

describe('what runs out is made anew', () => {
  test('the timestamp each day, the rest before half of its life is over', () => {
    const desk = openTrustDesk()
    const { repository } = desk.trust
    const day = 86_400_000
    expect(repository.renew()).toBe(false)
    for (let i = 0; i < 130; i += 1) {
      desk.clock.at += 6 * day
      repository.renew()
      const { timestamp, snapshot } = repository.stamps()
      const ends = [timestamp.expiresAt, snapshot.expiresAt, repository.targets().expiresAt, repository.root().expiresAt]
      expect(Math.min(...ends) - desk.clock.at).toBeGreaterThan(5 * day)
    }
    expect(repository.root().version).toBeGreaterThan(1)
  })

  test('versions never fall behind what an older copy of the store has signed', () => {
    const desk = openTrustDesk()
    desk.clock.at += 2 * 86_400_000
    desk.trust.repository.renew()
    expect(desk.trust.repository.stamps().timestamp.version).toBeGreaterThanOrEqual(Math.floor(desk.clock.at / 60_000))
  })
})

describe('case 52: without a keyring of the system', () => {
  test('the keys lie open, and the console says so', () => {
    expect(
      openTrustDesk()
        .trust.guards.all()
        .find(({ id }) => id === 'keys-at-rest'),
    ).toMatchObject({ state: 'off' })
  })

  test('a passphrase seals them: no plain key is on the disk, and nothing starts without it', () => {
    const desk = openTrustDesk()
    const before = desk.keyring.roots()
    const box = openSecretBox(keyOfPassphrase(desk.directory, passphrase))
    const keys = join(desk.directory, 'keys')
    const again = reopenWith(desk, box)
    expect([again.keyring.roots(), again.trust.desk.show().atRest]).toEqual([before, 'sealed'])
    for (const name of readdirSync(keys))
      expect([name, readFileSync(join(keys, name), 'utf8').includes('PRIVATE KEY')]).toEqual([name, false])
    expect(() => reopenWith(desk, openSecretBox(null))).toThrow(coded('trust.passphrase-needed'))
    expect(() => keyOfPassphrase(desk.directory, 'another set of words')).toThrow(coded('trust.passphrase'))
  })
})

function reopenWith(desk: TrustDesk, box: ReturnType<typeof openSecretBox>): TrustDesk {
  desk.reopen(box)
  return desk
}
