import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { awaitActive } from '../../electron/core/cli/deploy-commands.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { importSample } from '../harness/console.ts'
import { faultsOf } from './look.ts'
import { visit } from './screens.ts'

const PASSPHRASE = 'four words that differ'
/** Sealing and opening keys by scrypt takes seconds on a machine with other work. */
const PATIENCE_MS = 60_000

/** Waits until the focus is where a person writes: a dialog on a busy machine opens late. */
const focusIn = (page: Page): Promise<void> => page.getByRole('dialog').locator('input:focus').waitFor()

const guard = (page: Page, title: string) => page.getByRole('row').filter({ hasText: title })

async function handKey(page: Page, of: string, { file, passphrase }: { file: string; passphrase: string }): Promise<void> {
  const chosen = page.waitForEvent('filechooser')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `File of ${of}` })
    .click()
  await (await chosen).setFiles(file)
  await page.getByLabel(`Passphrase of ${of}`, { exact: true }).fill(passphrase)
}

describe.skipIf(findChromium() === null)('keys and guards', () => {
  let browser: Browser
  let host: LocalConsole
  let agent: LocalAgent
  let directory: string
  const stick = (name: string): string => {
    const path = join(directory, 'sticks', name)
    mkdirSync(path, { recursive: true })
    return path
  }
  const fileOn = (name: string): string => join(stick(name), readdirSync(stick(name))[0]!)
  const keys = (): Promise<OutputOf<'keys.show'>> => host.rpc!.call('keys.show', {})
  const deploy = async (version: string): Promise<void> => {
    const { deployment, devices } = await host.rpc!.call('deployments.apply', { query: '', model: 'digits', version, windowSeconds: 1 })
    await awaitActive(host.rpc!, { deployment, devices, model: 'digits', version, seconds: 60 })
  }
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error'])
    agent = await LocalAgent.join(host.rpc!, join(directory, 'cam-1'), { device: 'cam-1' })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await agent?.crash()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('a first start tells in words what is on and what is not, and each row leads to its next step', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/trust' })
    await guard(page, 'Devices run signed models only').getByText('On', { exact: true }).waitFor()
    for (const title of ['A stolen console cannot authorise new models', 'Encrypted connections of devices', 'People sign in'])
      expect(await guard(page, title).getByText('Off', { exact: true }).count()).toBe(1)
    await page.getByRole('link', { name: 'Let other machines in, over TLS' }).click()
    await page.getByText('Choose another').waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'Begin the ceremony' }).click()
    await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/trust/keys')
    await context.close()
    expect(trouble.messages).toEqual([])
  })

  test(
    'the ceremony by hand: people hold the keys, a new version waits for a person, and reaches the device then',
    { timeout: 240_000 },
    async () => {
      await importSample(host, 'digits', '1.0.0')
      await deploy('1.0.0')
      const { page, context, trouble } = await openPage(browser, host, { path: '/trust/keys' })
      page.setDefaultTimeout(PATIENCE_MS)
      const dialog = page.getByRole('dialog')
      await page.getByRole('button', { name: 'Begin the ceremony' }).click()
      // The focus is where a person writes, and Enter goes on.
      await focusIn(page)
      await page.keyboard.type(join(directory, 'no such stick'))
      await page.getByLabel('Folder of root key 2').fill(stick('b'))
      await page.getByLabel('Folder of root key 3').fill(stick('c'))
      expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true)
      await page.getByLabel('Folder of the targets key').fill(stick('t'))
      await page.keyboard.press('Enter')
      await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE)
      await page.getByLabel('The same again').fill(`${PASSPHRASE}.`)
      await page.getByText('Not the same').waitFor()
      expect(await page.getByRole('button', { name: 'Make the keys' }).isDisabled()).toBe(true)
      expect(await faultsOf(page)).toEqual([])
      await page.getByLabel('The same again').fill(PASSPHRASE)
      await page.keyboard.press('Enter')
      await dialog.getByRole('alert').getByText('no such stick').waitFor()
      // Nothing was made: the console still holds its keys.
      expect(await keys()).toMatchObject({ mode: 'console', root: { version: 1 } })
      await page.getByRole('button', { name: 'Back' }).click()
      await page.getByLabel('Folder of root key 1').fill(stick('a'))
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByRole('button', { name: 'Make the keys' }).click()
      await dialog.getByText('the console has destroyed its own').waitFor()
      for (const name of ['a', 'b', 'c', 't']) await dialog.getByText(fileOn(name), { exact: true }).waitFor()
      expect(await faultsOf(page)).toEqual([])
      await page.keyboard.press('Enter')
      await page.getByText('People hold the keys for new models').waitFor()
      expect(readdirSync(join(host.data, 'keys')).filter((name) => /^(root|targets|bundle)\.pem$/.test(name))).toEqual([])
      await until('the device to take the new root', 60, async () => (await keys()).devices.newestRoot === 1)

      await expect(importSample(host, 'digits', '1.1.0')).rejects.toMatchObject({ code: 'trust.locked' })
      await page.goto(new URL('/import', page.url()).href)
      await page.getByRole('note').getByText('New models need the targets key').waitFor()
      await page.getByRole('note').getByRole('button', { name: 'Unlock for signing' }).click()
      await focusIn(page)
      await page.keyboard.type('not these words at all')
      await page.keyboard.press('Enter')
      await dialog.getByRole('alert').waitFor()
      await page.getByLabel('Passphrase of the targets key', { exact: true }).fill(PASSPHRASE)
      await page.keyboard.press('Enter')
      await page.getByText('New models can be signed for 15 minutes.').waitFor()
      await page.getByRole('note').waitFor({ state: 'detached' })
      await importSample(host, 'digits', '1.1.0')
      await page.goto(new URL('/trust/keys', page.url()).href)
      await page.getByText(/^Unlocked until/).waitFor()
      await page.getByRole('button', { name: 'Lock now' }).click()
      await page.getByRole('button', { name: 'Unlock for signing' }).waitFor()
      expect((await keys()).isLocked).toBe(true)
      await deploy('1.1.0')
      const meta = (await (await fetch(`${agent.url}/v2/models/digits`)).json()) as { versions: string[] }
      expect(meta.versions).toEqual(['1.1.0'])
      await context.close()
      expect(trouble.messages).toEqual([])
    },
  )

  test('a rehearsal, a copy and a new targets key by two root keys', { timeout: 240_000 }, async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/trust' })
    page.setDefaultTimeout(PATIENCE_MS)
    const dialog = page.getByRole('dialog')
    await guard(page, 'A stolen console cannot authorise new models').getByText('On', { exact: true }).waitFor()
    await guard(page, 'The keys of people open').getByText('Attention', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Rehearse' }).click()
    await page.getByRole('button', { name: 'Rehearse' }).click()
    await handKey(page, 'the key', { file: fileOn('a'), passphrase: 'not these words at all' })
    await page.keyboard.press('Enter')
    await dialog
      .getByRole('status')
      .getByText(/^root 1 of 3: /)
      .waitFor()
    await page.getByLabel('Passphrase of the key', { exact: true }).fill(PASSPHRASE)
    await page.keyboard.press('Enter')
    await dialog.getByText('root 1 of 3 opens and signs.').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Copy a key' }).click()
    await page.getByRole('combobox', { name: 'Key' }).click()
    await page.getByRole('option', { name: 'targets' }).click()
    await page.getByLabel('Folder of the copy').fill(stick('spare'))
    await page.keyboard.press('Enter')
    await page.getByText(/^targets: copied to .*read back\.$/).waitFor()
    expect(readdirSync(stick('spare'))).toEqual(readdirSync(stick('t')))

    const before = (await keys()).keys.find(({ label, state }) => label === 'targets' && state === 'active')!
    await page.getByRole('button', { name: 'Replace keys' }).click()
    // By keyboard: the choice is a group of radio buttons.
    await dialog.getByRole('radio', { name: 'Console' }).focus()
    await page.keyboard.press('ArrowRight')
    await dialog.getByText('A new targets key').waitFor()
    await handKey(page, 'root key 1', { file: fileOn('a'), passphrase: PASSPHRASE })
    await handKey(page, 'root key 2', { file: fileOn('c'), passphrase: PASSPHRASE })
    await page.getByLabel('Folder of the new keys').fill(stick('new'))
    await page.getByLabel('Passphrase of the new keys', { exact: true }).fill(PASSPHRASE)
    expect(await page.getByRole('button', { name: 'Replace the targets key' }).isDisabled()).toBe(true)
    await page.getByLabel('The same again').fill(PASSPHRASE)
    await dialog.getByLabel('The old keys were lost or stolen').check()
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Replace the targets key' }).click()
    await dialog.getByText('The old files open nothing any more').waitFor()
    await dialog.getByText(fileOn('new'), { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Close', exact: true }).last().click()
    await page.getByRole('table', { name: 'Keys' }).getByText('Revoked').waitFor()
    const after = await keys()
    expect(after.keys.find(({ keyId }) => keyId === before.keyId)).toMatchObject({ state: 'ended', endReason: 'revoked' })
    await until('the device to take the third root', 60, async () => (await keys()).devices.newestRoot === 1)
    await deploy('1.0.0')
    await context.close()
    expect(trouble.messages).toEqual([])
  })

  test.each([
    { scheme: 'light', size: { width: 1440, height: 900 } },
    { scheme: 'dark', size: { width: 1024, height: 700 } },
  ] as const)('free of serious findings of axe, and scrolls in one direction: $scheme $size.width', async (view) => {
    const { page, context, trouble } = await openPage(browser, host, view)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    const found: Record<string, string[]> = {}
    for (const screen of [
      { name: 'trust', path: '/trust', ready: 'Devices run signed models only' },
      { name: 'keys', path: '/trust/keys', ready: 'Epoch of orders' },
    ]) {
      await visit(page, screen)
      const here = await faultsOf(page)
      if (here.length > 0) found[screen.name] = here
    }
    await context.close()
    expect(found).toEqual({})
    expect(trouble.messages).toEqual([])
  })
})
