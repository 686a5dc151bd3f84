import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { faultsOf } from './look.ts'

/** A receiver of OTLP over HTTP that notes what it was asked for, and the header of the secret. */
async function startReceiver(): Promise<{ server: Server; url: string; asked: { path: string; secret: string }[] }> {
  const asked: { path: string; secret: string }[] = []
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      asked.push({ path: request.url ?? '', secret: request.headers.authorization ?? '' })
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

describe.skipIf(findChromium() === null)('metrics and logs of the console, by hand', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error'])
    browser = await launchBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('the address for Prometheus; an export is asked for, set, shown and switched off', { timeout: 240_000 }, async () => {
    const receiver = await startReceiver()
    const { page, context, trouble } = await openPage(browser, host, { path: '/settings?tab=metrics' })
    page.setDefaultTimeout(60_000)
    await page.getByText(`${host.address.url}/metrics`).waitFor()
    await page.getByText('Nothing is exported.').waitFor()
    expect(await faultsOf(page)).toEqual([])

    await page.getByRole('button', { name: 'Set up an export' }).click()
    const dialog = page.getByRole('dialog')
    const address = dialog.getByRole('textbox', { name: 'Address of the receiver' })
    const ask = dialog.getByRole('button', { name: 'Ask the receiver' })
    await address.fill('collector')
    await dialog.getByText('The address is none').waitFor()
    expect([await ask.isDisabled(), await dialog.getByRole('button', { name: 'Save the export' }).isDisabled()]).toEqual([true, true])
    await address.fill(receiver.url)
    await ask.click()
    await dialog
      .getByText(/private/)
      .nth(1)
      .waitFor()
    expect(receiver.asked).toEqual([])
    await dialog.getByRole('checkbox', { name: /private or loopback/ }).check()
    await dialog.getByLabel('Secret', { exact: true }).fill('Bearer of the test')
    await ask.click()
    await expect.poll(() => receiver.asked.length, { timeout: 60_000 }).toBe(1)
    expect(await faultsOf(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Save the export' }).click()
    await page.getByText('The receiver takes it').waitFor()
    expect(receiver.asked.every(({ path, secret }) => path === '/v1/metrics' && secret === 'Bearer of the test')).toBe(true)

    await page.getByRole('button', { name: 'Switch off' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click()
    await page.getByText('Nothing is exported.', { exact: false }).first().waitFor()
    await page.getByRole('button', { name: 'Set up an export' }).waitFor()
    await page.getByRole('link', { name: 'integration guide' }).click()
    await page.getByRole('heading', { name: 'Prometheus and Grafana' }).waitFor()
    expect(trouble.messages).toEqual([])
    await context.close()
    receiver.server.closeAllConnections()
    receiver.server.close()
  })

  test('in a small dark window', async () => {
    const { page, context } = await openPage(browser, host, {
      ...{ path: '/settings?tab=metrics', size: { width: 1024, height: 700 }, scheme: 'dark' },
    })
    await page.getByRole('button', { name: 'Set up an export' }).click()
    expect(await faultsOf(page)).toEqual([])
    await context.close()
  }, 120_000)
})
