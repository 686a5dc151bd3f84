import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { bundleDigest } from '../../../../../../shared/domain/ids.ts'
import { afterCeremony, by, putBundle, targetsFile, tamper } from '../../../../../harness/trust-ceremony.ts'
import { joinDevice, openTrustDesk } from '../../../../../harness/trust-desk.ts'

// Each key is sealed at the cost of a real one: seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const rogue = bundleDigest.parse('ef'.repeat(32))
const coded = (code: string): unknown => expect.objectContaining({ code })
const audited = (desk: { store: ReturnType<typeof openTrustDesk>['store'] }, action: string): string[] =>
  (desk.store.db.prepare('SELECT detail FROM audit WHERE action = ?').all(action) as { detail: string }[]).map(({ detail }) => detail)
const guardOf = (desk: ReturnType<typeof openTrustDesk>, id: string) => desk.trust.guards.all().find((guard) => guard.id === id)

describe('what the targets key signs', () => {
  test('never is what somebody wrote into the store: it is refused, named, on record, and can be put right', async () => {
    const { desk, digest, files, unlock } = await afterCeremony()
    const device = joinDevice(desk)
    await device.hear()
    tamper(desk, rogue)
    desk.clock.at += 60_000
    expect(desk.trust.desk.show().list).toMatchObject({ isGood: false, differs: [`${rogue} was added`] })
    expect(guardOf(desk, 'signed-bytes')).toMatchObject({ state: 'attention' })
    await expect(unlock()).rejects.toThrow(expect.objectContaining({ code: 'trust.list-damaged', message: expect.stringContaining(rogue) }))
    expect([desk.keyring.lockState().isLocked, audited(desk, 'keys.refused')]).toEqual([true, [expect.stringContaining(rogue)]])
    await device.hear()
    await expect(device.trust.requireBundle(rogue, 5)).rejects.toThrow()

    // No list that it signed is left, so the model waits too, and is named.
    await unlock({ mend: true, sign: [digest] })
    expect([...desk.trust.repository.targets().targets.keys()]).toEqual([digest])
    await device.hear()
    await expect(device.trust.requireBundle(rogue, 5)).rejects.toThrow(coded('trust.bundle-unlisted'))
    await device.trust.requireBundle(digest, 11)

    // While it is unlocked an import signs nothing else either, nor does the renewal.
    tamper(desk, rogue)
    expect(() => desk.store.transact(() => desk.trust.authorise('aa'.repeat(32), 1))).toThrow(coded('trust.list-damaged'))
    await desk.trust.desk.unlock({ key: targetsFile(files), minutes: 1, sign: [], mend: true }, by)
  })

  test('are models that waited, if the person names them, and no other ones', async () => {
    const { desk, unlock } = await afterCeremony()
    const waits = putBundle(desk, '{"waits":1}')
    putBundle(desk, '{"damaged":1}', rogue)
    desk.reopen()
    desk.trust.start()
    desk.trust.stop()
    expect(desk.trust.desk.show().list).toMatchObject({ isGood: true, waitingCount: 1, waiting: [{ digest: waits, versions: [] }] })
    expect(guardOf(desk, 'signed-bytes')).toMatchObject({ state: 'attention', sentence: expect.stringContaining('1 model waits') })
    await unlock()
    expect(desk.trust.repository.targets().targets.has(waits)).toBe(false)
    await expect(unlock({ sign: [rogue] })).rejects.toThrow(coded('trust.list-differs'))
    await unlock({ sign: [waits] })
    expect([...desk.trust.repository.targets().targets]).toContainEqual([waits, 11])
    expect(audited(desk, 'keys.unlock').at(-1)).toContain(waits)
    expect(desk.trust.desk.show().list).toMatchObject({ waitingCount: 0 })
  })

  test('after a theft of the key: nothing that this console does not have', async () => {
    const { desk, digest, root, stolen } = await afterCeremony()
    const mine = putBundle(desk, '{"mine":1}')
    // The thief signed a list with the key, and put it into the store.
    const key = await stolen()
    const list = new Map([
      [rogue, 5],
      [mine, 10],
    ])
    desk.store.transact(() => desk.trust.repository.signList(list, key))
    const input = { rootKeys: [root(0), root(1)], to: [desk.stick('n')], passphrases: ['four words that differ'], leaveDevices: false }
    await desk.trust.desk.rotate({ what: 'targets', reason: 'revoked', ...input }, by)
    expect([...desk.trust.repository.targets().targets.keys()]).toEqual([mine])
    expect(audited(desk, 'keys.rotate')[0]).toContain(rogue)
    expect(digest).not.toBe(mine)
  })
})

describe('an act whose last step fails', () => {
  test('counts, and says so: the files stay, the old keys sign nothing, and the disk is brought up to it later', async () => {
    const desk = openTrustDesk()
    const keys = join(desk.directory, 'keys')
    mkdirSync(join(keys, 'offline.json.new'))
    const { files } = await afterCeremony(desk)
    expect(files).toHaveLength(4)
    expect(desk.trust.desk.show()).toMatchObject({ mode: 'people', isLocked: true, isSettled: false, root: { version: 2 } })
    expect(guardOf(desk, 'offline-keys')).toMatchObject({ state: 'attention', sentence: expect.stringContaining('disk') })
    expect(() => desk.store.transact(() => desk.trust.authorise(rogue, 5))).toThrow(coded('trust.locked'))
    expect(readdirSync(keys)).toContain('bundle.pem')
    rmdirSync(join(keys, 'offline.json.new'))
    expect(desk.keyring.settle()).toBe(true)
    expect([readdirSync(keys).includes('bundle.pem'), readdirSync(keys).includes('offline.json')]).toEqual([false, true])
    desk.reopen()
    expect(desk.trust.desk.show()).toMatchObject({ mode: 'people', isSettled: true })
  })

  test('leaves no files behind if it did not count', async () => {
    const desk = openTrustDesk()
    desk.store.transact(() => desk.trust.authorise(rogue, 10))
    tamper(desk, createHash('sha256').digest('hex'))
    const stick = desk.stick('a')
    await expect(afterCeremony(desk, stick)).rejects.toThrow(coded('trust.list-damaged'))
    expect([readdirSync(stick), desk.trust.desk.show().mode]).toEqual([[], 'console'])
  })
})
