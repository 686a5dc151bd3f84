import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCarriedFleet } from '../harness/carried-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { importSample } from '../harness/console.ts'
import { faultsOf } from './look.ts'
import { visit } from './screens.ts'

/** Programs start, and a model is tried, on a machine that may have other work. */
const PATIENCE_MS = 60_000

describe.skipIf(findChromium() === null)('models by stick', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
  })

  test('out to a device without a network, and its receipt back', { timeout: 240_000 }, async () => {
    const world = await startCarriedFleet()
    const { host } = world.fleet
    await importSample(host, 'digits', '1.0.0')
    await host.rpc!.call('deployments.apply', { query: '', model: 'digits', version: '1.0.0', windowSeconds: 1 })
    const { page, context, trouble } = await openPage(browser, host, { path: '/deployments' })
    page.setDefaultTimeout(PATIENCE_MS)
    await page.getByRole('link', { name: 'Carry by USB' }).click()
    await page.getByText('Nothing was exported yet').waitFor()
    await page.getByText(/files?, .* for 1 device$/).waitFor()
    const query = page.getByRole('combobox', { name: 'Devices without a network' })
    await query.fill('id = nobody')
    await page.getByText('There is nothing to export').waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    await query.fill('')
    await page.getByText(/files?, .* for 1 device$/).waitFor()

    const folder = page.getByRole('textbox', { name: 'Folder to write to' })
    expect(await page.getByRole('button', { name: 'Export', exact: true }).isDisabled()).toBe(true)
    await folder.fill(join(world.stick, 'not there'))
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    await page.getByRole('alert').getByText('not there').first().waitFor()
    await folder.fill(world.stick)
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    await page
      .getByRole('status')
      .getByText(/^Written: \d+ files/)
      .waitFor()
    const exports = page.getByRole('table', { name: 'Exports' })
    await exports.getByText('0 of 1').waitFor()

    // The folder that was written is the one that comes back; so far it was nowhere.
    expect(await page.getByRole('textbox', { name: 'Folder that came back' }).inputValue()).toBe(world.stick)
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByRole('alert').getByText('holds no receipts').waitFor()
    const applied = await world.apply()
    expect([applied.code, applied.output]).toEqual([0, expect.any(String)])
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    const imported = page.getByRole('table', { name: 'What was imported' })
    await imported.getByText('taken in').waitFor()
    await imported.getByText('digits: digits 1.0.0').waitFor()
    await exports.getByText('1 of 1').waitFor()
    await page.getByRole('table', { name: 'Receipts' }).getByText('cam-1').waitFor()
    expect(await host.rpc!.call('devices.show', { device: 'cam-1' })).toMatchObject({
      status: 'offline',
      deployments: { digits: { active: { version: '1.0.0' } } },
    })
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await imported.getByText('imported before').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await context.close()
    // A refused folder is told on the page; nothing else went wrong.
    expect(trouble.messages).toEqual([])

    const small = await openPage(browser, host, { scheme: 'dark', size: { width: 1024, height: 700 } })
    await small.page.getByRole('navigation', { name: 'Pages' }).waitFor()
    await visit(small.page, { name: 'carry', path: '/deployments/carry', ready: 'On the device' })
    expect(await faultsOf(small.page)).toEqual([])
    await small.context.close()
    expect(small.trouble.messages).toEqual([])
  })
})
