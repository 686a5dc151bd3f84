import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findElectron } from '../../../build/start/find-electron.ts'
import { isStale } from '../../../build/start/fresh-build.ts'
import { makeParts } from '../../../build/start/make-parts.ts'
import { readStartFlags } from '../../../build/start/start-flags.ts'
import { temporaryDirectory } from '../../harness/fleet.ts'

/** Electron's package as npm leaves it, with its binary or without. */
function electronPackage({ hasBinary = true, hasPath = true } = {}): string {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'dist'))
  if (hasPath) writeFileSync(join(directory, 'path.txt'), 'electron')
  if (hasBinary) {
    writeFileSync(join(directory, 'dist/electron'), '')
    chmodSync(join(directory, 'dist/electron'), 0o755)
  }
  return directory
}

describe('Electron', () => {
  const display = { DISPLAY: ':0' }

  test('is found where its binary is and a window can be shown', () => {
    const packageDirectory = electronPackage()
    const binary = join(packageDirectory, 'dist/electron')
    expect(findElectron({ env: display, platform: 'linux', packageDirectory })).toEqual({ binary })
    expect(findElectron({ env: { WAYLAND_DISPLAY: 'wayland-0' }, platform: 'linux', packageDirectory })).toEqual({ binary })
    expect(findElectron({ env: {}, platform: 'darwin', packageDirectory })).toEqual({ binary })
  })

  test.each([{ hasBinary: false }, { hasPath: false }, { hasBinary: false, hasPath: false }])(
    'is not there with %j; how to get it is said',
    (has) => {
      expect(findElectron({ env: display, platform: 'linux', packageDirectory: electronPackage(has) })).toEqual({
        reason: expect.stringContaining('npx install-electron'),
      })
    },
  )

  test('without a display the browser takes its place', () => {
    expect(findElectron({ env: { DISPLAY: '' }, platform: 'linux', packageDirectory: electronPackage() })).toEqual({
      reason: 'There is no display for a window.',
    })
  })

  test('a folder that is named counts before the package', () => {
    const dist = join(electronPackage(), 'dist')
    const env = { ...display, ELECTRON_OVERRIDE_DIST_PATH: dist }
    expect(findElectron({ env, platform: 'linux', packageDirectory: temporaryDirectory() })).toEqual({ binary: join(dist, 'electron') })
  })
})

describe('the build', () => {
  const part = { name: 'thing', made: 'dist/thing.js', sources: ['src', 'config.ts'], command: ['-e', 'process.exit(0)'] }
  const at = (root: string, file: string, seconds: number): void => {
    mkdirSync(join(root, file, '..'), { recursive: true })
    writeFileSync(join(root, file), '')
    utimesSync(join(root, file), seconds, seconds)
  }
  function checkout(): string {
    const root = temporaryDirectory()
    at(root, 'src/deep/a.ts', 1000)
    at(root, 'config.ts', 1000)
    for (const folder of ['src/deep', 'src']) utimesSync(join(root, folder), 1000, 1000)
    at(root, 'dist/thing.js', 2000)
    return root
  }

  test('is left alone when it is newer than its sources', () => {
    expect(isStale(part, checkout())).toBe(false)
  })

  test.each<[string, (root: string) => void]>([
    ['a source is newer', (root) => at(root, 'src/deep/a.ts', 3000)],
    ['a source is new', (root) => at(root, 'src/deep/b.ts', 3000)],
    ['a source was taken away', (root) => utimesSync(join(root, 'src/deep'), 3000, 3000)],
    ['the configuration is newer', (root) => at(root, 'config.ts', 3000)],
  ])('is made again when %s', (_, change) => {
    const root = checkout()
    change(root)
    expect(isStale(part, root)).toBe(true)
  })

  test('is made when it is missing, and a failure says what was printed', () => {
    const missing = { ...part, made: 'dist/not-there.js' }
    expect(isStale(missing, checkout())).toBe(true)
    const said: string[] = []
    makeParts([missing], (text) => said.push(text))
    expect(said).toEqual(['building the thing …'])
    const failing = { ...missing, command: ['-e', 'console.error("no such module"); process.exit(1)'] }
    expect(() => makeParts([failing], () => undefined)).toThrow('The thing could not be built:\nno such module')
  })
})

test.each([
  [[], { isBrowser: false, mayOpen: true, passed: [], data: [] }],
  [
    ['--data', '/srv/fleet', '--port', '0', '--no-open'],
    { isBrowser: false, mayOpen: false, passed: ['--data', '/srv/fleet', '--port', '0'], data: ['--data', '/srv/fleet'] },
  ],
  [['--browser', '--data=/srv/fleet'], { isBrowser: true, mayOpen: true, passed: ['--data=/srv/fleet'], data: ['--data=/srv/fleet'] }],
])('flags %j', (argv, expected) => {
  expect(readStartFlags(argv)).toEqual(expected)
})
