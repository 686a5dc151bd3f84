import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { violations } from './axe.ts'

const sample = (file: string): string => resolve('build/samples/digits', file)

describe.skipIf(findChromium() === null)('the main job in a real browser, without a command line', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  test('first run, sample fleet, import, deploy to five real agents, and the result', async () => {
    const host = await LocalConsole.start(temporaryDirectory(), ['--log-level', 'error'])
    onTestFinished(() => host.stop())
    const { page, trouble } = await openPage(browser, host)

    expect(await firstRun(page)).toEqual([])
    await page.goto(new URL('/devices?query=status+%3D+online', page.url()).href)
    await page
      .getByRole('grid', { name: /devices/i })
      .getByRole('row', { name: /oslo-2/ })
      .waitFor({ timeout: 90_000 })
    await page.goto(new URL('/deployments?deployment=digits', page.url()).href)

    await importVersion(page, '1.2.0')
    const order = await deployToAll(page)
    await page
      .getByText(/5 (of 5 )?active/i)
      .first()
      .waitFor({ timeout: 60_000 })
    expect(
      await page
        .getByRole('grid')
        .getByRole('row', { name: /active/ })
        .count(),
    ).toBe(5)

    await page.goto(new URL('/devices/lyon-1', page.url()).href)
    await page.getByText('digits 1.2.0').first().waitFor()
    await page.goto(new URL('/', page.url()).href)
    await page
      .getByText(/5 of 5/)
      .first()
      .waitFor({ timeout: 30_000 })
    // What the page shows is what the console has: read once more beside the page.
    const shown = await host.rpc!.call('orders.show', { order })
    expect({ state: shown.state, active: shown.counts.active }).toEqual({ state: 'done', active: 5 })
    const events = await host.rpc!.call('devices.show', { device: 'lyon-1' })
    expect(events.deployments['digits']?.active).toMatchObject({ model: 'digits', version: '1.2.0' })
    expect(trouble.messages).toEqual([])
  })
})

/** The three steps, answered as a person does. @returns what axe finds serious on them */
async function firstRun(page: Page): Promise<string[]> {
  const found: string[] = []
  await page.getByLabel('Name of the fleet').fill('Plant Lyon')
  found.push(...(await violations(page)))
  await page.keyboard.press('Enter')
  await page.getByLabel('Port').fill('0')
  await page.getByRole('button', { name: 'Try it' }).click()
  await page.getByText('It works.').waitFor()
  found.push(...(await violations(page)))
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Start the sample fleet' }).waitFor()
  found.push(...(await violations(page)))
  await page.getByRole('button', { name: 'Start the sample fleet' }).click()
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  return found
}

/** Imports a version with its rows through the import page; ends on its result. */
async function importVersion(page: Page, version: string): Promise<void> {
  await page.goto(new URL('/import', page.url()).href)
  await page.getByLabel('Choose files').setInputFiles([sample(`digits-${version}.onnx`), sample('train.csv'), sample('holdout.csv')])
  await page
    .getByRole('button', { name: /^Import/ })
    .last()
    .click()
  await page.getByText(`digits ${version} is in the registry`).waitFor({ timeout: 60_000 })
  await page.getByText('0.967').first().waitFor()
}

/** Deploys from the result of the import. @returns the number of the order */
async function deployToAll(page: Page): Promise<number> {
  await page
    .getByRole('main')
    .getByRole('link', { name: /^Deploy/ })
    .first()
    .click()
  await page.getByRole('button', { name: /Deploy digits 1\.2\.0 to 5 devices/ }).click()
  await page.waitForURL(/\/deployments\/\d+/)
  return Number(/(\d+)$/.exec(new URL(page.url()).pathname)![1])
}
