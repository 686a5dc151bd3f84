import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { until } from '../../../../build/demo/child.ts'
import { askForUpdate, feedFile, updateFeedOf, type UpdateParts } from '../../../../electron/main/updates.ts'
import { testDesktop, type TestDesktop } from '../../../harness/desktop.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

const feed = 'https://updates.example/muster'

/** What electron-builder writes beside an AppImage. */
const feedOf = (version: string): string =>
  `version: ${version}\nfiles:\n  - url: muster-${version}-linux-x86_64.AppImage\n    sha512: AAAA\n    size: 9\npath: x\nsha512: AAAA\nreleaseDate: '2026-11-27T00:00:00.000Z'\n`

const asked = (answer: () => Response | Promise<Response>): Promise<unknown> => {
  const parts: UpdateParts = { feed, version: '0.9.0', platform: 'linux', architecture: 'x64', fetch: async () => answer() }
  return askForUpdate(parts)
}

test('a newer version is told, an older or equal one is not; versions are numbers and no words', async () => {
  for (const [there, answer] of [
    ['0.10.0', { state: 'newer', version: '0.10.0' }],
    ['0.9.0', { state: 'newest' }],
    ['0.9.0-beta.1', { state: 'newest' }],
    ['0.8.9', { state: 'newest' }],
  ] as const)
    expect(await asked(() => new Response(feedOf(there)))).toEqual(answer)
})

test('whatever else is answered, nothing is known and nothing is thrown', async () => {
  const unknown = (reason: string) => ({ state: 'unknown', reason: expect.stringContaining(reason) as string })
  expect(await asked(() => new Response('', { status: 404 }))).toEqual(unknown('404'))
  expect(await asked(() => new Response('<html>sign in</html>'))).toEqual(unknown('no version'))
  expect(await asked(() => new Response('version: newest\n'))).toEqual(unknown('no version'))
  expect(await asked(() => new Response(`version: 9.9.9\n${'#'.repeat(70_000)}`))).toEqual(unknown('more than a feed has'))
  expect(await asked(() => Promise.reject(new Error('net::ERR_NAME_NOT_RESOLVED')))).toEqual(unknown('NAME_NOT_RESOLVED'))
})

test('redirects are refused and no credentials are sent', async () => {
  let sent: RequestInit = {}
  await askForUpdate({
    ...{ feed, version: '0.9.0', platform: 'linux', architecture: 'arm64' },
    fetch(url, init) {
      expect(url).toBe(`${feed}/latest-linux-arm64.yml`)
      sent = init
      return Promise.resolve(new Response(feedOf('1.0.0')))
    },
  })
  expect(sent).toMatchObject({ redirect: 'error', credentials: 'omit', signal: expect.any(AbortSignal) as AbortSignal })
})

test('every system has a feed of its own, named as electron-builder names it', () => {
  expect(feedFile({ platform: 'linux', architecture: 'x64' })).toBe('latest-linux.yml')
  expect(feedFile({ platform: 'win32', architecture: 'arm64' })).toBe('latest.yml')
  expect(feedFile({ platform: 'darwin', architecture: 'arm64' })).toBe('latest-mac.yml')
})

test('the address is what the package names in its archive, over https only; else there is none', () => {
  const named = (content: string): string | null => {
    const folder = temporaryDirectory()
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), content)
    return updateFeedOf(folder)
  }
  expect(named(JSON.stringify({ updates: feed }))).toBe(feed)
  for (const other of ['{}', '{"updates":"http://updates.example"}', '{"updates":"updates.example"}', '{"updates":1}', 'none'])
    expect([other, named(other)]).toEqual([other, null])
  expect(updateFeedOf(temporaryDirectory())).toBeNull()
})

async function running(desktop: TestDesktop): Promise<TestDesktop> {
  desktop.app.becomeReady()
  await until('the window to open', 5, () => desktop.windows[0]?.isShown === true)
  desktop.serve()
  return desktop
}

/** The entry of the menu, as a person clicks it. */
function entry(desktop: TestDesktop): (() => void) | undefined {
  const help = desktop.menu.find(({ label }) => label === 'Help')!.submenu as Electron.MenuItemConstructorOptions[]
  return help.find(({ label }) => label === 'Check for updates…')?.click as (() => void) | undefined
}

test('where the package names no address there is no entry in the menu, and nobody is asked', async () => {
  const desktop = await running(testDesktop())
  expect([entry(desktop), desktop.fetched]).toEqual([undefined, []])
})

test('nobody is asked before a person says so; then once, and the console goes on as it is', async () => {
  const desktop = await running(testDesktop({ updateFeed: feed }))
  await sleep(50)
  expect(desktop.fetched).toEqual([])
  const answer = Promise.withResolvers<Response>()
  desktop.network = () => answer.promise
  entry(desktop)!()
  entry(desktop)!()
  expect(desktop.fetched).toEqual([`${feed}/latest-linux.yml`])
  answer.resolve(new Response(feedOf('7.0.0')))
  await until('the person to be told', 5, () => desktop.messages.length > 0)
  expect(desktop.messages).toEqual([
    expect.objectContaining({ message: 'There is a newer version: Muster 7.0.0.', detail: expect.stringContaining(feed) as string }),
  ])
  expect([desktop.app.hasQuit, desktop.children.length, desktop.opened]).toEqual([false, 1, []])
})

test('without a network the person reads why, and may ask again', async () => {
  const desktop = await running(testDesktop({ updateFeed: feed }))
  entry(desktop)!()
  await until('the person to be told', 5, () => desktop.messages.length === 1)
  expect(desktop.messages[0]).toMatchObject({ type: 'warning', detail: expect.stringContaining('INTERNET_DISCONNECTED') as string })
  desktop.network = () => Promise.resolve(new Response(feedOf('0.1.0')))
  await until('the second answer', 5, () => {
    entry(desktop)!()
    return desktop.messages.length > 1
  })
  expect(desktop.messages[1]).toMatchObject({ type: 'info', message: 'Muster 0.1.0 is the newest version.' })
})
