import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { restoreBackup, type RestoreRequest } from '../../../../../electron/core/backup/restore/restore.ts'
import { finishRestore, isRestoring } from '../../../../../electron/core/backup/restore/swap.ts'
import { faultOf } from '../../../../../electron/core/backup/restore/damage.ts'
import { sealOf } from '../../../../../electron/core/backup/seal-keys.ts'
import { openFleetStore } from '../../../../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../../../../electron/core/store/fleet/open.ts'
import { openKeyring } from '../../../../../electron/core/trust/keys.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { backedUp, dataDirectory, setThrough, type DataDirectory } from '../../../../harness/backed-up.ts'
import { enrolled, T0, temporaryDirectory } from '../../../../harness/fleet.ts'

const LATER = T0 + 3_600_000

function codeOf(work: () => unknown): string {
  try {
    work()
    return 'done'
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
}

function request(data: DataDirectory, change: Partial<RestoreRequest> & Pick<RestoreRequest, 'backup'>): RestoreRequest {
  return {
    dataDirectory: data.directory,
    scope: 'everything',
    passphrase: null,
    acceptedKey: null,
    actor: 'cli:anna',
    now: LATER,
    ...change,
  }
}

/** After the backup: a device came, one went, a code was made, and telemetry went on. */
function goOn(data: DataDirectory): void {
  const db = openFleet(join(data.directory, 'fleet.db'))
  const store = openFleetStore(db)
  enrolled(store, 'cam-3')
  store.devices.remove('cam-2')
  store.deviceTrust.revoke('cam-1', { at: T0 + 1, by: 'cli:anna', why: 'stolen' })
  const certificate = {
    serial: 'ab01',
    device: 'cam-1',
    fingerprint: 'f',
    certificate: 'PEM',
    notBefore: T0,
    notAfter: T0 * 2,
    issuedAt: T0,
  }
  store.certificates.add(certificate)
  store.certificates.revokeAll('cam-1', T0 + 1, 'stolen')
  store.audit.append({ at: T0 + 1, actor: 'test', action: 'test.later', detail: {} })
  db.close()
  setThrough(data.directory, 350)
}

function fleetOf(directory: string) {
  const db = openFleet(join(directory, 'fleet.db'))
  try {
    const store = openFleetStore(db)
    return {
      devices: store.devices.all().map(({ device }) => device),
      restored: store.settings.get('restored'),
      codes: db.prepare('SELECT count(*) FROM enrolment_code').pluck().get(),
      revoked: store.deviceTrust
        .all()
        .flatMap(({ device, revoked, quarantined }) => [
          ...(revoked === null ? [] : [`${device} revoked: ${revoked.why}`]),
          ...(quarantined === null ? [] : [`${device} in quarantine`]),
        ]),
      certificates: store.certificates.revoked(T0).map(({ serial }) => serial),
      acts: db.prepare<[], string>('SELECT action FROM audit ORDER BY seq').pluck().all(),
    }
  } finally {
    db.close()
  }
}

test('a restore in place says what it goes back behind, keeps the old files, and writes itself down', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  const db = openFleet(join(data.directory, 'fleet.db'))
  openFleetStore(db).enrolment.add({ codeId: 'abcd', secret: 's', device: null, labels: {}, expiresAt: LATER * 2, triesLeft: 5 })
  db.close()
  const backup = await backedUp(data)
  goOn(data)
  const report = restoreBackup(request(data, { backup }))
  expect(report).toMatchObject({
    ...{ backup: backup.name, madeAt: T0, stores: ['fleet.db', 'telemetry.db'], keys: 'kept' },
    loss: { records: 250, devicesGone: ['cam-3'], devicesBack: ['cam-2'], acts: 1 },
  })
  expect(fleetOf(data.directory)).toEqual({
    devices: ['cam-1', 'cam-2'],
    restored: expect.objectContaining({ backup: backup.name, actor: 'cli:anna', isSettled: false }),
    // A code of that time may have been used since.
    codes: 0,
    // Whom somebody has shut out since stays out.
    revoked: ['cam-1 revoked: stolen', 'cam-2 in quarantine'],
    certificates: ['ab01'],
    acts: ['test.begin', 'backups.restored'],
  })
  expect(fleetOf(report.aside!).devices).toEqual(['cam-1', 'cam-3'])
  expect(fs.readdirSync(data.directory).filter((name) => /partial|journal\.json/.test(name))).toEqual([])
})

test('a restore lets in whoever renewed, or was enrolled anew, since the backup', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  const inFleet = (work: (store: ReturnType<typeof openFleetStore>) => void): void => {
    const db = openFleet(join(data.directory, 'fleet.db'))
    work(openFleetStore(db))
    db.close()
  }
  const certificate = (serial: string, device: string) => ({
    ...{ serial, device, fingerprint: 'f', certificate: 'PEM', notBefore: T0, notAfter: T0 * 2, issuedAt: T0 },
  })
  inFleet((store) => {
    store.certificates.add(certificate('aa', 'cam-1'))
    store.certificates.noteUse('aa', T0)
    store.certificates.add(certificate('cc', 'cam-2'))
    store.deviceTrust.revoke('cam-2', { at: T0, by: 'cli:anna', why: 'lost' })
    store.certificates.revokeAll('cam-2', T0, 'lost')
  })
  const backup = await backedUp(data)
  inFleet((store) => {
    store.certificates.add({ ...certificate('bb', 'cam-1'), issuedAt: T0 + 1 })
    store.certificates.noteUse('bb', T0 + 1)
    // It was found, and enrolled anew.
    store.devices.enrol({ device: 'cam-2', secretHash: 'e'.repeat(64), labels: {}, enrolledAt: T0 + 1 })
    store.deviceTrust.admit('cam-2')
    store.deviceTrust.setSigningKey('cam-2', 'new key')
    store.certificates.add(certificate('dd', 'cam-2'))
    enrolled(store, 'cam-3')
    store.certificates.add(certificate('ee', 'cam-3'))
  })
  restoreBackup(request(data, { backup }))
  inFleet((store) => {
    const serials = [...store.certificates.notRevoked().values()].flat().map(({ serial }) => serial)
    // cam-3 is not in the backup: what let it in counts no more.
    expect([serials, store.certificates.find('aa')?.revokedWhy]).toEqual([['bb', 'dd'], 'superseded'])
    expect(store.deviceTrust.find('cam-2')).toMatchObject({ revoked: null, signingKey: 'new key' })
    expect(store.devices.find('cam-2')?.secretHash).toBe('e'.repeat(64))
  })
})

test('only what is damaged is replaced: the sound store keeps everything', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  const backup = await backedUp(data)
  goOn(data)
  expect(codeOf(() => restoreBackup(request(data, { backup, scope: 'damaged' })))).toBe('input.invalid')
  const file = join(data.directory, 'fleet.db')
  fs.writeFileSync(file, Buffer.alloc(8192, 7))
  expect(faultOf(data.directory, 'fleet.db')?.code).toBe('store.corrupt')
  const report = restoreBackup(request(data, { backup, scope: 'damaged' }))
  expect(report).toMatchObject({ stores: ['fleet.db'], loss: { records: 0, devicesGone: null, devicesBack: null, acts: null } })
  expect(fs.readFileSync(join(report.aside!, 'fleet.db')).equals(Buffer.alloc(8192, 7))).toBe(true)
  const telemetry = new Database(join(data.directory, 'telemetry.db'), { readonly: true })
  expect(telemetry.prepare('SELECT through FROM spool').pluck().get()).toBe(350)
  telemetry.close()
})

test('a restore that is cut off after any of its moves is finished at the next start', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  const backup = await backedUp(data)
  goOn(data)
  const stopped: string[] = []
  // As the disk is after each move: the directory is copied, and the copy finished.
  const original = fs.renameSync
  const copies: string[] = []
  const moves = { count: 0 }
  const watch = (from: fs.PathLike, to: fs.PathLike): void => {
    if (isRestoring(data.directory)) {
      const copy = join(temporaryDirectory(), `cut-${(moves.count += 1)}`)
      fs.cpSync(data.directory, copy, { recursive: true })
      copies.push(copy)
      stopped.push(`${String(from)} -> ${String(to)}`)
    }
    original(from, to)
  }
  const { syncBuiltinESMExports } = await import('node:module')
  const mutable = (await import('node:fs')).default
  mutable.renameSync = watch
  syncBuiltinESMExports()
  try {
    restoreBackup(request(data, { backup }))
  } finally {
    mutable.renameSync = original
    syncBuiltinESMExports()
  }
  expect(copies.length).toBeGreaterThanOrEqual(4)
  for (const copy of copies) {
    expect(finishRestore(copy)).toBe(true)
    expect(fleetOf(copy).devices).toEqual(['cam-1', 'cam-2'])
    expect(fleetOf(copy).acts).toEqual(['test.begin', 'backups.restored'])
    const asides = fs.readdirSync(copy).filter((name) => name.startsWith('before-restore-'))
    expect(fleetOf(join(copy, asides[0]!)).devices).toEqual(['cam-1', 'cam-3'])
    expect(finishRestore(copy)).toBe(false)
  }
})

test('keys come back under the passphrase only, and never over keys that are there', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  const backup = await backedUp(data, { seal: sealOf('correct horse battery') })
  const pem = fs.readFileSync(join(data.directory, 'keys', 'assignment.pem'), 'utf8')
  for (const name of fs.readdirSync(backup.directory))
    expect(fs.readFileSync(join(backup.directory, name)).includes(pem.split('\n')[1]!)).toBe(false)
  const directory = join(temporaryDirectory(), 'new')
  fs.mkdirSync(directory)
  const into = (passphrase: string | null) => restoreBackup(request(data, { backup, dataDirectory: directory, passphrase }))
  expect(codeOf(() => into('wrong'))).toBe('backup.passphrase')
  expect(fs.existsSync(join(directory, 'fleet.db'))).toBe(false)
  expect(into('correct horse battery')).toMatchObject({ keys: 'restored', aside: null })
  expect(openKeyring(join(directory, 'keys')).roots()).toEqual(data.keyring.roots())
  expect(fs.statSync(join(directory, 'keys', 'assignment.pem')).mode & 0o077).toBe(0)
  expect(fs.readFileSync(join(directory, 'artifacts', data.artifact), 'utf8')).toBe('bytes of a model')
})

test('a backup of another console, of a newer version, or damaged, changes nothing', async () => {
  const data = dataDirectory()
  const other = dataDirectory({ devices: ['lamp-1'] })
  const foreign = await backedUp(other)
  const backup = { ...foreign, signer: { ...foreign.signer, isOurs: false } }
  expect(codeOf(() => restoreBackup(request(data, { backup })))).toBe('backup.untrusted')
  const newer = { ...foreign, manifest: { ...foreign.manifest, schemas: { fleet: 99_990, telemetry: 10 } } }
  expect(codeOf(() => restoreBackup(request(data, { backup: newer })))).toBe('backup.newer')
  const bytes = fs.readFileSync(join(foreign.directory, 'fleet.db'))
  bytes[5000] = bytes[5000]! ^ 1
  fs.writeFileSync(join(foreign.directory, 'fleet.db'), bytes)
  expect(codeOf(() => restoreBackup(request(data, { backup: foreign })))).toBe('backup.damaged')
  expect(fleetOf(data.directory).devices).toEqual(['cam-1', 'cam-2'])
  expect(fs.readdirSync(data.directory).filter((name) => /restore/.test(name))).toEqual([])
})
