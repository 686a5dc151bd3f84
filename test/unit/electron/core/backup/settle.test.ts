import { expect, test } from 'vitest'
import { carryOverNumbers } from '../../../../../electron/core/backup/restore/carry-over-numbers.ts'
import { settleRestore } from '../../../../../electron/core/backup/restore/settle.ts'
import { joinDevice, openTrustDesk, type TrustDesk } from '../../../../harness/trust-desk.ts'
import { enrolled, report } from '../../../../harness/fleet.ts'
import { afterCeremony, putBundle } from '../../../../harness/trust-ceremony.ts'

const DAY = 86_400_000
const DIGESTS = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)] as const

type Row = Record<string, unknown>
const metadataOf = ({ store }: TrustDesk): Row[] => store.db.prepare<[], Row>('SELECT * FROM trust_metadata').all()

/** The store is again as it was, and the console starts on it. */
function comeBack(desk: TrustDesk, rows: readonly Row[]): void {
  desk.trust.stop()
  const { store, clock } = desk
  store.transact(() => {
    store.db.exec('DELETE FROM trust_metadata')
    for (const row of rows) {
      const names = Object.keys(row)
      store.db.prepare(`INSERT INTO trust_metadata (${names.join()}) VALUES (${names.map((name) => `@${name}`).join()})`).run(row)
    }
    // What stood there cannot be read.
    carryOverNumbers(store, null, clock.at)
    const of = { id: 'r', backup: 'b', madeAt: clock.at, at: clock.at, actor: 'cli:anna', aside: null }
    store.settings.set('restored', { ...of, stores: ['fleet.db'], isSettled: false })
  })
  desk.reopen()
  const parts = { store, keyring: desk.keyring, fleet: desk.fleet, trust: desk.trust }
  expect(settleRestore(parts as never, { resign: () => undefined }, clock.at)).toBe(true)
  desk.trust.start()
}

test('devices follow a restored console at once, though it signed more after the backup', async () => {
  const desk = openTrustDesk()
  desk.trust.start()
  desk.store.transact(() => desk.trust.authorise(DIGESTS[0], 100))
  const device = joinDevice(desk)
  await device.hear()
  const rows = metadataOf(desk)
  desk.clock.at += DAY / 2
  // Several within the minute of the restore.
  for (const digest of DIGESTS.slice(1)) desk.store.transact(() => desk.trust.authorise(digest, 100))
  await device.hear()
  const before = device.trust.reported()
  comeBack(desk, rows)
  await device.hear()
  const after = device.trust.reported()
  expect(after).toMatchObject({ state: 'current', problem: null, targets: desk.trust.repository.targets().version })
  expect(after.targets).toBeGreaterThan(before.targets)
  expect([...desk.trust.repository.targets().targets.keys()]).toEqual([DIGESTS[0]])
  // And so it stays: what is signed next is higher still.
  desk.store.transact(() => desk.trust.authorise(DIGESTS[1], 100))
  await device.hear()
  expect(device.trust.reported()).toMatchObject({ problem: null, targets: desk.trust.repository.targets().version })
  desk.trust.stop()
})

test('where people hold the targets key, one unlock lets devices follow again, and the page of guards says so', async () => {
  const { desk, unlock } = await afterCeremony()
  desk.trust.start()
  enrolled(desk.store, 'cam-1')
  const device = joinDevice(desk)
  await device.hear()
  const rows = metadataOf(desk)
  const digest = putBundle(desk, '{"second":2}')
  desk.clock.at += DAY / 2
  await unlock({ sign: [digest] })
  await device.hear()
  comeBack(desk, rows)
  await device.hear()
  expect(device.trust.reported().problem?.code).toBe('trust.metadata-invalid')
  desk.store.devices.noteReport(report('cam-1', { trust: device.trust.reported() }), desk.clock.at)
  const guard = () => desk.trust.guards.all().find(({ id }) => id === 'signed-bytes')!
  expect(guard()).toMatchObject({ state: 'attention', action: { command: 'muster keys unlock' } })
  await unlock()
  await device.hear()
  expect(device.trust.reported()).toMatchObject({ state: 'current', problem: null })
  desk.trust.stop()
})
