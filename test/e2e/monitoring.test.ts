import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import type { Alert } from '../../shared/domain/alert.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { bringOnline } from '../harness/large-fleet.ts'
import { fillMonitoredDay } from '../harness/monitored-day.ts'
import { faultsOf } from './look.ts'
import { monitoredScreensOf, visit } from './screens.ts'

describe.skipIf(findChromium() === null)('monitoring, alerts and labelling over a day of five devices', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  let firing: Alert[]
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    const { devices } = await fillMonitoredDay(directory)
    host = await LocalConsole.start(directory, ['--log-level', 'error'])
    bringOnline(directory, devices)
    firing = await until('the built-in rules to fire', 60, async () => {
      const { alerts } = await host.rpc!.call('alerts.list', { state: 'firing' })
      return alerts.length >= 4 ? alerts : null
    })
    browser = await launchBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('the built-in rules, as they are, tell what the last hours brought, once', async () => {
    // Every rule has looked at everything by then, also at each device.
    await sleep(5000)
    firing = (await host.rpc!.call('alerts.list', { state: 'firing' })).alerts
    const told = firing.map(({ rule, subject }) => `${rule} ${subject.feature} ${subject.device ?? 'version'}`)
    expect(told.sort()).toEqual([
      'data-quality ash version',
      'data-quality proline version',
      'drift alcohol version',
      'drift flavanoids version',
    ])
  })

  test.each([
    { scheme: 'light', size: { width: 1440, height: 900 } },
    { scheme: 'dark', size: { width: 1024, height: 700 } },
  ] as const)('every page is free of serious findings of axe and scrolls in one direction, $scheme $size.width', async (view) => {
    const { page, context, trouble } = await openPage(browser, host, view)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    const found: Record<string, string[]> = {}
    for (const screen of monitoredScreensOf(firing[0]!.alert)) {
      await visit(page, screen)
      const here = await faultsOf(page)
      if (here.length > 0) found[screen.name] = here
    }
    await context.close()
    expect(found).toEqual({})
    expect(trouble.messages).toEqual([])
  })

  test('labels come by keyboard, move the figures, and are taken back', async () => {
    const { page, context } = await openPage(browser, host, { path: '/labelling' })
    const answers = page.getByRole('toolbar', { name: 'Answers' })
    await answers.waitFor()
    const progress = () => host.rpc!.call('labelling.progress', {})
    const before = await progress()
    for (const key of ['1', '2', '3']) {
      const { labelled } = await progress()
      await page.keyboard.press(key)
      await until(`the label of ${key}`, 20, async () => ((await progress()).labelled === labelled + 1 ? true : null))
      await page.waitForTimeout(300)
    }
    const after = await progress()
    expect([after.labelled - before.labelled, after.open]).toEqual([3, before.open - 3])
    expect(after.accuracy!.rows).toBe(before.accuracy!.rows + 3)
    await page.keyboard.press('u')
    await until('the last one to be taken back', 20, async () => ((await progress()).labelled === after.labelled - 1 ? true : null))
    await context.close()
  })

  test('a notification of the browser comes once, whatever pages are open, and not again after a restart', async () => {
    const shown: string[] = []
    const pages = [await openNotified(browser, host, shown), await openNotified(browser, host, shown)]
    const delivered = async () => {
      const { deliveries } = await host.rpc!.call('alerts.deliveries', { channel: 'desktop' })
      return deliveries.filter(({ state }) => state === 'delivered').map(({ notice, title }) => `muster-${notice} ${title}`)
    }
    await until('the notices to be shown', 30, async () => (shown.length > 0 && shown.length === (await delivered()).length ? true : null))
    expect(shown.toSorted()).toEqual((await delivered()).toSorted())
    await Promise.all(pages.map((context) => context.close()))
    await host.crash()
    await host.launch()
    const again = [await openNotified(browser, host, shown), await openNotified(browser, host, shown)]
    await host.rpc!.call('alerts.testChannel', { channel: 'desktop' })
    await until('the test notice', 30, () => (shown.some((one) => one.includes('Test notice')) ? true : null))
    await again[0]!.pages()[0]!.waitForTimeout(2000)
    expect(new Set(shown).size).toBe(shown.length)
    expect(shown.toSorted()).toEqual((await delivered()).toSorted())
    await Promise.all(again.map((context) => context.close()))
  })
})

/** A page that may show notifications; each that it shows is noted with its tag. */
async function openNotified(browser: Browser, host: LocalConsole, shown: string[]): Promise<BrowserContext> {
  const { url, token } = host.address
  const context = await browser.newContext()
  await context.grantPermissions(['notifications'], { origin: url })
  const page = await context.newPage()
  await page.exposeFunction('noteNotification', (text: string) => void shown.push(text))
  await page.addInitScript(() => {
    const { noteNotification } = globalThis as unknown as { noteNotification(text: string): void }
    globalThis.Notification = class extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        noteNotification(`${options?.tag ?? ''} ${title}`)
      }
    }
  })
  await page.goto(`${url}/#key=${token}`)
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  return context
}
