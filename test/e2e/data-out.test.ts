import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { startWebhookReceiver } from '../harness/webhook-receiver.ts'
import { violations } from './axe.ts'
import { faultsOf } from './look.ts'

describe.skipIf(findChromium() === null)('data that goes out, by hand', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error'])
    browser = await launchBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('add a webhook, try it, look at its events, pause it; a copy that fails says why', { timeout: 240_000 }, async () => {
    const hook = await startWebhookReceiver('key')
    const { page, context, trouble } = await openPage(browser, host, { path: '/settings?tab=data-out' })
    await page.getByText('Nothing goes out.').waitFor()
    await page.getByRole('button', { name: 'Webhook' }).click()
    await page.getByRole('textbox', { name: 'Address' }).fill(hook.url)
    await page.getByLabel('Key of the signature').fill('key')
    await page.getByRole('checkbox', { name: 'audit' }).check()
    await page.getByRole('checkbox', { name: 'May be in a private network' }).check()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    const table = page.getByRole('table', { name: 'Where data goes out to' })
    await table.getByText('up to date').waitFor({ timeout: 60_000 })
    await table.getByRole('button', { name: 'Try it' }).click()
    await page.getByText('Webhook works.').waitFor()
    expect(hook.received.every(({ isSigned }) => isSigned)).toBe(true)
    await table.getByRole('button', { name: 'Events' }).click()
    await page.getByRole('table', { name: 'Events' }).getByText('muster.audit.forward.set').waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await table.getByRole('button', { name: 'Pause' }).click()
    await table.getByText('paused').waitFor()
    await table.getByRole('button', { name: 'Resume' }).click()
    await table.getByText('up to date').waitFor()
    await table.getByRole('button', { name: 'Change' }).click()
    await page.getByText('One is kept; an empty field leaves it.').waitFor()
    await page.getByRole('textbox', { name: 'Name' }).fill('Planning system')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await table.getByText('Planning system').waitFor()

    await page.getByRole('button', { name: 'PostgreSQL' }).click()
    await page.getByRole('textbox', { name: 'Server' }).fill('127.0.0.1')
    await page.getByRole('textbox', { name: 'Port' }).fill('1')
    await page.getByRole('textbox', { name: 'Database' }).fill('ops')
    await page.getByRole('textbox', { name: 'User' }).fill('muster')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await table.getByText(/PostgreSQL at 127\.0\.0\.1:1 cannot be written to/).waitFor({ timeout: 60_000 })
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false)

    await table
      .getByRole('row', { name: /Planning system/ })
      .getByRole('button', { name: 'Change' })
      .click()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText('events that wait are dropped').waitFor()
    await page.getByRole('button', { name: 'Remove it' }).click()
    await table.getByText('Planning system').waitFor({ state: 'detached' })
    await page.setViewportSize({ width: 1024, height: 700 })
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.getByRole('button', { name: 'Webhook' }).click()
    await page.getByText('Give the address, beginning with').waitFor()
    expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true)
    expect(await faultsOf(page)).toEqual([])
    expect(trouble.messages).toEqual([])
    await context.close()
  })
})
