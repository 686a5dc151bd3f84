import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { desktopArguments } from '../../../../electron/main/desktop-arguments.ts'
import { desktopPaths } from '../../../../electron/main/desktop-paths.ts'

test('without flags it is the data directory that the command line has, on any free port', () => {
  const home = join(homedir(), '.muster')
  expect(desktopArguments([], {})).toEqual({
    core: ['--data', home, '--port', '0'],
    dataDirectory: home,
    logLevel: 'info',
    isOwnDirectory: false,
  })
})

test('flags of the console are passed on in both ways of writing; those of Chromium and addresses are not', () => {
  const argv = [
    ...['--data', '/srv/plant', '--port=8320', '--mqtt-port', '1884', '--broker-tls', '--log-level=warn'],
    ...['--no-sandbox', '--remote-debugging-port=9222', '--js-flags', '--expose-gc', 'muster://device/cam-1'],
  ]
  expect(desktopArguments(argv, { MUSTER_DATA: '/elsewhere' })).toEqual({
    core: ['--data', '/srv/plant', '--port', '8320', '--mqtt-port', '1884', '--log-level', 'warn', '--broker-tls'],
    dataDirectory: '/srv/plant',
    logLevel: 'warn',
    isOwnDirectory: true,
  })
})

test('the environment names a directory as it does for the command line', () => {
  expect(desktopArguments([], { MUSTER_DATA: '/srv/plant' })).toMatchObject({ dataDirectory: '/srv/plant', isOwnDirectory: true })
})

const installed = { appPath: '/opt/Muster/resources/app.asar', resourcesPath: '/opt/Muster/resources', isPackaged: true } as const

test('installed, what Node reads is outside the asar and the shipped Node is used', () => {
  expect(desktopPaths({ ...installed, platform: 'linux' })).toEqual({
    renderer: '/opt/Muster/resources/app.asar.unpacked/dist/renderer',
    preload: '/opt/Muster/resources/app.asar/dist/main/preload.cjs',
    core: '/opt/Muster/resources/app.asar.unpacked/dist/console/desktop-core.mjs',
    icons: '/opt/Muster/resources/app.asar/dist/main/icons',
    node: '/opt/Muster/resources/node/node',
  })
  expect(desktopPaths({ ...installed, platform: 'win32' }).node).toBe('/opt/Muster/resources/node/node.exe')
})

test('in a checkout everything is where the build put it, with the Node that npm installed', () => {
  expect(desktopPaths({ appPath: '/src', resourcesPath: '/electron/resources', isPackaged: false, platform: 'linux' })).toMatchObject({
    core: '/src/dist/console/desktop-core.mjs',
    node: '/src/node_modules/node/bin/node',
  })
})
