import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { rolloutPlan } from '../../shared/domain/rollout/plan.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'
import { comparisonScene, manyWavesScene, pausedScene, playScene, type RolloutScene } from '../harness/rollout-scenes.ts'
import { violations } from './axe.ts'

const tabs = ['Waves', 'Comparison', 'Devices', 'Events'] as const

describe.skipIf(findChromium() === null)('the page of a rollout in a real browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  test('over real agents: looked at, paused and resumed by keyboard, let through, done', { timeout: 240_000 }, async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1', 'cam-2', 'cam-3'] })
    const { host } = fleet
    const rpc = host.rpc!
    for (const version of ['1.0.0', '1.1.0']) await importSample(host, 'digits', version)
    await deployEverywhere(fleet, 'digits', '1.0.0')
    const stream = readStream('build/samples/digits/stream.csv')
    const loads = fleet.agents.map((agent) => new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 20 }))
    onTestFinished(async () => void (await Promise.all(loads.map((load) => load.stop()))))
    const plan = rolloutPlan.parse({
      ...{ deployment: 'digits', model: 'digits', version: '1.1.0', probation: { inferences: 20, seconds: 30 } },
      waves: [
        { name: 'canary', size: { kind: 'count', devices: 1 }, gate: { verdict: 'ignore', byPerson: true } },
        { size: { kind: 'rest' }, gate: { verdict: 'ignore' } },
      ],
    })
    const { rollout } = await rpc.call('rollouts.create', { plan })
    await rpc.call('rollouts.start', { rollout })

    const { page, context, trouble } = await openPage(browser, host, { path: `/rollouts/${rollout}` })
    const canary = page.getByRole('region', { name: 'Wave 1: canary' })
    await canary.getByText('at its gate').waitFor({ timeout: 60_000 })
    await canary.getByText('1 of 1 committed').waitFor()
    await page.getByRole('region', { name: 'Wave 2' }).getByText('0 of 2 committed').waitFor()
    for (const scheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      for (const tab of tabs) {
        await page.getByRole('tab', { name: tab }).click()
        await page.getByRole('tabpanel').getByText(/\S/).first().waitFor()
        expect(await violations(page), `${tab}, ${scheme}`).toEqual([])
      }
    }

    await pauseAndResume(page)
    const { events } = await rpc.call('rollouts.events', { rollout, isWithoutDevices: true, kinds: ['pause', 'halted', 'resume'] })
    expect(events.map(({ kind, detail }) => [kind, detail['why']])).toEqual([
      ['resume', 'The line is clean'],
      ['halted', 'It burns'],
      ['pause', 'The line is being cleaned'],
    ])

    await readDevices(page)
    await page.getByRole('tab', { name: 'Waves' }).click()
    await page.getByRole('button', { name: 'Let the next wave begin' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Wave 2 begins: 2 devices').waitFor()
    await dialog.getByRole('button', { name: 'Let through' }).click()
    await page.getByText('Done: 3 devices committed.').first().waitFor({ timeout: 90_000 })
    expect((await rpc.call('rollouts.show', { rollout })).counts).toEqual({ committed: 3 })

    const { orders } = await rpc.call('orders.list', {})
    await page.goto(new URL(`/deployments/${orders[0]!.order}`, page.url()).href)
    await page.getByRole('link', { name: `rollout ${rollout}`, exact: true }).click()
    await page.waitForURL(new RegExp(`/rollouts/${rollout}$`))
    expect(trouble.messages).toEqual([])
    await context.close()
  })

  describe('with scenes that nobody waits for', () => {
    let host: LocalConsole
    let directory: string
    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
      host = await LocalConsole.start(directory, ['--log-level', 'error'])
      await host.rpc!.call('setup.complete', { fleetName: 'Plant Lyon', broker: { kind: 'embedded', port: 0 } })
    })
    afterAll(async () => {
      await host?.stop()
      rmSync(directory, { recursive: true, force: true })
    })

    test('fifty waves of ten thousand devices fit a small window; cells are read by keyboard', async () => {
      const { page, context } = await openScene(browser, host, manyWavesScene(7, Date.now()))
      const waves = page.getByRole('group', { name: 'Waves' })
      expect(await waves.getByTitle(/^Wave \d+, up to/).count()).toBe(49)
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
      const cells = waves.getByRole('application')
      await cells.focus()
      await page.keyboard.press('ArrowRight')
      await cells.getByText('cam-12-0002, committed, 2 of 200').waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('complementary', { name: 'cam-12-0002' }).getByText('runs digits 1.1.0').waitFor()
      await page.keyboard.press('Escape')
      await waves.getByTitle(/^Wave 3, /).click()
      await page.getByRole('region', { name: 'Wave 3' }).waitFor()
      await page.getByRole('button', { name: 'Wave after' }).press('Enter')
      await page.getByRole('region', { name: 'Wave 4' }).waitFor()
      expect(await violations(page)).toEqual([])
      await context.close()
    })

    test('one that is paused already is halted by keyboard; where that cannot be, the dialog says why', async () => {
      const { page, context } = await openScene(browser, host, pausedScene(7, Date.now()))
      await page.getByRole('group', { name: 'Acts' }).getByRole('button', { name: 'Halt', exact: true }).waitFor()
      await page.keyboard.press('h')
      const dialog = page.getByRole('dialog', { name: 'Halt digits 1.1.0 to production' })
      await dialog.getByText('7 devices have the order and not yet activated the version').waitFor()
      expect(await violations(page)).toEqual([])
      await dialog.getByLabel('Reason').fill('It burns')
      await page.keyboard.press('Enter')
      // The console itself knows no such rollout: it might as well have been removed by another person.
      await dialog.getByText('There is no rollout 7').waitFor()
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      await context.close()
    })

    test('a comparison that failed advises to discard, and says what that does', async () => {
      const { page, context } = await openScene(browser, host, comparisonScene(7, Date.now()))
      await page.getByRole('tab', { name: 'Comparison' }).click()
      const table = page.getByRole('table', { name: 'Evidence by metric' })
      await table.getByRole('row', { name: /Failed requests.*fail/ }).waitFor()
      await table
        .getByRole('img', { name: /^Difference \+3\.7 pp, interval \+2\.4 pp to \+5\.2 pp; up to 0\.5 pp worse is accepted/ })
        .waitFor()
      await page.getByRole('table', { name: 'Classes in which they differ' }).getByRole('row', { name: '4 9 41' }).waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Discard' }).click()
      await page.getByRole('dialog').getByText('digits 1.1.0 is taken away from 5 devices').waitFor()
      expect(await violations(page)).toEqual([])
      await context.close()
    })
  })
})

/** `p` pauses and goes on, `h` halts what is paused; the dialog takes the reason, and Enter does it. */
async function pauseAndResume(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog')
  for (const [key, act, reason, after] of [
    ['p', 'Pause', 'The line is being cleaned', 'Halt'],
    ['h', 'Halt', 'It burns', 'Resume'],
    ['p', 'Resume', 'The line is clean', 'Pause'],
  ] as const) {
    await page.getByRole('group', { name: 'Acts' }).getByRole('button', { name: act }).waitFor()
    await page.keyboard.press(key)
    await dialog.getByRole('button', { name: act }).waitFor()
    expect(await violations(page)).toEqual([])
    await dialog.getByLabel('Reason').fill(reason)
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('group', { name: 'Acts' }).getByRole('button', { name: after }).waitFor()
    // What is halted already cannot be halted again.
    if (act === 'Halt') await page.getByRole('button', { name: 'Halt', exact: true }).waitFor({ state: 'detached' })
  }
}

/** The list says of each device why it is where it is; arrow keys open one beside it, with its part of the log. */
async function readDevices(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Devices' }).click()
  const grid = page.getByRole('grid', { name: 'Devices of the rollout' })
  await grid
    .getByRole('row', { name: /waiting.*wave 2/ })
    .first()
    .waitFor()
  await page.getByRole('group', { name: 'Devices by state' }).getByRole('button', { name: '1 committed' }).click()
  await grid.getByText('waiting').first().waitFor({ state: 'detached' })
  await grid.focus()
  await page.keyboard.press('ArrowDown')
  const panel = page.getByRole('complementary', { name: /^cam-/ })
  await panel
    .getByRole('list', { name: /^Log of cam-/ })
    .getByText('Committed', { exact: true })
    .waitFor()
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
}

async function openScene(browser: Browser, host: LocalConsole, scene: RolloutScene): Promise<{ page: Page; context: BrowserContext }> {
  const { page, context } = await openPage(browser, host, { size: { width: 1024, height: 700 }, scheme: 'dark' })
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  await playScene(page, scene)
  await page.goto(new URL('/rollouts/7', page.url()).href)
  await page.getByRole('heading', { name: scene.show.name }).waitFor()
  return { page, context }
}
