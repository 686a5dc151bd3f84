import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { joinDevice, openTrustDesk, wireName, type TrustDesk } from '../../../harness/trust-desk.ts'

const digest = 'ab'.repeat(32)
const by = { actor: 'anna' }

function withBundle(): TrustDesk {
  const desk = openTrustDesk()
  desk.store.transact(() => desk.trust.authorise(digest, 100))
  return desk
}

const rotateOnline = (desk: TrustDesk) => {
  desk.clock.at += 60_000
  return desk.trust.desk.rotate({ what: 'online', reason: 'revoked', rootKeys: [], to: [], passphrases: [], leaveDevices: false }, by)
}

test('a device that took a new root changes nothing by what the keys of before have signed, until it has heard the rest', async () => {
  const desk = withBundle()
  const first = joinDevice(desk)
  await first.hear()
  await first.trust.requireBundle(digest, 100)
  await rotateOnline(desk)
  // A broker in wrong hands gives the root, as it must, and holds back what comes under it.
  const held = { isHeld: true }
  const files = (name: string): Buffer | null => (held.isHeld && !name.includes('root') ? null : desk.trust.repository.file(wireName(name)))
  const device = joinDevice(desk, { directory: first.directory, files })
  await device.hear(Buffer.from('{}'))
  const again = joinDevice(desk, { directory: first.directory, files })
  for (const { trust } of [device, again]) {
    expect(trust.reported()).toMatchObject({ root: 2, state: 'stale' })
    await expect(trust.requireBundle(digest, 100)).rejects.toThrow()
    expect([trust.mayChange(), trust.isBundle(digest)]).toEqual([false, false])
  }
  held.isHeld = false
  await device.hear()
  expect(device.trust.reported()).toMatchObject({ root: 2, state: 'current', problem: null })
  await device.trust.requireBundle(digest, 100)
})

test('a damaged root never makes keys of the enrolment count that were taken back', async () => {
  const desk = withBundle()
  const before = desk.trust.repository.root().bytes
  const first = joinDevice(desk, { root: before })
  await first.hear()
  await rotateOnline(desk)
  await first.hear()
  writeFileSync(join(first.directory, 'trust', 'root.json'), '')
  const device = joinDevice(desk, { directory: first.directory, root: before })
  expect([device.trust.decides(), device.trust.mayChange()]).toEqual([true, false])
  await device.hear()
  expect(device.trust.reported()).toMatchObject({ root: 2, state: 'current', problem: null })
  expect(device.trust.assignmentKeys().map(({ keyid }) => keyid)).toEqual([desk.keyring.keyIds.assignment])
})

test('a damaged root of a device that was introduced: nothing changes and no order counts until the console is heard', async () => {
  const desk = withBundle()
  const first = joinDevice(desk, { root: null })
  await first.hear()
  expect(first.trust.decides()).toBe(true)
  writeFileSync(join(first.directory, 'trust', 'root.json'), '{"signed":')
  const device = joinDevice(desk, { directory: first.directory, root: null })
  expect([device.trust.decides(), device.trust.mayChange(), device.trust.assignmentKeys()]).toEqual([true, false, []])
  expect(device.trust.problem()?.code).toBe('trust.metadata-invalid')
  await expect(device.trust.requireBundle(digest, 100)).rejects.toThrow()
  await device.hear()
  expect(device.trust.reported()).toMatchObject({ root: 1, state: 'current', problem: null })
})
