import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { callHost, type HostAnswer, type HostBridge } from '../../../../shared/host/bridge.ts'
import { openChosenFiles, type ChosenFiles } from '../../../../electron/main/chosen-files.ts'
import { hostHandler, type HostParts } from '../../../../electron/main/host.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

const ticket = 'b'.repeat(32)
let done: unknown[]
let picks: { canceled: boolean; filePaths: string[] }
let uploadAnswer: { status: number; body: string }
let chosen: ChosenFiles
let opened: string[]
let handler: (frame: unknown) => Promise<HostAnswer>
let bridge: HostBridge

beforeEach(() => {
  done = []
  picks = { canceled: true, filePaths: [] }
  uploadAnswer = { status: 201, body: '{"ok":true}' }
  chosen = openChosenFiles()
  opened = []
  const parts: HostParts = {
    facts: { platform: 'linux', version: '1.0.0', electron: '45.4.1', secrets: 'encrypted', hasBadge: true, hasNotifications: true },
    chosen,
    takeOpened: () => opened.pop() ?? null,
    async openDialog(options) {
      done.push(options)
      return picks
    },
    async upload(given, body) {
      done.push([given, (await body.toArray()).join('')])
      return uploadAnswer
    },
    async openFolder(folder) {
      done.push(folder)
      return folder === 'downloads' ? 'no program opens folders' : ''
    },
    async openExternal(url) {
      done.push(url)
    },
    notify: (note) => done.push(note) > 0,
    setBadge: (count) => done.push(count) > 0,
    setTheme: (theme) => void done.push(theme),
    restartCore: () => 'starting',
  }
  handler = hostHandler(parts)
  bridge = { connect: () => undefined, call: (method, input) => handler({ method, input }) }
})

test('a file that a person picks is a handle without a path, and its bytes go to the core', async () => {
  const directory = temporaryDirectory()
  const path = join(directory, 'digits-1.0.0.onnx')
  writeFileSync(path, 'weights')
  picks = { canceled: false, filePaths: [path, directory] }
  const { files } = await callHost(bridge, 'host.chooseFile', { title: 'Import a model', kind: 'model', several: true })
  expect(files).toEqual([{ handle: expect.stringMatching(/^[0-9a-f]{32}$/), name: 'digits-1.0.0.onnx', sizeBytes: 7 }])
  expect(JSON.stringify(files)).not.toContain(directory)
  expect(done.splice(0)).toEqual([
    { title: 'Import a model', filters: [{ name: 'Models', extensions: ['onnx', 'json'] }], properties: ['openFile', 'multiSelections'] },
  ])
  expect(await callHost(bridge, 'host.sendFile', { handle: files[0]!.handle, ticket })).toEqual({ sizeBytes: 7 })
  expect(done.splice(0)).toEqual([[ticket, 'weights']])

  uploadAnswer = { status: 400, body: '{"error":{"code":"input.invalid","message":"There is no upload."}}' }
  await expect(callHost(bridge, 'host.sendFile', { handle: files[0]!.handle, ticket })).rejects.toMatchObject({ code: 'input.invalid' })
  uploadAnswer = { status: 502, body: '<html>' }
  await expect(callHost(bridge, 'host.sendFile', { handle: files[0]!.handle, ticket })).rejects.toMatchObject({ code: 'internal' })
  chosen.clear()
  await expect(callHost(bridge, 'host.sendFile', { handle: files[0]!.handle, ticket })).rejects.toMatchObject({ code: 'input.invalid' })
})

test('a file that the system opens is handed to the page once, without its path', async () => {
  const path = join(temporaryDirectory(), 'wine.muster')
  writeFileSync(path, 'bundle')
  opened = [path]
  const { file } = await callHost(bridge, 'host.takeOpenedFile', {})
  expect(file).toEqual({ handle: expect.stringMatching(/^[0-9a-f]{32}$/), name: 'wine.muster', sizeBytes: 6 })
  await callHost(bridge, 'host.sendFile', { handle: file!.handle, ticket })
  expect(done.splice(0)).toEqual([[ticket, 'bundle']])
  expect(await callHost(bridge, 'host.takeOpenedFile', {})).toEqual({ file: null })
  opened = [`${path}-gone`]
  const gone = callHost(bridge, 'host.takeOpenedFile', {})
  await expect(gone).rejects.toMatchObject({ code: 'usage', message: 'wine.muster-gone cannot be read.' })
})

test('a person who changes their mind has picked nothing', async () => {
  expect(await callHost(bridge, 'host.chooseFile', { title: 'Rows', kind: 'table' })).toEqual({ files: [] })
})

test('the rest does what it says', async () => {
  expect(await callHost(bridge, 'host.describe', {})).toMatchObject({ platform: 'linux', secrets: 'encrypted' })
  expect(await callHost(bridge, 'host.showInFolder', { folder: 'data' })).toEqual({ shown: true })
  await expect(callHost(bridge, 'host.showInFolder', { folder: 'downloads' })).rejects.toThrow('no program opens folders')
  expect(await callHost(bridge, 'host.openExternal', { url: 'https://onnx.ai/about' })).toEqual({ opened: true })
  expect(await callHost(bridge, 'host.notify', { title: 'Done', body: 'All devices run it.' })).toEqual({ shown: true })
  expect(await callHost(bridge, 'host.setBadge', { count: 3 })).toEqual({ shown: true })
  expect(await callHost(bridge, 'host.setTheme', { theme: 'light' })).toEqual({ theme: 'light' })
  expect(await callHost(bridge, 'host.restartCore', {})).toEqual({ state: 'starting' })
  expect(done).toEqual([
    'data',
    'downloads',
    'https://onnx.ai/about',
    { title: 'Done', body: 'All devices run it.', path: '/' },
    3,
    'light',
  ])
})

describe('case 50: what does not fit the contract is refused with a code, and nothing is done', () => {
  test.each<[unknown, string]>([
    [null, 'input.invalid'],
    ['host.describe', 'input.invalid'],
    [{ method: 'host.describe', input: {}, more: 1 }, 'input.invalid'],
    [{ method: 'host.readFile', input: { path: '/etc/passwd' } }, 'method.unknown'],
    [{ method: 'constructor', input: {} }, 'method.unknown'],
    [{ method: '__proto__', input: {} }, 'method.unknown'],
    [{ method: 'host.showInFolder', input: { folder: '/etc' } }, 'input.invalid'],
    [{ method: 'host.openExternal', input: { url: 'https://evil.test/' } }, 'input.invalid'],
    [{ method: 'host.openExternal', input: { url: 'file:///etc/passwd' } }, 'input.invalid'],
    [{ method: 'host.notify', input: { title: 'x', body: 'y', path: '//evil.test' } }, 'input.invalid'],
    [{ method: 'host.notify', input: { title: 'x', body: 'y'.repeat(501) } }, 'input.invalid'],
    [{ method: 'host.setBadge', input: { count: -1 } }, 'input.invalid'],
    [{ method: 'host.sendFile', input: { handle: '/etc/passwd', ticket } }, 'input.invalid'],
    [{ method: 'host.sendFile', input: { handle: 'a'.repeat(32), ticket: '../x' } }, 'input.invalid'],
  ])('%j', async (frame, code) => {
    expect(await handler(frame)).toMatchObject({ ok: false, error: { code } })
    expect(done).toEqual([])
  })
})

test('an answer that is none is an error of the desktop', async () => {
  const odd: HostBridge = { connect: () => undefined, call: () => Promise.resolve('yes') }
  await expect(callHost(odd, 'host.describe', {})).rejects.toMatchObject({ code: 'internal' })
})
