import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { bringOnline, fillFleet } from '../harness/large-fleet.ts'

const DEVICES = 10_000

/** The value under which a share of the samples lies. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

describe.skipIf(findChromium() === null)(`the console over ${DEVICES} devices`, () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    const fleet = await fillFleet(directory, { devices: DEVICES, hostile: true })
    host = await LocalConsole.start(directory, ['--log-level', 'error', '--fleet', 'Large'])
    bringOnline(directory, fleet.online)
    browser = await launchBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('scrolls through all rows, answers queries, opens the overview: figures', async () => {
    const { page, context } = await openPage(browser, host, { path: '/devices' })
    await page.getByRole('grid').getByRole('row').nth(5).waitFor()
    // Scrolling is measured, not the end of the loading before it.
    await page.waitForLoadState('networkidle')
    await page.waitForTimeout(1500)
    const tasks = await longTasksWhileScrolling(page)
    const queries = await queryTimes(page)
    const overview = await openingTimes(page)
    process.stdout.write(
      `10,000 devices: scroll to the end in ${tasks.steps} steps: ${tasks.over50.length} tasks over 50 ms (longest ${Math.max(0, ...tasks.over50).toFixed(0)} ms); ` +
        `query p50 ${quantile(queries, 0.5).toFixed(0)} ms, p95 ${quantile(queries, 0.95).toFixed(0)} ms (n ${queries.length}); ` +
        `overview opens p50 ${quantile(overview, 0.5).toFixed(0)} ms, longest ${Math.max(...overview).toFixed(0)} ms (n ${overview.length})\n`,
    )
    expect(tasks.lastRow).toBeGreaterThanOrEqual(DEVICES)
    await context.close()
  })

  test('the first load is small: figure', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    let bytes = 0
    session.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength
    })
    const { url, token } = host.address
    await page.goto(`${url}/#key=${token}`)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    await page.waitForLoadState('networkidle')
    process.stdout.write(`first load of the overview: ${(bytes / 1000).toFixed(0)} kB over the wire\n`)
    // The picture of the README.
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.waitForTimeout(500)
    await page.screenshot({ path: 'dist/screenshots/overview-10000-dark.png' })
    expect(bytes).toBeLessThan(500_000)
    expect(bytes).toBeGreaterThan(100_000)
    await context.close()
  })

  test('hostile names, labels and messages are text and nothing else', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/devices?query=id+%3D+hostile-*' })
    const dialogs: string[] = []
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
    const rows = page.getByRole('grid').getByRole('row')
    await page.getByText('5 devices').first().waitFor()
    await rows.nth(5).waitFor()
    const count = (await rows.count()) - 1
    expect(count).toBe(5)
    for (let index = 1; index <= count; index += 1) {
      await rows.nth(index).click()
      await page.getByRole('complementary').waitFor()
      // The row height does not change, whatever stands in it.
      expect((await rows.nth(index).boundingBox())!.height).toBe(30)
    }
    for (const path of ['/', '/events', '/devices?sort=labels']) {
      await page.goto(new URL(path, page.url()).href)
      await page.waitForTimeout(800)
    }
    const state = await page.evaluate(() => ({
      images: [...document.querySelectorAll('img')].filter((image) => !image.src.endsWith('/icon.svg')).length,
      isWide: document.documentElement.scrollWidth > innerWidth,
    }))
    expect({ ...state, dialogs, trouble: trouble.messages }).toEqual({ images: 0, isWide: false, dialogs: [], trouble: [] })
    await context.close()
  })
})

/** Scrolls the grid to its end, and notes every task that blocked the page for more than 50 ms. */
async function longTasksWhileScrolling(page: Page): Promise<{ steps: number; over50: number[]; lastRow: number }> {
  return page.evaluate(async () => {
    const over50: number[] = []
    const observer = new PerformanceObserver((list) => over50.push(...list.getEntries().map(({ duration }) => duration)))
    observer.observe({ entryTypes: ['longtask'] })
    const grid = document.querySelector('[role="grid"]')!
    const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve))
    let steps = 0
    // Ten rows per frame, as a hard flick of a wheel; nothing is read meanwhile, for that would force a layout that no person does.
    const end = grid.scrollHeight
    for (let at = 300; at < end; at += 300) {
      grid.scrollTop = at
      steps += 1
      await frame()
    }
    await new Promise((resolve) => setTimeout(resolve, 1500))
    observer.disconnect()
    const rows = [...grid.querySelectorAll('[role="row"][aria-rowindex]')].map((row) => Number(row.getAttribute('aria-rowindex')) - 1)
    return { steps, over50, lastRow: Math.max(...rows) }
  })
}

/** Time from a query of the page to its answer, over the page's own connection. */
async function queryTimes(page: Page): Promise<number[]> {
  const key = await page.evaluate(() => localStorage.getItem('muster.key'))
  return page.evaluate(async (token) => {
    const socket = new WebSocket(`ws://${location.host}/rpc`)
    const next = (): Promise<{ id?: number }> =>
      new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data))), { once: true }))
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
    socket.send(JSON.stringify({ token, client: 'web' }))
    await next()
    const queries = [
      '',
      'site = lyon',
      'health = failed',
      'not health = ok and mem >= 2GB',
      'model:digits@1.0.0',
      'id = dev-09*',
      'agent >= 0.1 or status = offline',
    ]
    const times: number[] = []
    for (let id = 1; id <= 105; id += 1) {
      const query = queries[id % queries.length]!
      const from = performance.now()
      socket.send(
        JSON.stringify({
          id,
          method: 'devices.table',
          input: { query, offset: 0, limit: 100, sort: { column: 'lastSeenAt', descending: true } },
        }),
      )
      while ((await next()).id !== id);
      times.push(performance.now() - from)
    }
    socket.close()
    return times
  }, key)
}

/** Time from a click on "Overview" until its sentence is there, answers asked anew. */
async function openingTimes(page: Page): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < 6; round += 1) {
    await page.goto(new URL('/settings', page.url()).href)
    await page.getByText('Id of the fleet').waitFor()
    const from = performance.now()
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor()
    times.push(performance.now() - from)
  }
  return times
}
