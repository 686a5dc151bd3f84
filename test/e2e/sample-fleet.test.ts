import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { violations } from './axe.ts'
import { faultsOf } from './look.ts'
import { prepareSampleFleet, screensOf, visit, type SampleHistory } from './screens.ts'

describe.skipIf(findChromium() === null)('the console over the sample fleet', () => {
  let browser: Browser
  let host: LocalConsole
  let history: SampleHistory
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    host = await LocalConsole.start(directory, ['--log-level', 'error', '--fleet', 'Plant Lyon'])
    browser = await launchBrowser()
    history = await prepareSampleFleet(host, { seconds: 5 })
  }, 400_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  // Two seconds a page, and there are many by now.
  test.each([
    { scheme: 'light', size: { width: 1440, height: 900 } },
    { scheme: 'dark', size: { width: 1024, height: 700 } },
  ] as const)(
    'every page is free of serious findings of axe, and nothing is cut off or scrolls sideways: $scheme $size.width',
    { timeout: 300_000 },
    async (view) => {
      const { page, context, trouble } = await openPage(browser, host, view)
      await page.getByRole('navigation', { name: 'Pages' }).waitFor()
      const found: Record<string, string[]> = {}
      for (const screen of screensOf(history)) {
        await visit(page, screen)
        const here = await faultsOf(page)
        if (here.length > 0) found[screen.name] = here
      }
      await context.close()
      expect(found).toEqual({})
      expect(trouble.messages).toEqual([])
    },
  )

  test.each(['light', 'dark'] as const)('what opens over the pages is free of serious findings of axe, %s', async (scheme) => {
    const { page, context } = await openPage(browser, host, { scheme })
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    const found: Record<string, string[]> = {}
    const look = async (name: string): Promise<void> => {
      await page.getByRole('dialog').waitFor()
      const here = await violations(page)
      if (here.length > 0) found[name] = here
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'Search' }).fill('lyon')
    await page.getByText('lyon-1').first().waitFor()
    await look('palette')
    await page.keyboard.press('?')
    await look('keyboard map')
    await visit(page, { name: '', path: '/configuration', ready: 'night-mode' })
    await page.getByRole('button', { name: 'lyon', exact: true }).click()
    await look('rule')
    await visit(page, { name: '', path: '/deployments/named/digits', ready: 'Versions side by side' })
    await page.getByRole('button', { name: 'Promote' }).click()
    await look('promote')
    await visit(page, { name: '', path: '/settings?tab=sample', ready: 'lyon-1' })
    await page.getByRole('button', { name: 'Remove it' }).click()
    await look('confirmation')
    await visit(page, { name: '', path: `/deployments/${history.order}`, ready: 'lyon-1' })
    await page.getByRole('button', { name: 'Undo order' }).click()
    await look('undo')
    await context.close()
    expect(found).toEqual({})
  })

  test('a whole deploy by keyboard alone', async () => {
    const { page, context } = await openPage(browser, host)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    await page.keyboard.press('c')
    await page.keyboard.press('d')
    await page.getByRole('form', { name: 'New deployment' }).waitFor()
    await tabTo(page, 'Version')
    await page.keyboard.type('digits 1.0.0')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Devices to deploy to')
    await page.keyboard.type('id = lyon-2')
    await page.getByRole('button', { name: /Deploy digits 1\.0\.0 to 1 device/ }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+Enter')
    await page.waitForURL(/\/deployments\/\d+/)
    await page
      .getByText(/1 (of 1 )?active/i)
      .first()
      .waitFor({ timeout: 60_000 })
    const newest = (await host.rpc!.call('orders.list', { limit: 1 })).orders[0]
    expect(newest).toMatchObject({ target: { model: 'digits', version: '1.0.0' }, devices: 1, state: 'done' })
    await context.close()
  })

  test('the page has no way to Node, to files or to another origin', async () => {
    const { page, context } = await openPage(browser, host)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    const probe = await page.evaluate(async () => {
      const reach = (name: string): string => typeof (globalThis as Record<string, unknown>)[name]
      const tries = async (work: () => unknown): Promise<string> => {
        try {
          await work()
          return 'allowed'
        } catch {
          return 'refused'
        }
      }
      return {
        require: reach('require'),
        process: reach('process'),
        module: reach('module'),
        bridge: reach('muster'),
        file: await tries(() => fetch('file:///etc/passwd')),
        elsewhere: await tries(() => fetch('http://127.0.0.1:9/')),
        // Later, on its own: while the debugger evaluates, it lifts the policy against eval.
        eval: await tries(
          () =>
            new Promise((resolve, reject) =>
              setTimeout(() => {
                try {
                  resolve((Reflect.get(globalThis, 'eval') as (text: string) => unknown)('1'))
                } catch (error) {
                  reject(error instanceof Error ? error : new Error('refused'))
                }
              }),
            ),
        ),
        inline: await tries(
          () =>
            new Promise((resolve, reject) => {
              const script = document.createElement('script')
              script.textContent = 'window.injected = true'
              document.body.append(script)
              if ('injected' in window) resolve(null)
              else reject(new Error('not run'))
            }),
        ),
      }
    })
    await context.close()
    expect(probe).toEqual({
      require: 'undefined',
      process: 'undefined',
      module: 'undefined',
      bridge: 'undefined',
      file: 'refused',
      elsewhere: 'refused',
      eval: 'refused',
      inline: 'refused',
    })
  })

  test('a killed console: the page says so, comes back by itself, and the view is as it was', async () => {
    const { page, context } = await openPage(browser, host, { path: '/devices?query=site+%3D+lyon' })
    await page
      .getByRole('grid', { name: /devices/i })
      .getByRole('row', { name: /lyon-3/ })
      .waitFor()
    await host.crash()
    await page.getByRole('alert').getByText('The console does not answer').waitFor({ timeout: 10_000 })
    // What was there stays on screen meanwhile.
    expect(await page.getByRole('row', { name: /lyon-3/ }).count()).toBe(1)
    await host.launch()
    await page.getByText('The console does not answer').waitFor({ state: 'detached', timeout: 20_000 })
    await page.getByRole('row', { name: /lyon-3/ }).waitFor()
    expect(new URL(page.url()).searchParams.get('query')).toBe('site = lyon')
    expect(await page.getByRole('row', { name: /oslo-1/ }).count()).toBe(0)
    await context.close()
  })
})

/** Presses Tab until a field with this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    const isThere = await page
      .getByLabel(name, { exact: false })
      .first()
      .evaluate((field) => field === document.activeElement)
    if (isThere) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`no way to "${name}" by the Tab key`)
}
