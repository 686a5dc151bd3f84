import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { deployEverywhere, importSample, startFleet, type TestFleet } from '../harness/console.ts'
import { call, inferBody } from '../harness/local-api.ts'
import { violations } from './axe.ts'

const ROWS = 12

describe.skipIf(findChromium() === null)('the labelling desk in a real browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  test('samples of a device are labelled by keyboard alone, and the interval moves', { timeout: 240_000 }, async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
    const { host } = fleet
    const rpc = host.rpc!
    await rpc.call('setup.complete', { fleetName: 'Plant Lyon', broker: { kind: 'embedded', port: 0 } })
    const { page, trouble, context } = await openPage(browser, host, { path: '/labelling' })
    await page.getByText('No samples yet').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('link', { name: 'Switch samples on in the configuration' }).waitFor()

    const truths = await sampled(fleet)
    await page.goto(new URL('/models', page.url()).href)
    await page.getByRole('heading', { name: 'Models' }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await page.getByRole('img', { name: 'Picture of the sample, 8 by 8' }).waitFor()
    expect(await page.getByText(`${ROWS} want a label`).isVisible()).toBe(true)
    expect(await violations(page)).toEqual([])

    const answers: string[] = []
    for (let i = 0; i < 4; i += 1) {
      const { task, truth } = await inFront(page, truths)
      answers.push(task)
      await page.keyboard.press(truth)
      await until('the label to be kept', 20, async () => (await rpc.call('labelling.progress', {})).labelled === i + 1)
      await page.getByText(`${i + 1} ${i === 0 ? 'row' : 'rows'} labelled`).waitFor()
    }
    expect(new Set(answers).size).toBe(4)
    await page.getByText(/accuracy of all requests/).waitFor()
    await page.getByRole('img', { name: 'Accuracy with its 95 % interval, by number of labels' }).waitFor()

    await page.keyboard.press('s')
    await until('the skip to be kept', 20, async () => (await rpc.call('labelling.progress', {})).skipped === 1)
    await page.keyboard.press('u')
    await until('the skip to be taken back', 20, async () => (await rpc.call('labelling.progress', {})).skipped === 0)
    await page.keyboard.press('u')
    await until('the label to be taken back', 20, async () => (await rpc.call('labelling.progress', {})).labelled === 3)
    await until('the sample to stand in front again', 10, async () => (await inFront(page, truths)).task === answers[3])
    const before = (await inFront(page, truths)).task
    await page.keyboard.press('ArrowRight')
    await until('another sample to be in front', 10, async () => (await inFront(page, truths)).task !== before)

    await page.getByRole('tab', { name: /Labelled/ }).click()
    const labelled = page.getByRole('list', { name: 'Labelled samples' }).getByText(/^the model was (right|wrong)$/)
    await labelled.nth(2).waitFor()
    expect(await labelled.count()).toBe(3)
    expect(await violations(page)).toEqual([])
    await context.close()
    expect(trouble.messages).toEqual([])
    await disputes(browser, fleet, truths)
  })
})

/** Has the device answer some rows and keep all of them as samples. @returns the truth of each prediction */
async function sampled(fleet: TestFleet): Promise<Map<string, string>> {
  const rpc = fleet.host.rpc!
  await importSample(fleet.host, 'digits', '1.0.0')
  await rpc.call('config.set', { target: { scope: 'fleet' }, settings: { samplesPerWindow: 100, windowSeconds: 1 } })
  await deployEverywhere(fleet, 'digits', '1.0.0')
  const stream = readStream('build/samples/digits/stream.csv')
  const truths = new Map<string, string>()
  for (const [i, values] of stream.rows.slice(0, ROWS).entries()) {
    await call(`${fleet.agents[0]!.url}/v2/models/digits/infer`, { body: inferBody('pixels', [values], { id: `row-${i}` }) })
    truths.set(`row-${i}`, stream.labels[i]!)
  }
  await until('the samples to arrive', 60, async () => (await rpc.call('labelling.queue', {})).total === ROWS)
  return truths
}

/** The sample in front of the person, and what it is in truth. */
async function inFront(page: Page, truths: ReadonlyMap<string, string>): Promise<{ task: string; truth: string }> {
  const task = await page.locator('[data-task]').getAttribute('data-task')
  const [, prediction = ''] = /\/(row-\d+)~/.exec(task ?? '') ?? []
  return { task: task!, truth: truths.get(prediction)! }
}

/** Two people who do not agree, a decision on the page, and labels of a file. */
async function disputes(browser: Browser, { host, directory }: TestFleet, truths: ReadonlyMap<string, string>): Promise<void> {
  const rpc = host.rpc!
  await rpc.call('labelling.set', { labellersNeeded: 2 })
  const { tasks } = await rpc.call('labelling.queue', { by: 'bob', limit: 100 })
  const { task } = tasks.at(-1)!
  await rpc.call('labelling.label', { task, label: '1', by: 'bob' })
  await rpc.call('labelling.label', { task, label: '2', by: 'eve' })
  const { page, trouble, context } = await openPage(browser, host, {
    ...{ path: '/labelling?tab=disputes', scheme: 'dark', size: { width: 1024, height: 700 } },
  })
  await page.getByRole('list', { name: 'Disputed samples' }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: '2', exact: true }).click()
  await page.getByText('Labellers agree').waitFor()
  expect((await rpc.call('labelling.queue', { include: 'labelled' })).tasks.find((one) => one.task === task)?.settled).toBe('2')

  await page.getByRole('tab', { name: 'Votes and agreement' }).click()
  await page.getByRole('table', { name: 'Pairs of labellers' }).waitFor()
  expect(await violations(page)).toEqual([])

  const file = join(directory, 'labels.csv')
  writeFileSync(file, `id,truth\n${[...truths].map(([id, label]) => `${id},${label}`).join('\n')}\nnobody,3\n`)
  await page.getByRole('button', { name: 'Import labels' }).click()
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'CSV file' }).click()
  await (await chooser).setFiles(file)
  await page.getByText(`${ROWS + 1} labels`, { exact: true }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: `Import ${ROWS + 1} labels` }).click()
  await page.getByRole('table', { name: 'Refused lines' }).waitFor()
  expect(await page.getByRole('cell', { name: /labelling\.not-found/ }).count()).toBe(1)
  await page.getByRole('button', { name: 'Done' }).click()

  await page.getByRole('tab', { name: /^Desk/ }).click()
  const isWide = await page.evaluate(() => {
    const main = document.querySelector('main')
    return document.documentElement.scrollWidth > innerWidth || (main !== null && main.scrollWidth > main.clientWidth + 1)
  })
  expect(isWide).toBe(false)
  await context.close()
  expect(trouble.messages).toEqual([])
}
