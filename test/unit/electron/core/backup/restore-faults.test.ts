import * as fs from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSealedKeys, sealOf } from '../../../../../electron/core/backup/seal-keys.ts'
import { prepareStores } from '../../../../../electron/core/backup/restore/prepare-stores.ts'
import { restoreBackup, type RestoreReport, type RestoreRequest } from '../../../../../electron/core/backup/restore/restore.ts'
import { settleRestore } from '../../../../../electron/core/backup/restore/settle.ts'
import { isRestoring, swapIn } from '../../../../../electron/core/backup/restore/swap.ts'
import { restoreWords } from '../../../../../electron/core/backup/restore/words.ts'
import { openFleetStore, type FleetStore } from '../../../../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../../../../electron/core/store/fleet/open.ts'
import { openTelemetryWriter } from '../../../../../electron/core/store/telemetry/open.ts'
import { openKeyring } from '../../../../../electron/core/trust/keys.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { backedUp, dataDirectory, type DataDirectory } from '../../../../harness/backed-up.ts'
import { enrolled, T0, temporaryDirectory } from '../../../../harness/fleet.ts'

const HOUR = 3_600_000
const PASSPHRASE = 'correct horse battery'

function codeOf(work: () => unknown): string {
  try {
    work()
    return 'done'
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
}

function restore(data: Pick<DataDirectory, 'directory'>, change: Partial<RestoreRequest> & Pick<RestoreRequest, 'backup'>): RestoreReport {
  const usual = { scope: 'everything', passphrase: null, acceptedKey: null, actor: 'cli:anna', now: T0 + HOUR } as const
  return restoreBackup({ ...usual, dataDirectory: data.directory, ...change })
}

function withStore<Result>(directory: string, work: (store: FleetStore) => Result): Result {
  const db = openFleet(join(directory, 'fleet.db'))
  try {
    return work(openFleetStore(db))
  } finally {
    db.close()
  }
}

const start = (data: DataDirectory): void => prepareStores(data.directory, { now: T0, log: () => undefined })
const damage = (data: DataDirectory, name: string): void => {
  for (const suffix of ['-wal', '-shm']) fs.rmSync(join(data.directory, name + suffix), { force: true })
  fs.writeFileSync(join(data.directory, name), Buffer.alloc(20_000, 7))
}

test('a journal whose store is gone is moved aside, and never played into the one that comes', { timeout: 180_000 }, async () => {
  const data = dataDirectory()
  const backup = await backedUp(data)
  const file = join(data.directory, 'fleet.db')
  const db = openFleet(file)
  const store = openFleetStore(db)
  for (let n = 0; n < 20; n += 1) store.transact(() => enrolled(store, `later-${n}`))
  const journal = fs.readFileSync(`${file}-wal`)
  db.close()
  for (const suffix of ['', '-wal', '-shm']) fs.rmSync(file + suffix, { force: true })
  fs.writeFileSync(`${file}-wal`, journal)
  const { aside } = restore(data, { backup, scope: 'damaged' })
  expect(fs.readFileSync(join(aside!, 'fleet.db-wal')).equals(journal)).toBe(true)
  expect(withStore(data.directory, ({ devices }) => devices.all().map(({ device }) => device))).toEqual(['cam-1', 'cam-2'])
})

test.each(['damaged', 'missing'])(
  'telemetry alone is not put beside a fleet that is %s, and nothing stands in the way of the next',
  async (how) => {
    const data = dataDirectory()
    const backup = await backedUp(data)
    damage(data, 'telemetry.db')
    if (how === 'damaged') damage(data, 'fleet.db')
    else for (const suffix of ['', '-wal', '-shm']) fs.rmSync(join(data.directory, `fleet.db${suffix}`), { force: true })
    expect(codeOf(() => restore(data, { backup, scope: 'telemetry' }))).toBe('input.invalid')
    expect([isRestoring(data.directory), fs.existsSync(join(data.directory, 'fleet.db'))]).toEqual([false, how === 'damaged'])
    expect(restore(data, { backup, scope: 'damaged' }).stores).toEqual(['fleet.db', 'telemetry.db'])
    expect(codeOf(() => start(data))).toBe('done')
  },
  60_000,
)

test('a restore that cannot be written down ends, and is not tried again at each start', async () => {
  const data = dataDirectory()
  const backup = await backedUp(data)
  damage(data, 'fleet.db')
  // As a version of before could begin it.
  fs.mkdirSync(join(data.directory, 'stage'))
  fs.copyFileSync(join(backup.directory, 'telemetry.db'), join(data.directory, 'stage', 'telemetry.db'))
  const entry = { id: 'r', backup: backup.name, madeAt: T0, at: T0, actor: 'cli:anna', devices: 2, folders: [] }
  expect(codeOf(() => swapIn(data.directory, { ...entry, stores: ['telemetry.db'], stage: 'stage', aside: 'aside' }))).toBe('store.corrupt')
  expect(isRestoring(data.directory)).toBe(false)
  expect(restore(data, { backup, scope: 'damaged' }).stores).toEqual(['fleet.db'])
}, 180_000)

test('the epoch rises with each restore, also of an older backup, and never comes twice', { timeout: 180_000 }, async () => {
  const data = dataDirectory()
  const settled = (now: number): number =>
    withStore(data.directory, (store) => {
      const parts = { store, keyring: data.keyring, fleet: 'plant', trust: { repository: { overtake: () => undefined } } }
      settleRestore(parts as never, { resign: () => undefined }, now)
      return store.settings.get('epoch')!
    })
  const oldest = await backedUp(data)
  const epochs: number[] = []
  for (let n = 1; n <= 3; n += 1) {
    // All within one minute: the clock alone would not do.
    restore(data, { backup: oldest, now: T0 + HOUR + n })
    epochs.push(settled(T0 + HOUR + n))
  }
  expect(epochs).toEqual([0, 1, 2].map((n) => Math.floor((T0 + HOUR) / 60_000) + n))
  // Where nothing is left that could be read, the clock goes on.
  damage(data, 'fleet.db')
  restore(data, { backup: oldest, now: T0 + 2 * HOUR })
  expect(settled(T0 + 2 * HOUR)).toBeGreaterThan(epochs[2]!)
})

test('keys come back whole or not at all: what a cut left of them is moved aside', { timeout: 180_000 }, async () => {
  const data = dataDirectory()
  const backup = await backedUp(data, { seal: sealOf(PASSPHRASE) })
  const keys = openSealedKeys(fs.readFileSync(join(backup.directory, 'keys.sealed')), PASSPHRASE)
  const directory = temporaryDirectory()
  const [first] = keys.keys()
  fs.mkdirSync(join(directory, 'keys'))
  fs.writeFileSync(join(directory, first!), '')
  const stranger = { ...backup, signer: { ...backup.signer, isOurs: false } }
  const report = restore({ directory }, { backup: stranger, passphrase: PASSPHRASE, acceptedKey: backup.signer.keyId })
  expect(report.keys).toBe('restored')
  expect(fs.readdirSync(join(report.aside!, 'keys'))).toEqual([first!.slice('keys/'.length)])
  expect(openKeyring(join(directory, 'keys')).roots()).toEqual(data.keyring.roots())
})

/** A console that was started once, on a machine of its own. */
function startedOnce(devices: readonly string[] = []): string {
  const directory = temporaryDirectory()
  withStore(directory, (store) => {
    store.settings.set('fleet', 'plant')
    for (const device of devices) enrolled(store, device)
  })
  openTelemetryWriter(join(directory, 'telemetry.db')).close()
  openKeyring(join(directory, 'keys'))
  return directory
}

test(
  'on a machine where Muster was started once the fleet comes with its keys, and no device is shut out',
  { timeout: 180_000 },
  async () => {
    const data = dataDirectory()
    const found = await backedUp(data, { seal: sealOf(PASSPHRASE) })
    const backup = { ...found, signer: { ...found.signer, isOurs: false } }
    const acceptedKey = found.signer.keyId
    const directory = startedOnce()
    const without = restore({ directory }, { backup, acceptedKey })
    expect([without.keys, restoreWords(without).join(' ')]).toEqual(['foreign', expect.stringContaining('did not sign the backup')])
    // It does not start with them; the way back is the passphrase.
    const report = restore({ directory }, { backup, acceptedKey, passphrase: PASSPHRASE, now: T0 + 2 * HOUR })
    expect(report.keys).toBe('restored')
    expect(openKeyring(join(directory, 'keys')).roots()).toEqual(data.keyring.roots())
    expect(withStore(directory, ({ deviceTrust }) => deviceTrust.all().filter(({ quarantined }) => quarantined !== null))).toEqual([])
    expect(without.loss).toMatchObject({ records: null, devicesBack: null, acts: null })
    expect(restoreWords(without).join(' ')).not.toContain('were taken over')
  },
)

test('keys that enrolled devices trust are never replaced', { timeout: 180_000 }, async () => {
  const data = dataDirectory()
  const found = await backedUp(data, { seal: sealOf(PASSPHRASE) })
  const backup = { ...found, signer: { ...found.signer, isOurs: false } }
  const directory = startedOnce(['lamp-1'])
  const keys = openKeyring(join(directory, 'keys')).roots()
  const wanted = { backup, acceptedKey: found.signer.keyId, passphrase: PASSPHRASE }
  expect(codeOf(() => restore({ directory }, wanted))).toBe('input.invalid')
  expect(openKeyring(join(directory, 'keys')).roots()).toEqual(keys)
  expect(withStore(directory, ({ devices }) => devices.all().map(({ device }) => device))).toEqual(['lamp-1'])
})
