import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startProgram, until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { violations } from './axe.ts'

describe.skipIf(findChromium() === null)('backups by hand', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error'])
    browser = await launchBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('back up, check, change the schedule, seal keys, plan a restore and take it back', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/settings?tab=backups' })
    await page.getByText('There is no backup yet', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Back up now' }).click()
    const list = page.getByRole('table', { name: 'Backups', exact: true })
    await list.getByText('by a person').waitFor({ timeout: 60_000 })
    const { backups } = await host.rpc!.call('backups.show', {})
    const { name } = backups[0]!
    await page.getByRole('button', { name: `Check ${name}` }).click()
    await until('the check to be noted', 30, async () => {
      const shown = await host.rpc!.call('backups.show', {})
      return shown.backups[0]!.verifiedAt > backups[0]!.verifiedAt && shown.backups[0]!.fault === null
    })

    await page.getByRole('textbox', { name: 'Daily ones kept' }).fill('5')
    await page.getByLabel(/The disk of the data is fine/).check()
    await page.getByRole('button', { name: 'Save the schedule' }).click()
    await page.getByText('The schedule is kept').waitFor()
    expect((await host.rpc!.call('backups.show', {})).schedule).toMatchObject({
      isSameDiskFine: true,
      keep: { daily: 5, weekly: 4, monthly: 6 },
    })
    await page.getByRole('textbox', { name: 'Folder' }).fill('not a whole path')
    await page.getByRole('button', { name: 'Save the schedule' }).click()
    await page.getByRole('alert').getByText('is no whole path of a folder').waitFor()
    await page.getByRole('button', { name: 'Discard changes' }).click()

    await page.getByLabel('Passphrase', { exact: true }).fill('correct horse battery')
    await page.getByLabel('The same again').fill('correct horse batter')
    expect(await page.getByRole('button', { name: 'Seal keys into backups' }).isDisabled()).toBe(true)
    await page.getByLabel('The same again').fill('correct horse battery')
    await page.getByRole('button', { name: 'Seal keys into backups' }).click()
    await page.getByText('go into backups, sealed under your passphrase').waitFor()

    await page.getByRole('button', { name: `Restore ${name}` }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Devices that were enrolled since must be enrolled anew').waitFor()
    await dialog.getByText('Accounts, passkeys and tokens stay as they are now.').waitFor()
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Restore at the next start' }).click()
    await page.getByText('A restore is planned').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Do not restore' }).click()
    await page.getByText('A restore is planned').waitFor({ state: 'detached' })

    await page.getByRole('button', { name: `Remove ${name}` }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove the backup' }).click()
    await page.getByText('There is no backup yet', { exact: true }).waitFor()
    await context.close()
    expect(trouble.messages).toEqual([])
  })

  test.each([
    { scheme: 'light', size: { width: 1440, height: 900 } },
    { scheme: 'dark', size: { width: 1024, height: 700 } },
  ] as const)('free of serious findings of axe, and scrolls in one direction: $scheme', async (view) => {
    const { page, context } = await openPage(browser, host, { path: '/settings?tab=backups', ...view })
    await page.getByText('Keys in backups').waitFor()
    expect(await violations(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false)
    await context.close()
  })
})

describe.skipIf(findChromium() === null)('case 36: the page of recovery', () => {
  test('says what happened, passes axe, restores by one click, and the console runs', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error'])
    onTestFinished(() => host.crash())
    const { job } = await host.rpc!.call('backups.make', {})
    await until('the backup', 60, async () => (await host.rpc!.call('jobs.show', { job })).state === 'done')
    await host.stop()
    const file = join(host.data, 'fleet.db')
    const bytes = readFileSync(file)
    bytes.fill(0xff, 0, 200)
    writeFileSync(file, bytes)
    const flags = ['--port', String(host.httpPort), '--mqtt-port', String(host.mqttPort), '--recovery']
    const program = startProgram('electron/core/cli.ts', ['--data', host.data, 'console', '--headless', ...flags], { isGroup: true })
    onTestFinished(() => program.killGroup())
    const address = await until('the address of the page', 30, () => /http:\S+#key=\S+/.exec(program.output())?.[0])
    const browser = await launchBrowser()
    onTestFinished(() => browser.close())
    for (const colorScheme of ['dark', 'light'] as const) {
      const page = await browser.newPage({ colorScheme })
      await page.goto(address)
      await page.getByText('store.corrupt').waitFor()
      expect(await violations(page)).toEqual([])
      if (colorScheme === 'dark') {
        await page.close()
        continue
      }
      await page.getByRole('button', { name: /^Restore 20/ }).click()
      await page.getByRole('status').getByText('The console runs').waitFor({ timeout: 60_000 })
      await page.close()
    }
    expect(program.output()).toContain("Muster console of the fleet 'plant'")
  })
})
