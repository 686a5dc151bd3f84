import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { violations } from './axe.ts'

describe.skipIf(findChromium() === null)('privacy by hand', () => {
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

  test('mark a field, look a person up, erase them, take a report', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/settings?tab=privacy' })
    const form = page.getByRole('textbox', { name: 'Field' })
    await form.fill('patient')
    await page.getByRole('combobox', { name: 'It is' }).click()
    await page.getByRole('option', { name: 'Says whom a row is about' }).click()
    await page.getByRole('button', { name: 'Mark the field' }).click()
    const marks = page.getByRole('table', { name: 'Personal fields' })
    await marks.getByText('nothing of it leaves the device').waitFor()

    await page.getByRole('textbox', { name: /^Subject/ }).fill('patient-17')
    await page.getByRole('button', { name: 'Look up' }).click()
    await page.getByText('0 samples and 0 labels are stored').waitFor()
    expect(await page.getByRole('button', { name: 'Erase all of it' }).isDisabled()).toBe(true)
    await page.getByRole('textbox', { name: 'Why' }).fill('asked for it')
    await page.getByRole('button', { name: 'Erase all of it' }).click()
    await page.getByLabel('Write erase to go on').fill('erase')
    await page.getByRole('button', { name: 'Erase for ever' }).click()
    await page.getByRole('table', { name: 'Erased people' }).getByText('Clean').waitFor({ timeout: 60_000 })

    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: /Article 30.*as HTML/ }).click()
    expect((await saved).suggestedFilename()).toBe('gdpr.html')
    expect(await violations(page)).toEqual([])

    await page.goto(`${host.address.url}/trust`)
    await page.getByText('1 field is marked as personal: nothing of it leaves a device.').waitFor()
    expect(await violations(page)).toEqual([])
    expect(trouble.messages).toEqual([])
    await context.close()
  }, 240_000)

  test.each([
    { scheme: 'light', size: { width: 1440, height: 900 } },
    { scheme: 'dark', size: { width: 1024, height: 700 } },
  ] as const)('free of serious findings of axe, and scrolls in one direction: $scheme', { timeout: 240_000 }, async (view) => {
    const { page, context } = await openPage(browser, host, { path: '/settings?tab=privacy', ...view })
    await page.getByRole('table', { name: 'Record of processing' }).waitFor()
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false)
    await context.close()
  })
})
