import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { bringOnline, fillFleet } from '../harness/large-fleet.ts'
import { violations } from './axe.ts'

const DEVICES = 40

describe.skipIf(findChromium() === null)('the list and the wizard of rollouts in a real browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  test('a rollout is written, kept, corrected and started by keyboard, and found again', { timeout: 300_000 }, async () => {
    const data = join(temporaryDirectory(), 'console')
    const { online } = await fillFleet(data, { devices: DEVICES, minutes: 10 })
    const host = await LocalConsole.start(data, ['--log-level', 'error'])
    onTestFinished(() => host.crash())
    bringOnline(data, online)

    const { page, trouble, context } = await openPage(browser, host, { path: '/rollouts' })
    await page.getByText('No version was rolled out yet').waitFor()
    expect(await violations(page)).toEqual([])
    await write(page)
    await correct(page)
    await leaveAndStay(page)
    await keep(page, host)
    await start(page, host)
    expect(trouble.messages).toEqual([])
    await context.close()
    await findAgain(browser, host)
  })
})

/** Opens the wizard by its keys, and fills in version and devices without the mouse. */
async function write(page: Page): Promise<void> {
  await page.keyboard.press('c')
  await page.keyboard.press('r')
  await page.getByRole('heading', { name: 'New rollout' }).waitFor()
  await page.getByText('Choose a version', { exact: true }).waitFor()
  expect(await page.getByRole('button', { name: /^Start rollout/ }).isDisabled()).toBe(true)
  await page.getByRole('combobox', { name: 'Version' }).fill('1.1.0')
  await page.keyboard.press('Enter')
  await page.getByText(`digits 1.1.0 goes to ${DEVICES} devices as digits, in 2 waves.`).waitFor()
  expect(new URL(page.url()).searchParams.get('version')).toBe('1.1.0')
  await page.getByRole('combobox', { name: 'Devices of the rollout' }).fill('line in (1, 2)')
  await page.getByText('goes to 12 devices').waitFor()
  await page.getByRole('button', { name: '1, 10 %, 50 %, rest' }).press('Enter')
  await page.getByText('in 4 waves').first().waitFor()
  const waves = page.getByRole('list', { name: 'Planned waves' }).getByRole('listitem')
  expect(await waves.count()).toBe(4)
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Lines 1 and 2')
  expect(await violations(page)).toEqual([])
}

/** What is wrong stands at its field and in the list, keeps it from being started, and leads to the field. */
async function correct(page: Page): Promise<void> {
  const size = page.getByRole('textbox', { name: /^Wave 3: percent/ })
  await size.fill('5')
  const finding = page.getByRole('list', { name: 'Findings' }).getByRole('button', { name: /^Wave 3 ends at 5 %/ })
  await finding.waitFor()
  expect(
    await page
      .getByRole('list', { name: 'Waves of the rollout' })
      .getByText(/^Wave 3 ends at 5 %/)
      .isVisible(),
  ).toBe(true)
  expect(await page.getByRole('button', { name: /^Start rollout/ }).isDisabled()).toBe(true)
  await finding.press('Enter')
  expect(await page.getByLabel('Wave 3', { exact: true }).evaluate((row) => row.contains(document.activeElement))).toBe(true)
  await size.fill('60')
  await finding.waitFor({ state: 'detached' })
  for (const part of ['Judgement', 'Pace and time', 'Safety', 'Afterwards']) {
    await page.getByRole('button', { name: new RegExp(`^${part}`) }).press('Enter')
  }
  for (const rule of ['Rate that grows with success', 'Download window', 'Activation window']) {
    await page.getByRole('switch', { name: rule }).check({ force: true })
  }
  await page
    .getByText(/^Opens every day 02:00 to 06:00/)
    .first()
    .waitFor()
  await page.getByText(/^All 12 devices after/).waitFor()
  expect(await violations(page)).toEqual([])
}

/** A link, and Back, ask before what is not saved is lost. */
async function leaveAndStay(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Devices', exact: true }).click()
  await page.getByText('is not saved as a draft').waitFor()
  await page.getByRole('button', { name: 'Stay' }).click()
  await page.evaluate(() => history.back())
  await page.getByText('is not saved as a draft').waitFor()
  await page.getByRole('button', { name: 'Stay' }).click()
  expect(new URL(page.url()).pathname).toBe('/rollouts/new')
  expect(await page.getByRole('textbox', { name: /^Wave 3: percent/ }).inputValue()).toBe('60 %')
}

async function keep(page: Page, host: LocalConsole): Promise<void> {
  await page.getByRole('button', { name: 'Save draft' }).press('Enter')
  await page.getByRole('heading', { name: 'Draft of rollout 1' }).waitFor()
  const { plan, state } = await host.rpc!.call('rollouts.show', { rollout: 1 })
  expect(state).toBe('draft')
  expect(plan).toMatchObject({ name: 'Lines 1 and 2', deployment: 'digits', model: 'digits', version: '1.1.0', query: 'line in (1, 2)' })
  expect(plan.waves.map(({ size }) => size)).toEqual([
    { kind: 'count', devices: 1 },
    { kind: 'percent', percent: 10 },
    { kind: 'percent', percent: 60 },
    { kind: 'rest' },
  ])
  expect(plan.windows.download).toEqual({ cron: '0 2 * * *', minutes: 240, timeZone: 'site' })
  expect(plan.pacing.perMinute).toMatchObject({ base: 10, factor: 2 })
}

/** The draft is opened from the list by keyboard; starting says first what it does. */
async function start(page: Page, host: LocalConsole): Promise<void> {
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'Rollouts', exact: true }).click()
  const grid = page.getByRole('grid', { name: 'Rollouts' })
  await grid.getByText('Lines 1 and 2').waitFor()
  await grid.focus()
  await page.keyboard.press('ArrowDown')
  await page.getByRole('complementary', { name: 'Lines 1 and 2' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Draft of rollout 1' }).waitFor()
  await page.getByText('goes to 12 devices').waitFor()
  await page.keyboard.press('ControlOrMeta+Enter')
  const dialog = page.getByRole('dialog', { name: 'Start the rollout' })
  await dialog.getByText('The first wave begins at once').waitFor()
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Start for 12 devices' }).press('Enter')
  await page.waitForURL('**/rollouts/1')
  expect((await host.rpc!.call('rollouts.show', { rollout: 1 })).startedAt).not.toBeNull()
}

/** Dark, on a small screen: the list with its panel, the search, and a copy of what was started. */
async function findAgain(browser: Browser, host: LocalConsole): Promise<void> {
  const { page, trouble, context } = await openPage(browser, host, {
    ...{ path: '/rollouts?rollout=1', scheme: 'dark', size: { width: 1024, height: 700 } },
  })
  const panel = page.getByRole('complementary', { name: 'Lines 1 and 2' })
  await panel.getByRole('list', { name: 'Waves' }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  await page.getByRole('textbox', { name: 'Search rollouts' }).fill('nothing like it')
  await page.getByText('No rollout is like that').waitFor()
  await page.getByRole('button', { name: 'Show all rollouts' }).click()
  await page.getByRole('grid', { name: 'Rollouts' }).getByText('Lines 1 and 2').waitFor()

  await page.goto(new URL('/rollouts/new?from=1', page.url()).href)
  await page.getByText('goes to 12 devices').waitFor()
  // The rollout that runs has the devices of the copy: neither outranks the other.
  await page
    .getByRole('list', { name: 'Findings' })
    .getByText(/the same priority/)
    .waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'File' }).click()
  await page.getByRole('menuitem', { name: 'Open a rollout file' }).click()
  await page.getByRole('textbox', { name: 'Rollout file' }).fill('model: digits\nversion: 1.0.0\ndeployment: other\nwaves: [3, rest]')
  await page.getByRole('button', { name: 'Fill the form' }).click()
  await page.getByText(`digits 1.0.0 goes to ${DEVICES} devices as other, in 2 waves.`).waitFor()
  const isWide = await page.evaluate(() => {
    const main = document.querySelector('main')
    return document.documentElement.scrollWidth > innerWidth || (main !== null && main.scrollWidth > main.clientWidth + 1)
  })
  expect(isWide).toBe(false)
  expect(trouble.messages).toEqual([])
  await context.close()
}
