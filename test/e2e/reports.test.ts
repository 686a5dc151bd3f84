import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Browser, Download, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { fillReportDays, type WrittenDays } from '../harness/report-days.ts'
import { faultsOf } from './look.ts'
import { make, prepareReports } from './prepare-reports.ts'
import { reportScreensOf, visit } from './screens.ts'

const DEVICES = 8
const DAYS = 10

describe.skipIf(findChromium() === null)('reports of a fleet, by hand', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  let written: WrittenDays
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    written = fillReportDays(join(directory, 'console'), { devices: DEVICES, days: DAYS, now: Date.now() })
    host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error'])
    browser = await launchBrowser()
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  const save = async (page: Page, format: string): Promise<string> => {
    const download: Promise<Download> = page.waitForEvent('download')
    await page.getByRole('button', { name: `Save as ${format}` }).click()
    const file = await download
    const path = join(directory, file.suggestedFilename())
    await file.saveAs(path)
    return path
  }
  const verify = async (page: Page, path: string): Promise<string> => {
    await page.getByLabel('File of a report', { exact: true }).setInputFiles(path)
    await page.getByRole('dialog').getByText(basename(path), { exact: true }).waitFor()
    const result = page.getByLabel('Result of the verification')
    await result.waitFor()
    return result.innerText()
  }

  test('from nothing to a report that is read, saved, verified, and told from one that was changed', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/reports' })
    await page.getByText('There are no reports yet').waitFor()
    await page.getByRole('link', { name: 'Make the first report' }).click()
    await page.getByRole('radio', { name: /^Fleet/ }).waitFor()
    await page.getByRole('radiogroup', { name: 'Period' }).getByText('30 days').click()
    await page.getByRole('checkbox', { name: 'CSV' }).check()
    await page.getByRole('button', { name: 'Make the report' }).click()

    // The page is what is printed: the frame shows the totals that the fleet was given.
    const paper = page.frameLocator('iframe[title^="Report "]')
    await paper.getByRole('heading', { name: 'Fleet report' }).waitFor({ timeout: 60_000 })
    await paper.getByText(written.requests.toLocaleString('en'), { exact: true }).first().waitFor()
    expect(await page.locator('iframe').getAttribute('sandbox')).toBe('allow-same-origin allow-modals')
    expect(await paper.locator('script').count()).toBe(0)
    // The styles of the frame pass the policy of the page.
    expect(await paper.locator('h1').evaluate((heading) => getComputedStyle(heading).fontSize)).toBe('26px')

    await page.getByRole('button', { name: 'Verify', exact: true }).click()
    await page.getByText('Genuine, and the store agrees').waitFor({ timeout: 60_000 })

    const json = await save(page, 'JSON')
    const workbook = await save(page, 'Excel')
    const html = await save(page, 'HTML')
    await page.goto(new URL('/reports', page.url()).href)
    await page.getByRole('button', { name: 'Verify a file' }).click()
    for (const path of [json, workbook, html]) expect(await verify(page, path)).toContain('Genuine, and the store agrees')
    const changed = join(directory, 'changed.json')
    writeFileSync(changed, readFileSync(json, 'utf8').replace(`"value":${written.requests}`, `"value":${written.requests + 1}`))
    expect(await verify(page, changed)).toContain('Changed after it was signed')
    const changedHtml = join(directory, 'changed.html')
    writeFileSync(changedHtml, readFileSync(html, 'utf8').replace(written.requests.toLocaleString('en'), '1'))
    await page.getByLabel('File of a report', { exact: true }).setInputFiles(changedHtml)
    await page.getByRole('alert').getByText('report.invalid').waitFor()
    await context.close()
    expect(trouble.messages).toEqual([])
  }, 240_000)

  test('what the store no longer says is shown value by value', async () => {
    const report = await make(host, { kind: 'cost', from: written.from, through: written.through, zone: 'UTC', formats: ['html'] })
    const sheet = await host.rpc!.call('costs.sheet', {})
    await host.rpc!.call('costs.setSheet', { ...sheet, computePerHour: sheet.computePerHour + 1 })
    const { page, context } = await openPage(browser, host, { path: `/reports/${report}` })
    await page.getByRole('button', { name: 'Verify', exact: true }).click()
    await page.getByText('Genuine; the store has moved on').waitFor({ timeout: 60_000 })
    const differing = await page.getByRole('table', { name: 'Values that differ' }).innerText()
    expect(differing).toContain('summary/summary/total')
    expect(await page.getByLabel('Result of the verification').innerText()).toMatch(/price/i)
    await context.close()
  }, 120_000)

  test('one that waits shows so, is cancelled, leaves nothing, and is removed', async () => {
    // Jobs run one after the other: while this one lasts, the report of the page waits.
    const { page, context } = await openPage(browser, host, { path: '/reports/new' })
    const first = await host.rpc!.call('reports.create', {
      kind: 'fleet',
      from: written.from,
      through: written.through,
      formats: ['html', 'pdf', 'xlsx'],
    })
    const { report, job } = await host.rpc!.call('reports.create', { kind: 'incident', from: written.from, through: written.through })
    await host.rpc!.call('jobs.cancel', { job })
    await page.goto(new URL(`/reports/${report}`, page.url()).href)
    await page.getByText('It was cancelled.').first().waitFor()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the report' }).click()
    await page.getByText(`Report ${report} was removed.`).waitFor()
    expect((await host.rpc!.call('reports.list', {})).reports.map((one) => one.report)).not.toContain(report)
    await until(
      'the first report to be made',
      60,
      async () => (await host.rpc!.call('reports.show', { report: first.report })).state === 'made',
    )
    await page.goto(new URL(`/reports/${report}`, page.url()).href)
    await page.getByText(`There is no report ${report}`).waitFor()
    await context.close()
  }, 120_000)

  test('a schedule is set, paused, changed and ended; a template is saved, used and removed', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/reports?tab=schedules' })
    await page.getByRole('button', { name: 'New schedule' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('monday-mornings')
    await dialog.getByRole('combobox', { name: 'Devices that the report is about' }).fill('site = lyon')
    await dialog.getByLabel('Reports that are kept').fill('12')
    await dialog.getByRole('button', { name: 'Save the schedule' }).click()
    await page
      .getByRole('row', { name: /monday-mornings/ })
      .getByText('Each week at 06:00')
      .waitFor()
    const schedule = async () => (await host.rpc!.call('reports.schedules', {})).schedules[0]
    expect(await schedule()).toMatchObject({ subject: { query: 'site = lyon' }, plan: { every: 'weekly', keepCount: 12 }, isOn: true })
    await page.getByRole('button', { name: 'Pause monday-mornings' }).click()
    await page
      .getByRole('row', { name: /monday-mornings/ })
      .getByText('Paused')
      .waitFor()
    expect(await schedule()).toMatchObject({ isOn: false, nextAt: null, plan: { keepCount: 12 } })
    await page.getByRole('button', { name: 'Edit monday-mornings' }).click()
    await dialog.getByRole('radiogroup', { name: 'How often' }).getByText('Each month').click()
    await dialog.getByRole('button', { name: 'Save the schedule' }).click()
    await page.getByText('Each month at 06:00').waitFor()
    await page.getByRole('button', { name: 'Remove monday-mornings' }).click()
    await dialog.getByRole('button', { name: 'Remove the schedule' }).click()
    await page.getByText('No report is made by itself').waitFor()

    await page.getByRole('tab', { name: 'Templates' }).click()
    await page.getByRole('button', { name: 'New template' }).click()
    await dialog.getByLabel('Name').fill('lyon-week')
    await dialog.getByRole('combobox', { name: 'Devices that the report is about' }).fill('site = lyon')
    await dialog.getByLabel('What it is for').fill('Lyon, on Mondays')
    await dialog.getByRole('button', { name: 'Save the template' }).click()
    await page.getByRole('link', { name: 'Use lyon-week' }).click()
    await page.getByText('Lyon, on Mondays').waitFor()
    expect(await page.getByRole('combobox', { name: 'Devices that the report is about' }).inputValue()).toBe('site = lyon')
    await page.goto(new URL('/reports?tab=templates', page.url()).href)
    await page.getByRole('button', { name: 'Remove lyon-week' }).click()
    await dialog.getByRole('button', { name: 'Remove the template' }).click()
    await page.getByText('The template lyon-week was removed.').waitFor()
    expect((await host.rpc!.call('reports.templates', {})).templates.some(({ name }) => name === 'lyon-week')).toBe(false)
    await context.close()
    expect(trouble.messages).toEqual([])
  }, 180_000)

  test('how long reports are kept is said, and can be taken back', async () => {
    const { page, context } = await openPage(browser, host, { path: '/reports?tab=keeping' })
    await page.getByRole('radio', { name: 'Are removed after some days' }).check()
    await page.getByLabel('Days after it was asked for').fill('90')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Reports are removed 90 days after they were asked for.').waitFor()
    expect(await host.rpc!.call('reports.keeping', {})).toEqual({ keepDays: 90 })
    await page.getByRole('button', { name: 'Undo' }).click()
    await until('it to be taken back', 10, async () => (await host.rpc!.call('reports.keeping', {})).keepDays === null)
    await context.close()
  }, 60_000)

  test.each([
    { scheme: 'light', size: { width: 1440, height: 900 } },
    { scheme: 'dark', size: { width: 1024, height: 700 } },
  ] as const)(
    'free of serious findings of axe, and scrolls in one direction: $scheme $size.width',
    async (view) => {
      const report = await prepareReports(host)
      const { page, context, trouble } = await openPage(browser, host, view)
      await page.getByRole('navigation', { name: 'Pages' }).waitFor()
      const found: Record<string, string[]> = {}
      for (const screen of reportScreensOf(report)) {
        await visit(page, screen)
        const here = await faultsOf(page)
        if (here.length > 0) found[screen.name] = here
      }
      await context.close()
      expect(found).toEqual({})
      expect(trouble.messages).toEqual([])
    },
    240_000,
  )
})
