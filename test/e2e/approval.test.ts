import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProgram, until } from '../../build/demo/child.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { violations } from './axe.ts'

const SAMPLES = 'build/samples/digits'

describe.skipIf(findChromium() === null)('approval in a real browser', () => {
  let browser: Browser
  let host: LocalConsole
  let agent: LocalAgent
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error', '--fleet', 'Plant Lyon'])
    const rpc = host.rpc!
    await rpc.call('setup.complete', { fleetName: 'Plant Lyon', broker: { kind: 'embedded', port: 0 } })
    await until('the broker to run', 30, async () => (await rpc.call('system.status', {})).broker.state === 'running')
    agent = await LocalAgent.join(rpc, join(directory, 'cam-1'), { device: 'cam-1' })
    const muster = (...args: string[]): Promise<string> =>
      runProgram('electron/core/cli.ts', ['--data', host.data, '--person', 'anna', ...args])
    for (const version of ['1.0.0', '1.1.0', '1.3.0-regressed']) {
      const data = ['--train', `${SAMPLES}/train.csv`, '--holdout', `${SAMPLES}/holdout.csv`]
      await muster('models', 'import', `${SAMPLES}/digits-${version}.onnx`, ...data)
    }
    await muster('deploy', 'digits@1.0.0', '--query', '', '--wait', '60')
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await agent?.crash()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('the policy is set, a version is judged, approved and released; the page says who and why', { timeout: 240_000 }, async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/settings?tab=approval' })
    const origin = host.address.url
    await page.getByText('What you do is recorded as browser.').waitFor()
    await page.getByLabel('Your name').fill('Ben')
    await page.keyboard.press('Enter')
    await page.getByText('What you do is recorded as browser:Ben.').waitFor()
    await page.getByLabel('Only approved versions are released').check()
    await page.getByLabel('A second person approves').check()
    await page.getByRole('button', { name: 'Add a gate' }).click()
    await page.getByRole('group', { name: 'Gate 1' }).getByLabel('Value').fill('0.05')
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Save the policy' }).click()
    await page.getByText('What approval needs is saved.').waitFor()

    await page.goto(`${origin}/deploy?model=digits&version=1.1.0`)
    const missing = page.getByRole('group', { name: 'Approval is missing' })
    await missing.getByText('digits 1.1.0 is evaluated: it must be approved before it is released.').waitFor()
    const deploy = page.getByRole('button', { name: /^Deploy digits 1\.1\.0/ })
    expect(await deploy.isDisabled()).toBe(true)
    expect(await violations(page)).toEqual([])
    await missing.getByRole('link', { name: 'See its approval' }).click()
    await page.getByRole('table', { name: 'Gates' }).getByText('pass', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Recorded as browser:Ben.').waitFor()
    await dialog.getByLabel('Why').fill('Better on the hold-out rows.')
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Approve 1.1.0' }).click()
    const decisions = page.getByRole('list', { name: 'Decisions' })
    await decisions.getByText('by browser:Ben').waitFor()
    await decisions.getByText('Better on the hold-out rows.').waitFor()
    expect(await page.getByRole('list', { name: 'Stages' }).locator('[aria-current]').textContent()).toBe('approved')

    await page.goto(`${origin}/deploy?model=digits&version=1.1.0`)
    await deploy.click()
    await page.waitForURL(/\/deployments\/\d+/)
    expect(await host.rpc!.call('approvals.show', { model: 'digits', version: '1.1.0' })).toMatchObject({
      ...{ stage: 'released', isApproved: true },
      decisions: [{ act: 'release', by: 'browser:Ben' }, { act: 'approve' }, {}],
    })
    expect(trouble.messages).toEqual([])
    await context.close()
  })

  test('a version that fails is approved only despite the gate; the registry filters by stage; in the dark', async () => {
    const { page, context, trouble } = await openPage(browser, host, {
      path: '/models/digits/1.3.0-regressed?tab=approval',
      scheme: 'dark',
    })
    await page.getByRole('table', { name: 'Gates' }).getByText('fail', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Approve although a gate is not passed').waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Withdraw', exact: true }).click()
    await dialog.getByLabel('Why').fill('Six classes are swapped.')
    await dialog.getByRole('button', { name: 'Withdraw 1.3.0-regressed' }).click()
    await page.getByRole('list', { name: 'Decisions' }).getByText('Six classes are swapped.').waitFor()

    await page.goto(`${host.address.url}/models`)
    const grid = page.getByRole('grid', { name: 'Model versions' })
    await grid.getByRole('row', { name: /1\.1\.0.*released/ }).waitFor()
    await page.getByLabel('Stage', { exact: true }).selectOption('withdrawn')
    await grid.getByRole('row', { name: /1\.3\.0-regressed.*withdrawn/ }).waitFor()
    expect(await grid.getByRole('row', { name: /1\.1\.0/ }).count()).toBe(0)
    expect(await violations(page)).toEqual([])
    expect(trouble.messages).toEqual([])
    await context.close()
  })

  test('a deployment has a fallback version, and reverting says who gets what', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/deployments/named/digits' })
    await page.getByText('None. A revert passes over devices').waitFor()
    await page.getByRole('button', { name: 'Set a fallback' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Version').selectOption('digits@1.1.0')
    await page.keyboard.press('Tab')
    await dialog.getByRole('button', { name: 'Set the fallback' }).click()
    await page.getByText('A revert gives it to devices').waitFor()
    expect((await host.rpc!.call('approvals.fallbacks', {})).fallbacks).toMatchObject([{ version: '1.1.0', devices: 1 }])
    await page.getByRole('button', { name: 'Revert to last good' }).click()
    await dialog
      .getByRole('status')
      .getByText(/device/)
      .first()
      .waitFor()
    expect(await violations(page)).toEqual([])
    expect(trouble.messages).toEqual([])
    await context.close()
  })
})
