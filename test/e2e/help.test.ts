import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { faultsOf } from './look.ts'

/** The documents that help lists. */
async function listedDocuments(page: Page): Promise<{ path: string; title: string }[]> {
  const links = page.getByRole('region', { name: 'All documents' }).getByRole('link')
  await links.first().waitFor()
  return links.evaluateAll((found) => found.map((link) => ({ path: link.getAttribute('href') ?? '', title: link.textContent })))
}

describe.skipIf(findChromium() === null)('help', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    host = await LocalConsole.start(directory, ['--fleet', 'lab', '--log-level', 'error'])
    await host.rpc!.call('setup.complete', { fleetName: 'lab', broker: { kind: 'embedded', port: 0 } })
    browser = await launchBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('guides are read and searched by keyboard, without a network and without the console', { timeout: 240_000 }, async () => {
    const { page, context, trouble } = await openPage(browser, host)
    page.setDefaultTimeout(30_000)
    const places: string[] = []
    page.on('request', (request) => places.push(new URL(request.url()).origin))
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Help' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog').getByRole('link', { name: /Help/ }).click()
    expect((await listedDocuments(page)).length).toBeGreaterThan(7)
    expect(await faultsOf(page)).toEqual([])

    // From here on the page alone must do: what it needs came with it.
    await context.setOffline(true)
    await page.keyboard.press('s')
    await page.keyboard.type('disk nearly full')
    await page.getByRole('list', { name: 'Sections that were found' }).getByRole('link').first().waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/help\/runbooks\/disk-nearly-full$/)
    const heading = page.getByRole('heading', { name: 'Disk nearly full' })
    await expect.poll(() => heading.evaluate((element) => element === document.activeElement)).toBe(true)
    const box = await heading.boundingBox()
    expect(box!.y).toBeLessThan(300)

    await page.getByRole('navigation', { name: 'Guides' }).getByRole('link', { name: 'Operator’s guide' }).click()
    await page.getByRole('region', { name: 'Operator’s guide' }).getByText('mkdir -p ~/plans').first().waitFor()
    await page.getByRole('navigation', { name: 'On this page' }).getByRole('link', { name: 'A model', exact: true }).click()
    await page.waitForURL(/\/help\/operator\/a-model$/)
    await page.getByRole('region', { name: 'Operator’s guide' }).getByRole('link', { name: 'agent guide' }).first().click()
    await page.waitForURL(/\/help\/agent\/ask-it$/)
    await page.getByRole('heading', { name: 'Ask it', exact: true }).waitFor()
    await page.keyboard.press('s')
    await page.keyboard.type('xyzzy nothing')
    await page.getByText('Nothing in help has "xyzzy nothing"').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('heading', { name: 'Ask it', exact: true }).waitFor()
    await context.setOffline(false)
    expect([...new Set(places)].filter((origin) => origin !== new URL(host.address.url).origin)).toEqual([])
    await context.close()
    expect(trouble.messages.filter((message) => !/ERR_INTERNET_DISCONNECTED|WebSocket/.test(message))).toEqual([])
  })

  test('every document is drawn with its pictures, in both themes and in a small window', { timeout: 600_000 }, async () => {
    const { page, context, trouble } = await openPage(browser, host, { scheme: 'dark', size: { width: 1024, height: 700 } })
    page.setDefaultTimeout(30_000)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'Search', exact: true }).fill('help: runbooks')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/help\/runbooks$/)
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Help' }).click()
    const guides = await page
      .getByRole('navigation', { name: 'Guides' })
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')))
    for (const { path, title } of await listedDocuments(page)) {
      const name = path.replace('/help/', '')
      await page.goto(new URL(path, page.url()).href)
      await page.getByRole('heading', { level: 1, name: title }).waitFor()
      await page.getByRole('region', { name: title }).waitFor()
      // The references are built of the same parts; to examine their long tables takes most of a minute.
      if (guides.includes(path) || name === 'security-in-full') expect([name, await faultsOf(page)]).toEqual([name, []])
      const isWhole = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLImageElement>('main img')].map((picture) => new URL(picture.src).origin === location.origin),
      )
      expect([name, isWhole.every(Boolean)]).toEqual([name, true])
      // A mark that was not read as one would stand in the text.
      const text = await page.getByRole('region', { name: title }).innerText()
      expect([name, /\]\((?!https?:)|^\| ?---|<!-- /m.exec(text)?.[0]]).toEqual([name, undefined])
    }
    await page.goto(new URL('/help/no-such-guide', page.url()).href)
    await page.getByText('There is no such guide').waitFor()
    await context.close()
    expect(trouble.messages).toEqual([])
  })
})
