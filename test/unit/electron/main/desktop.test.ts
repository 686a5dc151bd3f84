import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../../../build/demo/child.ts'
import { clientOverPort } from '../../../../electron/main/core-client.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import { DoubleMachine, ownSender } from '../../../harness/electron-double.ts'
import { DoubleNotification } from '../../../harness/electron-objects.ts'
import { pageConnects, pagePorts, pageTold, testDesktop, type TestDesktop } from '../../../harness/desktop.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

beforeEach(() => {
  DoubleNotification.shown = []
})

async function running(options: Parameters<typeof testDesktop>[0] = {}): Promise<TestDesktop> {
  const desktop = testDesktop(options)
  desktop.app.becomeReady()
  await until('the window to open', 5, () => desktop.windows[0]?.isShown === true)
  desktop.serve()
  return desktop
}

describe('the start', () => {
  test('a sandbox, a window at our page, and the core in a process of its own', async () => {
    const desktop = testDesktop({ argv: ['--mqtt-port', '18830', '--remote-debugging-port=9222'] })
    expect([desktop.app.isSandboxed, desktop.windows.length, desktop.children.length]).toEqual([true, 0, 0])
    desktop.app.becomeReady()
    await until('the window to open', 5, () => desktop.windows[0]?.isShown === true)
    expect(desktop.window().webContents.mainFrame.url).toBe('app://muster/')
    expect(desktop.window().options).toMatchObject({
      ...{ show: false, minWidth: 1024, minHeight: 700, backgroundColor: '#0f1115' },
      webPreferences: { preload: '/app/preload.cjs', sandbox: true, contextIsolation: true, nodeIntegration: false },
    })
    expect(desktop.child().path).toBe('/app/desktop-core.mjs')
    expect(desktop.child().options.env).toMatchObject({ MUSTER_NODE: '/app/node', NODE_ENV: 'production' })
    const message = desktop.child().heard[0]!.message as { argv: string[]; secretKey: string | null }
    expect(message.argv).toEqual(['--data', desktop.dataDirectory, '--mqtt-port', '18830', '--port', '0'])
    expect(Buffer.from(message.secretKey!, 'base64')).toHaveLength(32)
  })

  test('the guards are on every contents', async () => {
    const desktop = await running()
    expect(desktop.window().webContents.navigate('https://evil.test/')).toBe(false)
    expect(desktop.window().webContents.windowOpen!({ url: 'https://evil.test/' })).toEqual({ action: 'deny' })
    expect(desktop.session.asks('media', 'app://muster/')).toBe(false)
    expect((await desktop.fetch('app://muster/devices')).headers.get('content-security-policy')).toContain("default-src 'none'")
    const foreign = {
      ...ownSender(desktop.window()),
      senderFrame: { origin: 'https://evil.test', url: 'https://evil.test/', detached: false, parent: null },
    }
    await expect(desktop.ipcInvoke('muster:call', foreign, { method: 'host.describe', input: {} })).rejects.toThrow('may not call')
    desktop.ipcSend('muster:connect', foreign)
    expect(pagePorts(desktop)).toEqual([])
  })

  test('where the system keeps no secrets safely, the core gets no key and the page is told so', async () => {
    const desktop = await running({ machine: Object.assign(new DoubleMachine(), { passwordKeeper: 'basic_text' }) })
    expect(desktop.child().heard[0]!.message).toMatchObject({ secretKey: null })
    expect(await desktop.ipcInvoke('muster:call', ownSender(desktop.window()), { method: 'host.describe', input: {} })).toMatchObject({
      ok: true,
      output: { secrets: 'unavailable', platform: 'linux' },
    })
  })
})

describe('the port to the core', () => {
  test('the page gets one as soon as the core runs, and RPC answers over it', async () => {
    const desktop = testDesktop()
    desktop.app.becomeReady()
    await until('the window to open', 5, () => desktop.windows[0]?.isShown === true)
    pageConnects(desktop)
    expect(pagePorts(desktop)).toEqual([])
    expect(pageTold(desktop)).toEqual([{ muster: 'core', state: 'starting' }])
    desktop.serve()
    const client = clientOverPort(pagePorts(desktop)[0]!, randomUUID)
    expect(await client.call('system.status', {})).toMatchObject({ fleetName: 'Plant' })
    const changed = new Promise((resolve) => client.onChanged(resolve))
    desktop.changed('devices')
    expect(await changed).toEqual(['devices'])
  })

  test('a core that dies closes it; the page hears, asks again and gets another', async () => {
    const desktop = await running()
    pageConnects(desktop)
    const first = clientOverPort(pagePorts(desktop)[0]!, randomUUID)
    expect(await first.call('system.status', {})).toMatchObject({ fleetName: 'Plant' })
    desktop.child().end(139)
    await until('the port to close', 5, () =>
      first.call('system.status', {}).then(
        () => false,
        (error: unknown) => error instanceof Problem && error.code === 'console.unreachable',
      ),
    )
    pageConnects(desktop)
    expect(pagePorts(desktop)).toHaveLength(1)
    await until('the next core', 5, () => desktop.children.length === 2)
    desktop.serve()
    expect(pagePorts(desktop)).toHaveLength(2)
    const client = clientOverPort(pagePorts(desktop)[1]!, randomUUID)
    expect(await client.call('system.status', {})).toMatchObject({ fleetName: 'Plant' })
    expect(pageTold(desktop)).toEqual([
      { muster: 'core', state: 'running' },
      { muster: 'core', state: 'starting' },
      { muster: 'core', state: 'starting' },
      { muster: 'core', state: 'running' },
    ])
  })

  test('a core that cannot start is shown with its problem, and starts again when the person asks', async () => {
    const desktop = testDesktop()
    desktop.app.becomeReady()
    await until('the window to open', 5, () => desktop.windows[0]?.isShown === true)
    const problem = {
      code: 'data-directory.in-use',
      message: 'Another process works in /data.',
      hint: 'Stop it, or choose another --data.',
    }
    desktop.child().say({ type: 'failed', problem })
    desktop.child().end(1)
    pageConnects(desktop)
    const failed = { muster: 'core', state: 'failed', problem }
    expect(pageTold(desktop)).toEqual([failed, failed])
    expect(desktop.trays[0]!.text).toBe('Muster: the core is not running')
    const answer = await desktop.ipcInvoke('muster:call', ownSender(desktop.window()), { method: 'host.restartCore', input: {} })
    expect(answer).toEqual({ ok: true, output: { state: 'starting' } })
    desktop.serve()
    expect(pagePorts(desktop)).toHaveLength(1)
  })

  test('uploads are refused in words while no core runs', async () => {
    const desktop = testDesktop()
    desktop.app.becomeReady()
    await until('the window to open', 5, () => desktop.windows[0]?.isShown === true)
    const response = await desktop.fetch(`app://muster/uploads/${'a'.repeat(32)}`, {
      method: 'PUT',
      body: 'x',
      initiatorOrigin: 'app://muster',
    })
    expect([response.status, await response.json()]).toMatchObject([503, { error: { code: 'console.unreachable' } }])
  })
})

describe('a second instance', () => {
  test('hands its address to the first one, which shows it, and does nothing else', async () => {
    const first = await running()
    first.window().minimize()
    const second = testDesktop({ machine: first.machine, argv: ['muster://device/cam-12'] })
    second.app.becomeReady()
    await sleep(20)
    expect([second.app.hasQuit, second.windows.length, second.children.length]).toEqual([true, 0, 0])
    expect([first.window().isMinimized(), first.window().isFocused()]).toEqual([false, true])
    expect(pageTold(first).at(-1)).toEqual({ muster: 'navigate', path: '/devices/cam-12' })
  })

  test('without an address it only brings the window to the front', async () => {
    const first = await running()
    const before = pageTold(first).length
    testDesktop({ machine: first.machine })
    expect(first.window().isFocused()).toBe(true)
    expect(pageTold(first)).toHaveLength(before)
  })

  test('a hostile address opens nothing', async () => {
    const first = await running()
    const before = pageTold(first).length
    testDesktop({ machine: first.machine, argv: ['muster://device/../../settings?x=<script>'] })
    expect(pageTold(first)).toHaveLength(before)
  })

  test('a console of a named folder keeps its state and its lock there', async () => {
    const data = join(temporaryDirectory(), 'plant')
    const desktop = await running({ argv: ['--data', data] })
    expect(desktop.app.getPath('userData')).toBe(join(data, 'desktop'))
  })
})

describe('addresses', () => {
  test('one on the command line is the first page', async () => {
    const desktop = await running({ argv: ['muster://model/digits/1.1.0'] })
    expect(desktop.window().webContents.mainFrame.url).toBe('app://muster/models/digits/1.1.0')
  })

  test('macOS hands them over before and after the start', async () => {
    const desktop = testDesktop({ platform: 'darwin' })
    desktop.app.emit('open-url', { preventDefault: () => undefined }, 'muster://device/cam-1')
    desktop.app.becomeReady()
    await until('the window to open', 5, () => desktop.windows[0]?.isShown === true)
    expect(desktop.window().webContents.mainFrame.url).toBe('app://muster/devices/cam-1')
    desktop.app.emit('open-url', { preventDefault: () => undefined }, 'muster://deployment/digits')
    expect(pageTold(desktop)).toEqual([{ muster: 'navigate', path: '/deployments?deployment=digits' }])
  })
})

describe('the window', () => {
  test('comes back where it was left', async () => {
    const root = temporaryDirectory()
    const first = await running({ root })
    first.window().place({ x: 30, y: 40, width: 1300, height: 850 })
    first.window().maximize()
    first.window().close()
    expect(JSON.parse(readFileSync(join(first.userData, 'window.json'), 'utf8'))).toMatchObject({ isMaximized: true })
    const second = await running({ root })
    expect(second.window().options).toMatchObject({ x: 30, y: 40, width: 1300, height: 850 })
    expect(second.window().isMaximized()).toBe(true)
  })

  test('is stored soon after it moves, not only when it closes', async () => {
    const desktop = await running()
    desktop.window().place({ x: 5, y: 6, width: 1100, height: 800 })
    const file = join(desktop.userData, 'window.json')
    const stored = await until('the state to be stored', 5, () => existsSync(file) && readFileSync(file, 'utf8'))
    expect(JSON.parse(stored)).toMatchObject({ bounds: { x: 5, y: 6, width: 1100, height: 800 }, isMaximized: false })
  })

  test('closed, it leaves Muster in the tray, which brings it back', async () => {
    const desktop = await running()
    desktop.window().close()
    expect([desktop.app.hasQuit, desktop.child().isAlive]).toEqual([false, true])
    desktop.trays[0]!.emit('click')
    expect(desktop.windows).toHaveLength(2)
    await until('the window to open', 5, () => desktop.window().isShown)
    pageConnects(desktop)
    expect(pagePorts(desktop)).toHaveLength(1)
  })

  test('a page that crashes is loaded again where it was, but not for ever', async () => {
    const desktop = await running()
    const contents = desktop.window().webContents
    contents.moveWithin('app://muster/devices?query=site%3Dlyon')
    for (let i = 0; i < 10; i += 1) contents.emit('render-process-gone', {}, { reason: 'crashed' })
    expect([contents.reloads, contents.mainFrame.url]).toEqual([5, 'app://muster/devices?query=site%3Dlyon'])
  })

  test('a page that is not ours is told nothing', async () => {
    const desktop = await running()
    desktop.window().webContents.mainFrame.origin = 'https://evil.test'
    const before = pageTold(desktop).length
    desktop.child().end(1)
    expect(pageTold(desktop)).toHaveLength(before)
  })

  test('the theme that a person chose counts from the first paint of the next start', async () => {
    const root = temporaryDirectory()
    const first = await running({ root })
    await first.ipcInvoke('muster:call', ownSender(first.window()), { method: 'host.setTheme', input: { theme: 'light' } })
    expect(first.electron.nativeTheme.themeSource).toBe('light')
    const second = await running({ root })
    expect(second.electron.nativeTheme.themeSource).toBe('light')
  })
})

describe('outside the window', () => {
  test('the tray follows the fleet, and what changes for the worse is told once, with its page behind a click', async () => {
    const desktop = await running()
    const tray = desktop.trays[0]!
    await until('the tray to know the fleet', 5, () => tray.text === 'Plant: 4 of 5 devices online')
    expect(tray.menu[0]!.label).toBe(tray.text)
    desktop.window().blur()
    desktop.answers.status.broker = {
      ...desktop.answers.status.broker,
      state: 'unreachable',
      problem: { code: 'broker.unreachable', message: 'Refused.' },
    }
    desktop.changed('system')
    await until('the tray to change', 5, () => tray.text === 'Plant: the broker is unreachable')
    expect(DoubleNotification.shown.map(({ options }) => options)).toEqual([
      { title: 'The broker is unreachable', body: 'Devices keep what they measure until it is back. Refused.' },
    ])
    DoubleNotification.shown[0]!.emit('click')
    expect(pageTold(desktop).at(-1)).toEqual({ muster: 'navigate', path: '/settings' })
  })

  test('a person who looks at the window gets no notification of it', async () => {
    const desktop = await running()
    await until('the tray to know the fleet', 5, () => desktop.trays[0]!.text.includes('online'))
    desktop.answers.status.ingest.problem = { code: 'store.disk-full', message: 'No space.' }
    desktop.changed('system')
    await until('the tray to change', 5, () => desktop.trays[0]!.text.includes('not stored'))
    expect(DoubleNotification.shown).toEqual([])
  })

  test('the menu speaks to the page, and brings the window back first', async () => {
    const desktop = await running()
    desktop.window().close()
    const go = desktop.menu.find(({ label }) => label === 'Go')!.submenu as Electron.MenuItemConstructorOptions[]
    ;(go.find(({ label }) => label === 'Devices')!.click as () => void)()
    await until('the window to open', 5, () => desktop.windows.length === 2 && desktop.window().isShown)
    expect(desktop.window().webContents.mainFrame.url).toBe('app://muster/devices')
    ;(go.find(({ label }) => label === 'Command palette…')!.click as () => void)()
    expect(pageTold(desktop)).toEqual([{ muster: 'command', id: 'command-palette' }])
  })
})

describe('the end', () => {
  test('quitting waits for the core to stop in order', async () => {
    const desktop = await running()
    desktop.app.quit()
    expect([desktop.app.hasQuit, desktop.child().heard.at(-1)!.message]).toEqual([false, { type: 'stop' }])
    await until('the application to quit', 5, () => desktop.app.hasQuit)
    expect([desktop.child().isAlive, desktop.trays[0]!.isDestroyed, desktop.children.length]).toEqual([false, true, 1])
  })
})
