import * as fs from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { restoreBackup, type RestoreRequest } from '../../../../../electron/core/backup/restore/restore.ts'
import { restoreWords } from '../../../../../electron/core/backup/restore/words.ts'
import { openFleetStore, type FleetStore } from '../../../../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../../../../electron/core/store/fleet/open.ts'
import type { PersonRole } from '../../../../../shared/domain/people.ts'
import { backedUp, dataDirectory } from '../../../../harness/backed-up.ts'
import { T0 } from '../../../../harness/fleet.ts'

const LATER = T0 + 3_600_000

function within(directory: string, work: (store: FleetStore) => void): void {
  const db = openFleet(join(directory, 'fleet.db'))
  work(openFleetStore(db))
  db.close()
}

function addAccount(store: FleetStore, name: string, role: PersonRole): void {
  const way = { password: `hash of ${name}`, subject: null }
  store.accounts.add({ name, displayName: name, role, handle: `handle-${name}`, ...way, addedAt: T0, addedBy: 'owner' })
}

function addToken(store: FleetStore, token: string, account: string | null): void {
  store.tokens.add({
    ...{ token, hash: `hash of ${token}`, name: token, account, role: 'viewer', methods: ['system.status'] },
    ...{ madeAt: T0, madeBy: 'owner', expiresAt: LATER * 2 },
  })
}

function openSession(store: FleetStore, account: string): void {
  const session = { session: `s-${account}`, hash: `hash of s-${account}`, account, way: 'password', client: 'web' } as const
  store.sessions.add({ ...session, madeAt: T0, usedAt: T0, endsAt: LATER * 2 })
}

function peopleOf(directory: string) {
  let found: unknown
  within(directory, (store) => {
    found = {
      accounts: store.accounts.all().map(({ name, role, isDisabled, password }) => [name, role, isDisabled, password]),
      tokens: Object.fromEntries(store.tokens.all().map(({ token, revokedAt }) => [token, revokedAt])),
      sessions: store.db.prepare('SELECT count(*) FROM session').pluck().get(),
      said: store.db.prepare("SELECT detail ->> 'people' FROM audit WHERE action = 'backups.restored'").pluck().get(),
    }
  })
  return found
}

const restored = (directory: string, backup: RestoreRequest['backup']) =>
  restoreBackup({
    ...{ backup, dataDirectory: directory, scope: 'everything', passphrase: null, acceptedKey: null },
    ...{ actor: 'cli:anna', now: LATER },
  })

describe('a restore', { timeout: 60_000 }, () => {
  test('lets nobody in again who was shut out since: accounts, roles, passwords and tokens stay as they were', async () => {
    const data = dataDirectory()
    within(data.directory, (store) => {
      for (const name of ['anna', 'ben']) addAccount(store, name, 'admin')
      addToken(store, 'leaked', 'anna')
      addToken(store, 'ci', null)
      openSession(store, 'ben')
    })
    const backup = await backedUp(data)
    within(data.directory, (store) => {
      store.accounts.set({ ...store.accounts.find('ben')!, isDisabled: true, role: 'viewer' })
      store.accounts.setPassword('anna', 'another hash')
      addAccount(store, 'cleo', 'operator')
      store.tokens.revoke('leaked', T0 + 5)
      addToken(store, 'new', 'cleo')
      openSession(store, 'anna')
    })
    const report = restored(data.directory, backup)
    expect(report.loss.people).toBe('kept')
    expect(restoreWords(report).join(' ')).toContain('Accounts, passkeys and tokens stay as they were before the restore')
    expect(peopleOf(data.directory)).toEqual({
      accounts: [
        ['anna', 'admin', false, 'another hash'],
        ['ben', 'viewer', true, 'hash of ben'],
        ['cleo', 'operator', false, 'hash of cleo'],
      ],
      tokens: { leaked: T0 + 5, ci: null, new: null },
      sessions: 0,
      said: 'kept',
    })
  })

  test('to before the first account does not open the console to everybody', async () => {
    const data = dataDirectory()
    const backup = await backedUp(data)
    within(data.directory, (store) => addAccount(store, 'anna', 'admin'))
    restored(data.directory, backup)
    expect(peopleOf(data.directory)).toMatchObject({ accounts: [['anna', 'admin', false, 'hash of anna']] })
  })

  test.each([
    { name: 'over a store that cannot be read', ruin: (file: string) => fs.writeFileSync(file, Buffer.alloc(8192, 7)) },
    { name: 'where there is no store', ruin: (file: string) => fs.rmSync(file) },
    {
      name: 'over a store of a new console without accounts',
      ruin: (file: string) => {
        fs.rmSync(file)
        openFleet(file).close()
      },
    },
  ])('$name brings the accounts of the backup, and ends every token', async ({ ruin }) => {
    const data = dataDirectory()
    within(data.directory, (store) => {
      addAccount(store, 'anna', 'admin')
      addToken(store, 'ci', 'anna')
      addToken(store, 'old', null)
      store.tokens.revoke('old', T0 + 5)
      openSession(store, 'anna')
    })
    const backup = await backedUp(data)
    for (const suffix of ['-wal', '-shm']) fs.rmSync(join(data.directory, `fleet.db${suffix}`), { force: true })
    ruin(join(data.directory, 'fleet.db'))
    const report = restored(data.directory, backup)
    expect(report.loss.people).toBe('of-backup')
    expect(restoreWords(report).join(' ')).toContain('Every token is ended')
    expect(peopleOf(data.directory)).toEqual({
      accounts: [['anna', 'admin', false, 'hash of anna']],
      tokens: { ci: LATER, old: T0 + 5 },
      sessions: 0,
      said: 'of-backup',
    })
  })
})
