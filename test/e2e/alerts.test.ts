import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { violations } from './axe.ts'

describe.skipIf(findChromium() === null)('alerts in a real browser, over real agents', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    host = await LocalConsole.start(directory, ['--log-level', 'error', '--fleet', 'Plant Lyon'])
    const rpc = host.rpc!
    await rpc.call('setup.complete', { fleetName: 'Plant Lyon', broker: { kind: 'embedded', port: 0 } })
    await rpc.call('config.set', { target: { scope: 'fleet' }, settings: { windowSeconds: 2 } })
    const { job } = await rpc.call('sampleFleet.start', {})
    await until('the sample fleet to run', 90, async () => (await rpc.call('jobs.show', { job })).state === 'done')
    browser = await launchBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('a rule made in the editor fires; its alerts are acknowledged and silenced by keyboard', { timeout: 240_000 }, async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/alerts' })
    await page.getByText(/No alerts\. \d+ rules look at 5 devices\./).waitFor()
    expect(await violations(page)).toEqual([])

    await makeDiskRule(page)
    await page.getByRole('tab', { name: /^Open/ }).click()
    const grid = page.getByRole('grid', { name: 'Open alerts' })
    await grid
      .getByRole('row', { name: /free disk/ })
      .nth(4)
      .waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: 'Alerts: 5 critical' }).waitFor()
    await page.waitForFunction(() => document.title === '(5) Alerts · Muster')

    await grid.focus()
    await page.keyboard.press('ArrowDown')
    await page.getByRole('complementary', { name: 'Any disk' }).getByText('What it means').waitFor()
    expect(await violations(page)).toEqual([])
    // `g a` goes to the page of alerts; its second key acknowledges nothing.
    await page.keyboard.press('g')
    await page.keyboard.press('a')
    await page.waitForURL((url) => url.pathname === '/alerts' && url.search === '')
    expect((await host.rpc!.call('alerts.list', {})).counts.acknowledged).toBe(0)
    await grid.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('a')
    await grid.getByText('acknowledged').waitFor()
    await page.getByRole('button', { name: 'Alerts: 4 critical' }).waitFor()

    await grid.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    await page.getByRole('toolbar', { name: 'Selected alerts' }).getByText('2 alerts selected').waitFor()
    await page.keyboard.press('s')
    await page.getByLabel('Reason').fill('Cleaning the presses')
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Enter')
    await grid.getByText('silenced').nth(1).waitFor()
    const { counts } = await host.rpc!.call('alerts.list', {})
    expect(counts).toMatchObject({ firing: 5, critical: 5, acknowledged: 1, silenced: 2 })
    const { silences } = await host.rpc!.call('alerts.silences', {})
    expect(silences).toMatchObject([{ reason: 'Cleaning the presses', alerts: 2 }])

    await page.getByRole('tab', { name: /^Silences/ }).click()
    await page.getByRole('button', { name: 'End now' }).click()
    await page.getByText('Nothing is silenced').waitFor()
    expect(trouble.messages).toEqual([])
    await context.close()
  })

  test('a channel is made, tested against a receiver, and its notice shows as delivered', async () => {
    const received: string[] = []
    const { server, url } = await receiver(received)
    const { page, context } = await openPage(browser, host, { path: '/alerts?tab=channels' })
    await page.getByRole('button', { name: 'New channel' }).click()
    await page.getByRole('menuitem', { name: /Webhook/ }).click()
    const form = page.getByRole('form', { name: 'Channel' })
    await form.getByLabel('Name').fill('Night shift')
    await form.getByLabel('Address').fill(url)
    await form.getByLabel('May be in a private network').check()
    await form.getByRole('button', { name: 'Save the channel' }).click()
    await page.getByRole('button', { name: 'Send a test by Night shift' }).click()
    const notices = page.getByRole('table', { name: 'Notices' })
    await notices.getByRole('row', { name: /Night shift.*delivered/ }).waitFor({ timeout: 30_000 })
    expect(received).toHaveLength(1)
    expect(JSON.parse(received[0]!)).toMatchObject({ type: expect.stringContaining('test') })
    expect(await violations(page)).toEqual([])
    await context.close()
    server.close()
  })

  test('each notice shows once as a notification of one browser that may, and a click opens its page', async () => {
    const rpc = host.rpc!
    const told = async (state: string): Promise<string[]> =>
      (await rpc.call('alerts.deliveries', { channel: 'desktop' })).deliveries
        .filter((one) => one.state === state)
        .map(({ title }) => title)
    for (let i = 0; i < 3; i += 1) await rpc.call('alerts.testChannel', { channel: 'desktop' })
    // A page that may not show notifications takes none, however long it is open.
    const silent = await openPage(browser, host)
    await silent.page.getByRole('navigation', { name: 'Pages' }).waitFor()
    await silent.page.getByRole('heading', { name: 'Overview' }).waitFor()
    expect(await told('delivered')).toEqual([])
    await silent.context.close()

    const allowed = await Promise.all([openAllowed(browser, host), openAllowed(browser, host)])
    await until('the tests to be shown', 30, async () => (await told('delivered')).length >= 3)
    await until('each to be shown once', 10, async () => {
      const shown = (await Promise.all(allowed.map(({ page }) => shownIn(page)))).flat()
      const delivered = await told('delivered')
      if (shown.length > delivered.length) throw new Error(`${shown.length} shown of ${delivered.length}`)
      return shown.length === delivered.length
    })

    const owner = (await shownIn(allowed[0].page)).length > 0 ? allowed[0].page : allowed[1].page
    await owner.evaluate(() => (window as unknown as { told: Notification[] }).told[0]!.dispatchEvent(new Event('click')))
    await owner.waitForURL((url) => url.pathname.startsWith('/alerts'))
    for (const { context } of allowed) await context.close()
  })

  test('an alert holds a release, which a person may do despite it', async () => {
    const rpc = host.rpc!
    await rpc.call('alerts.setRule', {
      set: {
        ...{ name: 'Busy', severity: 'warning', per: 'version', deployment: 'digits', holdsReleases: true },
        condition: { kind: 'threshold', metric: 'requests', is: 'above', value: 0, overMs: 60_000 },
      },
    })
    await until(
      'the alert to fire',
      60,
      async () => (await rpc.call('alerts.list', { deployment: 'digits', state: 'firing' })).alerts.length > 0,
    )
    const { page, context } = await openPage(browser, host, { path: '/deploy?model=digits&version=1.1.0' })
    const deploy = page.getByRole('button', { name: /^Deploy digits 1\.1\.0/ })
    const held = page.getByRole('group', { name: 'An alert holds releases' })
    await held.getByRole('link', { name: /number of requests/ }).waitFor()
    expect(await deploy.isDisabled()).toBe(true)
    expect(await violations(page)).toEqual([])
    await held.getByLabel('Release despite the alert').check()
    await deploy.click()
    await page.waitForURL(/\/deployments\/\d+/)

    await page.goto(new URL('/deployments/named/digits', page.url()).href)
    await page
      .getByRole('list', { name: 'Open alerts' })
      .getByText(/number of requests/)
      .waitFor()
    await context.close()
  })
})

/** Writes a rule that every machine meets, with its preview, as a person does. */
async function makeDiskRule(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Rules' }).click()
  await page.getByRole('button', { name: 'New rule' }).click()
  await page.getByRole('menuitem', { name: /^Threshold/ }).click()
  const form = page.getByRole('form', { name: 'Rule' })
  await form.getByLabel('Name').fill('Any disk')
  await form.getByRole('combobox', { name: 'Metric' }).fill('Free disk')
  await page.getByRole('option', { name: 'Free disk' }).click()
  await form.getByRole('combobox', { name: 'Is', exact: true }).click()
  await page.getByRole('option', { name: 'below' }).click()
  await form.getByLabel('Value').fill('100')
  await form.getByRole('combobox', { name: 'One alert per' }).click()
  await page.getByRole('option', { name: 'Device', exact: true }).click()
  await form.getByText('critical').click()
  await form.getByRole('combobox', { name: 'Runbook' }).fill('disk-low')
  await page.getByText('5 places looked at: it would fire for 5.').waitFor({ timeout: 60_000 })
  expect(await violations(page)).toEqual([])
  await form.getByRole('button', { name: 'Save the rule' }).click()
  await page.getByRole('table', { name: 'Rules' }).getByRole('button', { name: 'Any disk' }).waitFor()
}

/** Takes what is posted. */
async function receiver(received: string[]): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => {
      body += part.toString()
    })
    request.on('end', () => {
      received.push(body)
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts` }
}

/** A page whose browser was allowed to show notifications; the real ones are kept, so that they can be looked at. */
async function openAllowed(browser: Browser, host: LocalConsole): Promise<{ page: Page; context: BrowserContext }> {
  const { url, token } = host.address
  const context = await browser.newContext()
  await context.grantPermissions(['notifications'], { origin: url })
  const page = await context.newPage()
  await page.addInitScript(() => {
    const told: Notification[] = []
    Object.assign(window, { told })
    window.Notification = class extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        told.push(this)
      }
    }
  })
  await page.goto(`${url}/#key=${token}`)
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  return { page, context }
}

function shownIn(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { told: Notification[] }).told.map(({ title }) => title))
}
