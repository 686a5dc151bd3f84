import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCarriedFolder, type FolderContext } from '../../../../../agent/usb/carried-folder.ts'
import { trustedKeys } from '../../../../../agent/trust/verify.ts'
import { openKeyring } from '../../../../../electron/core/trust/keys.ts'
import { writableFolder } from '../../../../../electron/core/usb/folder.ts'
import { writeFolder, type FolderContent } from '../../../../../electron/core/usb/write-folder.ts'
import { carriedDevice } from '../../../../../shared/protocol/carry.ts'
import { checkFolder } from '../../../../../shared/store/carry-folder.ts'
import { temporaryDirectory } from '../../../../harness/fleet.ts'

const NOW = 1_800_000_000_000
const model = Buffer.alloc(300_000, 'model')
const sha256 = createHash('sha256').update(model).digest('hex')

/** A console with one artifact, and a stick. */
function world(change: Partial<FolderContent> = {}) {
  const directory = temporaryDirectory()
  const stick = join(directory, 'stick')
  const artifactDirectory = join(directory, 'console/artifacts')
  for (const path of [stick, artifactDirectory]) mkdirSync(path, { recursive: true })
  writeFileSync(join(artifactDirectory, sha256), model)
  const keyring = openKeyring(join(directory, 'console/keys'))
  const content: FolderContent = {
    ...{ folder: stick, artifactDirectory, fleet: 'plant', epoch: 2, number: 7, createdAt: NOW, expiresAt: NOW + 1000 },
    ...{ artifacts: new Map([[sha256, model.length]]), files: new Map([['orders/device_con.json', Buffer.from('{}')]]), earlier: [] },
    own: [carriedDevice.parse({ device: 'con', order: 'orders/device_con.json', spools: [] })],
    ...change,
  }
  const context: FolderContext = { fleet: 'plant', device: 'con', keys: trustedKeys(keyring.roots().assignment), epoch: 2, now: NOW }
  const write = (more: Partial<FolderContent> = {}, signal = new AbortController().signal) =>
    writeFolder({ ...content, ...more }, keyring, { signal, progress: () => undefined })
  return { directory, stick, content, context, write }
}

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'none'
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('a written folder is believed by the device that it is for, and by no other, nor later, nor by one that is further', async () => {
  const { stick, context, write } = world()
  expect(await write()).toMatchObject({ number: 7, devices: 1, files: 2, copied: model.length })
  const opened = openCarriedFolder(stick, context)
  expect(opened.own).toMatchObject({ device: 'con', order: 'orders/device_con.json' })
  await opened.verify(`artifacts/${sha256}`, new AbortController().signal)
  expect(opened.read('orders/device_con.json', 100)?.toString()).toBe('{}')
  const bytes = readFileSync(join(stick, 'artifacts', sha256))
  bytes[1000]! ^= 1
  writeFileSync(join(stick, 'artifacts', sha256), bytes)
  await expect(opened.verify(`artifacts/${sha256}`, new AbortController().signal)).rejects.toMatchObject({ code: 'usb.changed' })
  const other = (change: Partial<FolderContext>): string => codeOf(() => openCarriedFolder(stick, { ...context, ...change }))
  expect(other({ device: 'cam-2' })).toBe('usb.wrong-target')
  expect(other({ fleet: 'clinic' })).toBe('usb.wrong-target')
  expect(other({ now: NOW + 1000 })).toBe('usb.expired')
  expect(other({ epoch: 3 })).toBe('assignment.rollback')
  expect(other({ keys: [] })).toBe('usb.untrusted')
})

test('a second export keeps what is whole, mends what is not, and takes away what is no longer in it', async () => {
  const { stick, write, content, directory } = world()
  await write()
  expect(await write({ earlier: writableFolder(stick, join(directory, 'console')) })).toMatchObject({ copied: 0 })
  writeFileSync(join(stick, 'artifacts', sha256), model.subarray(1))
  expect(await write()).toMatchObject({ copied: model.length })
  expect(readFileSync(join(stick, 'artifacts', sha256)).equals(model)).toBe(true)
  writeFileSync(join(stick, 'holiday.jpg'), 'not ours')
  await write({ artifacts: new Map(), files: content.files, earlier: writableFolder(stick, join(directory, 'console')) })
  expect(
    checkFolder(fs, stick)
      .map(({ path }) => path)
      .sort(),
  ).toEqual(['carry.json', 'orders/device_con.json'])
  expect(fs.existsSync(join(stick, 'holiday.jpg'))).toBe(true)
})

test('a cancelled export leaves a folder that says so, and a damaged artifact of the console ends it', async () => {
  const { stick, context, content, write } = world()
  await write()
  await expect(write({}, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  writeFileSync(join(content.artifactDirectory, sha256), model.subarray(1))
  fs.rmSync(join(stick, 'artifacts', sha256))
  await expect(write()).rejects.toMatchObject({ code: 'store.corrupt' })
  expect(codeOf(() => openCarriedFolder(stick, context))).toBe('usb.not-carried')
  // The next export takes the folder up again.
  expect(writableFolder(stick, '/nowhere')).toContain(`artifacts/${sha256}`)
})

test('too little space is said before the first byte is written', async () => {
  const { stick, write } = world()
  await expect(write({ artifacts: new Map([[sha256, Number.MAX_SAFE_INTEGER / 2]]) })).rejects.toMatchObject({ code: 'usb.no-space' })
  expect(fs.readdirSync(stick)).toEqual([])
})

test('case 53: nothing is written where others have put links, twins by case, or folders of their own, nor into data', () => {
  const refusal = (fill: (stick: string) => void): string => {
    const { stick, directory } = world()
    fill(stick)
    return codeOf(() => writableFolder(stick, join(directory, 'console')))
  }
  const link = (stick: string): void => {
    mkdirSync(join(stick, 'elsewhere'))
    symlinkSync(join(stick, 'elsewhere'), join(stick, 'artifacts'))
  }
  expect(refusal(link)).toBe('usb.folder-unsafe')
  expect(refusal((stick) => symlinkSync('/etc/passwd', join(stick, 'carry.json.new')))).toBe('usb.folder-unsafe')
  const twins = (stick: string): void => {
    mkdirSync(join(stick, 'trust'))
    mkdirSync(join(stick, 'Trust'))
  }
  expect(refusal(twins)).toBe('usb.folder-unsafe')
  const foreign = (stick: string): void => {
    mkdirSync(join(stick, 'orders'))
    writeFileSync(join(stick, 'orders/mine.json'), '{}')
  }
  expect(refusal(foreign)).toBe('usb.folder')
  expect(refusal((stick) => writeFileSync(join(stick, 'fleet.db'), ''))).toBe('usb.folder')
  const { directory, stick } = world()
  expect(codeOf(() => writableFolder(join(directory, 'console/artifacts'), join(directory, 'console')))).toBe('usb.folder')
  expect(codeOf(() => writableFolder('stick', directory))).toBe('usb.folder')
  // What systems leave on a stick is in nobody's way.
  writeFileSync(join(stick, '.DS_Store'), '')
  mkdirSync(join(stick, 'System Volume Information'))
  expect(writableFolder(stick, join(directory, 'console'))).toEqual([])
})
