import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../../../build/demo/child.ts'
import { fileInArguments, keepOpenedFiles } from '../../../../electron/main/opened-files.ts'
import { uiPath } from '../../../../shared/host/window-messages.ts'
import { DoubleMachine, ownSender } from '../../../harness/electron-double.ts'
import { Preventable } from '../../../harness/electron-objects.ts'
import { pageTold, testDesktop, type TestDesktop } from '../../../harness/desktop.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

test.each([
  [['/data/wine.muster'], '/data/wine.muster'],
  [['--mqtt-port', '1883', 'wine.MUSTER'], '/home/person/wine.MUSTER'],
  [['--data=/x.muster', 'muster://model/wine.muster', 'https://evil.test/a.muster'], null],
  [['wine.onnx', 'muster', '.musterx'], null],
  [[`${'a'.repeat(5000)}.muster`], null],
  [['wine\u0000.muster'], null],
  [[], null],
])('%j opens %s', (argv, path) => {
  expect(fileInArguments(argv, '/home/person')).toBe(path)
})

test('every file is a page of its own, the newest file counts, and it is taken once', () => {
  const opened = keepOpenedFiles()
  const pages = [opened.offer('/a.muster'), opened.offer('/b.muster')]
  expect(pages).toEqual(['/import/file?opened=1', '/import/file?opened=2'])
  expect(pages.filter((page) => !uiPath.safeParse(page).success)).toEqual([])
  expect([opened.take(), opened.take()]).toEqual(['/b.muster', null])
})

async function running(desktop: TestDesktop): Promise<TestDesktop> {
  desktop.app.becomeReady()
  await until('the window to open', 5, () => desktop.windows[0]?.isShown === true)
  desktop.serve()
  return desktop
}

const taken = async (desktop: TestDesktop): Promise<unknown> =>
  desktop.ipcInvoke('muster:call', ownSender(desktop.window()), { method: 'host.takeOpenedFile', input: {} })

function bundle(name: string): string {
  const folder = temporaryDirectory()
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), 'bundle')
  return join(folder, name)
}

test('started with a file, the console opens at the page that imports it', async () => {
  const desktop = await running(testDesktop({ argv: [bundle('wine.muster')] }))
  expect(desktop.window().webContents.mainFrame.url).toBe('app://muster/import/file?opened=1')
  expect(await taken(desktop)).toMatchObject({ ok: true, output: { file: { name: 'wine.muster', sizeBytes: 6 } } })
  expect(await taken(desktop)).toEqual({ ok: true, output: { file: null } })
})

test('a file that is opened while the console runs reaches the window that is there', async () => {
  const machine = new DoubleMachine()
  const first = await running(testDesktop({ machine }))
  const second = testDesktop({ machine, argv: [bundle('digits.muster')] })
  expect([second.app.hasQuit, second.windows.length]).toEqual([true, 0])
  expect(pageTold(first)).toContainEqual({ muster: 'navigate', path: '/import/file?opened=1' })
  expect(await taken(first)).toMatchObject({ output: { file: { name: 'digits.muster' } } })
})

test('macOS tells of a file by an event, before the application is ready or after', async () => {
  const desktop = testDesktop({ platform: 'darwin' })
  const event = new Preventable()
  desktop.app.emit('open-file', event, bundle('early.muster'))
  expect(event.isPrevented).toBe(true)
  await running(desktop)
  expect(desktop.window().webContents.mainFrame.url).toBe('app://muster/import/file?opened=1')
  desktop.app.emit('open-file', new Preventable(), bundle('late.muster'))
  expect(pageTold(desktop)).toContainEqual({ muster: 'navigate', path: '/import/file?opened=2' })
  expect(await taken(desktop)).toMatchObject({ output: { file: { name: 'late.muster' } } })
  desktop.app.emit('open-file', new Preventable(), '/etc/passwd')
  expect(await taken(desktop)).toEqual({ ok: true, output: { file: null } })
})
