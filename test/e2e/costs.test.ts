import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { fillCostDays } from '../harness/cost-days.ts'
import { faultsOf } from './look.ts'
import { visit } from './screens.ts'

const screens = [
  { name: 'costs', path: '/costs?period=30d', ready: 'cam-11' },
  { name: 'costs-cause', path: '/costs?period=30d&by=cause', ready: 'Orders' },
  { name: 'costs-settings', path: '/settings?tab=costs', ready: 'Save price sheet' },
]

describe.skipIf(findChromium() === null)('costs of a fleet on three weeks of ledgers', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    fillCostDays(directory, { devices: 12, days: 21, now: Date.now() })
    host = await LocalConsole.start(directory, ['--log-level', 'error'])
    browser = await launchBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('from nothing has a price to a budget that is spent, by hand', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/costs?period=30d' })
    await page.getByText('Nothing has a price yet').waitFor()
    await page.getByRole('link', { name: 'Write the price sheet' }).click()
    await page.getByRole('button', { name: 'Add a link' }).click()
    const cellular = page.getByRole('group', { name: 'Link cellular', exact: true })
    await cellular.getByRole('textbox', { name: 'Price per GB' }).fill('8')
    await cellular.getByRole('textbox', { name: 'Usual speed in Mbit/s' }).fill('4')
    await cellular.getByRole('button', { name: 'Add quiet hours' }).click()
    const hours = cellular.getByRole('group', { name: 'Quiet hours 1 of cellular' })
    await hours.getByLabel('From').fill('22:30')
    await hours.getByLabel('To', { exact: true }).fill('05:00')
    await page.getByLabel('Computing, EUR per hour').fill('0.02')
    await page.getByLabel('Storage, EUR per GB').fill('0.1')
    await page.getByLabel('Budget, EUR a month').fill('0.5')
    await page.getByLabel('Value of 1,000 inferences, EUR').fill('1.5')
    await page.getByRole('button', { name: 'Save price sheet' }).click()
    await page.getByText('The price sheet is kept').waitFor()
    const sheet = await host.rpc!.call('costs.sheet', {})
    expect(sheet).toMatchObject({ computePerHour: 0.02, storagePerGigabyteMonth: 0.1, monthlyBudget: 0.5, valuePerThousandInferences: 1.5 })
    expect(sheet.defaultLink).toBe('ethernet')
    expect(sheet.links[1]).toEqual({
      ...{ name: 'cellular', pricePerGigabyte: 8, megabitsPerSecond: 4 },
      quiet: [{ cron: '30 22 * * 1-5', minutes: 390, timeZone: 'site' }],
    })

    await page.getByRole('link', { name: 'See the costs' }).click()
    await page.getByText('1,000 inferences').waitFor()
    await page.getByText(/Offers wait until \w{3} 01 \w{3}/).waitFor()
    await page.getByRole('radiogroup', { name: 'Period' }).getByText('30 days').click()
    const report = await host.rpc!.call('costs.report', { from: Date.now() - 29 * 86_400_000, through: Date.now() + 1, by: 'link' })
    const total = report.total.total.toFixed(2)
    await page.getByLabel('Costs of the period').getByText(`${total} EUR`, { exact: true }).waitFor()
    await page.getByRole('radiogroup', { name: 'One row per' }).getByText('By link').click()
    await page.getByRole('grid', { name: 'Costs by link' }).getByText('cellular').waitFor()
    expect(new URL(page.url()).searchParams.get('by')).toBe('link')

    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export the rows as CSV' }).click()
    const csv = readFileSync(await (await download).path(), 'utf8')
      .replace(/^\uFEFF/, '')
      .trim()
      .split('\r\n')
    expect(csv[0]).toMatch(/^link,devices,transfer_eur/)
    expect(csv.slice(1).map((line) => line.split(',').slice(0, 2).join())).toEqual(['cellular,6', 'ethernet,6'])

    await page.getByRole('combobox', { name: /Query of the devices/ }).fill('site = nowhere')
    await page.getByText('No device of this query').waitFor()
    await page.getByRole('button', { name: 'All devices' }).click()
    await page.getByRole('grid', { name: 'Costs by link' }).getByText('cellular').waitFor()
    await context.close()
    expect(trouble.messages).toEqual([])
  })

  test('a sheet that contradicts itself says where, keeps what was typed, and changes nothing', async () => {
    const before = await host.rpc!.call('costs.sheet', {})
    const { page, context } = await openPage(browser, host, { path: '/settings?tab=costs' })
    await page.getByRole('button', { name: 'Add a link' }).click()
    const last = page.getByRole('group', { name: /^Link / }).last()
    await last.getByLabel('Name of the link').fill('ethernet')
    await page.getByRole('button', { name: 'Save price sheet' }).click()
    await page.getByRole('alert').getByText("'ethernet' is there twice").waitFor()
    expect(await page.getByLabel('Name of the link').last().inputValue()).toBe('ethernet')
    expect(await host.rpc!.call('costs.sheet', {})).toEqual(before)
    await page.getByRole('button', { name: 'Discard changes' }).click()
    await until('the form to be as stored', 10, async () =>
      (await page.getByLabel('Name of the link').count()) === before.links.length ? true : null,
    )
    await context.close()
  })

  test.each([
    { scheme: 'light', size: { width: 1440, height: 900 } },
    { scheme: 'dark', size: { width: 1024, height: 700 } },
  ] as const)('free of serious findings of axe, and scrolls in one direction: $scheme $size.width', async (view) => {
    const { page, context, trouble } = await openPage(browser, host, view)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    const found: Record<string, string[]> = {}
    for (const screen of screens) {
      await visit(page, screen)
      const here = await faultsOf(page)
      if (here.length > 0) found[screen.name] = here
    }
    await context.close()
    expect(found).toEqual({})
    expect(trouble.messages).toEqual([])
  })
})
