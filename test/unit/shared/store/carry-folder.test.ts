import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { checkFolder, readPlain, type CarryCalls } from '../../../../shared/store/carry-folder.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

const NAME = 'a'.repeat(64)

/** A folder as an export leaves it, with one model. */
function exported(): string {
  const directory = temporaryDirectory()
  for (const name of ['artifacts', 'orders', 'receipts']) fs.mkdirSync(join(directory, name))
  fs.writeFileSync(join(directory, 'carry.json'), '{}')
  fs.writeFileSync(join(directory, 'artifacts', NAME), 'bytes')
  return directory
}

const unsafe = (message: RegExp) =>
  expect.objectContaining({ code: 'usb.folder-unsafe', message: expect.stringMatching(message) as string })

describe('case 53: a carried folder', () => {
  it('as an export leaves it is listed, and what is not ours is not looked at', () => {
    const directory = exported()
    fs.mkdirSync(join(directory, 'holiday'))
    fs.symlinkSync('/etc/passwd', join(directory, 'notes.txt'))
    fs.writeFileSync(join(directory, 'artifacts', '.DS_Store'), '')
    expect(checkFolder(fs, directory).map(({ path }) => path)).toEqual([`artifacts/${NAME}`, 'carry.json'])
  })

  const plants: { name: string; plant(directory: string): void; says: RegExp }[] = [
    {
      name: 'a link to a file elsewhere',
      plant: (directory) => fs.symlinkSync('/etc/passwd', join(directory, 'artifacts', 'b'.repeat(64))),
      says: /is a link or no file/,
    },
    {
      name: 'a link in place of a folder',
      plant(directory) {
        fs.rmdirSync(join(directory, 'orders'))
        fs.symlinkSync('/etc', join(directory, 'orders'))
      },
      says: /orders is no plain folder/,
    },
    {
      name: 'a hard link',
      plant(directory) {
        const secret = join(temporaryDirectory(), 'secret')
        fs.writeFileSync(secret, 'secret')
        fs.linkSync(secret, join(directory, 'artifacts', 'b'.repeat(64)))
      },
      says: /also known under another name/,
    },
    {
      name: 'a pipe',
      plant(directory) {
        expect(spawnSync('mkfifo', [join(directory, 'artifacts', 'b'.repeat(64))]).status).toBe(0)
      },
      says: /is a link or no file/,
    },
    {
      name: 'a folder in place of a file',
      plant: (directory) => fs.mkdirSync(join(directory, 'artifacts', 'b'.repeat(64))),
      says: /no file/,
    },
    {
      name: 'a strange name',
      plant: (directory) => fs.writeFileSync(join(directory, 'orders', 'cam 1.json~'), ''),
      says: /no name that Muster gives/,
    },
    {
      name: 'names that differ by case',
      plant: (directory) => fs.writeFileSync(join(directory, 'Carry.json'), ''),
      says: /upper and lower case/,
    },
    {
      name: 'folders that go deeper than ours',
      plant: (directory) => fs.mkdirSync(join(directory, 'receipts', 'cam-1', 'deeper'), { recursive: true }),
      says: /is a link or no file/,
    },
  ]
  it.each(plants)('with $name is refused before anything is read', ({ plant, says }) => {
    const directory = exported()
    plant(directory)
    expect(() => checkFolder(fs, directory)).toThrow(unsafe(says))
  })

  it('of a million files is refused without a look at each', () => {
    const directory = exported()
    let looks = 0
    const names = Array.from({ length: 1_000_000 }, (_, i) => `f${i}`)
    const calls: CarryCalls = {
      ...fs,
      readdirSync: (path) => (path.endsWith('/artifacts') ? names : fs.readdirSync(path)),
      lstatSync: (path) => {
        looks += 1
        return fs.lstatSync(path)
      },
    }
    expect(() => checkFolder(calls, directory)).toThrow(unsafe(/more than \d+ files/))
    expect(looks).toBeLessThan(10)
  })
})

test('case 53: what was put in place of a file after the look is not followed, and nothing is read beyond its length', () => {
  const directory = exported()
  const path = join(directory, 'artifacts', NAME)
  const read = (maxBytes = 100): Uint8Array => readPlain(fs, { directory, path: `artifacts/${NAME}`, maxBytes })
  expect(Buffer.from(read()).toString()).toBe('bytes')
  expect(() => read(4)).toThrow(expect.objectContaining({ code: 'usb.changed' }))
  fs.rmSync(path)
  fs.symlinkSync('/etc/passwd', path)
  expect(() => read()).toThrow(unsafe(/is a link/))
  fs.rmSync(path)
  expect(spawnSync('mkfifo', [path]).status).toBe(0)
  // A pipe that nobody writes to would hold whoever opens it.
  expect(() => read()).toThrow(unsafe(/no file at all/))
  fs.rmSync(path)
  expect(() => read()).toThrow(expect.objectContaining({ code: 'usb.changed' }))
})
