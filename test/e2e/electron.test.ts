import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { freePort, until } from '../../build/demo/child.ts'
import { LocalAgent } from '../../build/demo/local-fleet.ts'
import { findElectron } from '../../build/start/find-electron.ts'
import { buildParts } from '../../build/start/fresh-build.ts'
import { makeParts } from '../../build/start/make-parts.ts'
import { connectConsole } from '../../electron/core/cli/connect.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'

// The real window. Everywhere else the desktop is tested against a stand-in of the same shapes (test/harness/electron-double.ts).
const found = findElectron({ env: process.env, platform: process.platform })
if ('reason' in found) process.stdout.write(`Skipped: the tests of the real Electron window. ${found.reason}\n`)

describe.skipIf('reason' in found)('the real window of Electron', () => {
  let directory: string
  let application: ElectronApplication
  let page: Page
  let rpc: RpcClient
  let agent: LocalAgent
  let mqttPort: number

  beforeAll(async () => {
    makeParts(Object.values(buildParts), (text) => process.stdout.write(`${text}\n`))
    directory = mkdtempSync(join(tmpdir(), 'muster-electron-'))
    mqttPort = await freePort()
    application = await launch([])
    page = await application.firstWindow()
    const data = join(directory, 'data')
    rpc = await until('the core to run', 30, () => connectConsole({ data }).catch(() => null))
    agent = await LocalAgent.join(rpc, join(directory, 'cam-12'), { device: 'cam-12', labels: { site: 'lyon' } })
  }, 180_000)

  afterAll(async () => {
    if ('reason' in found) return
    await agent.stop()
    rpc.close()
    await application.close()
    rmSync(directory, { recursive: true, force: true })
  })

  function launch(argv: string[]): Promise<ElectronApplication> {
    // Chromium's own sandbox cannot be set up by root, as whom a container runs.
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    return _electron.launch({
      executablePath: 'binary' in found ? found.binary : '',
      args: [resolve('.'), ...asRoot, '--data', join(directory, 'data'), '--fleet', 'Plant', '--mqtt-port', String(mqttPort), ...argv],
    })
  }

  test('it opens with its title, large enough, at the page of its own scheme', async () => {
    await page.waitForLoadState()
    expect(await page.title()).toContain('Muster')
    expect(page.url()).toMatch(/^app:\/\/muster\//)
    const bounds = await application.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getBounds())
    expect([bounds.width >= 1024, bounds.height >= 700]).toEqual([true, true])
  })

  test('the page finds no Node, no files and no other site', async () => {
    const probe = await page.evaluate(async () => {
      const reach = (url: string): Promise<string> =>
        fetch(url).then(
          (response) => `answered ${response.status}`,
          () => 'refused',
        )
      return {
        names: ['require', 'process', 'module', 'global', 'Buffer', '__dirname', 'electron', 'ipcRenderer'].filter(
          (name) => name in globalThis,
        ),
        bridge: Object.keys((globalThis as unknown as { muster: object }).muster).sort(),
        file: await reach('file:///etc/passwd'),
        site: await reach('https://example.org/'),
        outside: await reach('app://muster/../../package.json'),
        opened: window.open('https://example.org/') === null,
        frame: (() => {
          const frame = document.createElement('iframe')
          frame.src = 'https://example.org/'
          document.body.append(frame)
          return 'muster' in (frame.contentWindow ?? {})
        })(),
        inline: await new Promise<boolean>((resolve) => {
          const script = document.createElement('script')
          script.textContent = 'globalThis.inlineRan = true'
          document.body.append(script)
          setTimeout(() => resolve('inlineRan' in globalThis), 50)
        }),
      }
    })
    expect(probe).toMatchObject({
      ...{ names: [], bridge: ['call', 'connect'], file: 'refused', site: 'refused', opened: true, frame: false, inline: false },
    })
    // The address is made plain before it is asked for, so it is a page of the console and not a file of this machine.
    expect(probe.outside).toBe('answered 200')
    await page.evaluate(() => (location.href = 'https://example.org/'))
    await page.waitForTimeout(300)
    expect(page.url()).toMatch(/^app:\/\/muster\//)
  })

  test('a device is reached by its address, handed over by a second instance', async () => {
    const second = await launch(['muster://device/cam-12']).catch(() => null)
    await page.waitForURL('app://muster/devices/cam-12')
    await page.getByText('cam-12').first().waitFor()
    expect(await application.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
    await second?.close()
  })

  test('a core that is killed comes back under the open page', async () => {
    const pidOfCore = (): Promise<number | undefined> =>
      application.evaluate(({ app }) => app.getAppMetrics().find(({ name }) => name === 'Muster core')?.pid)
    const pid = (await pidOfCore())!
    process.kill(pid, 'SIGKILL')
    await until('the core to run again', 30, async () => {
      const client = await connectConsole({ data: join(directory, 'data') }).catch(() => null)
      client?.close()
      return client !== null
    })
    await page.goto('app://muster/devices')
    await page.getByText('cam-12').first().waitFor({ timeout: 30_000 })
    expect([pid, undefined]).not.toContain(await pidOfCore())
  })
})
