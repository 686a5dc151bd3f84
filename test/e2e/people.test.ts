import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { connectConsole } from '../../electron/core/cli/connect.ts'
import type { PersonRole } from '../../shared/domain/people.ts'
import { findChromium, launchBrowser, openPage, type PageTrouble } from '../harness/browser.ts'
import { CLIENT, startOidcProvider } from '../harness/oidc-provider.ts'
import { passwordOf } from '../harness/people-desk.ts'
import { violations } from './axe.ts'

/** Hashing a password costs a third of a second of a core that is not busy otherwise. */
const PATIENCE_MS = 90_000

/** Connections that a refusal closes, and what an authenticator without a person says, are no trouble of the page. */
const expected = /WebSocket connection|ERR_CONNECTION/

function troubleOf({ messages }: PageTrouble): string[] {
  return messages.filter((message) => !expected.test(message))
}

async function signIn(page: Page, name: string, password = passwordOf(name)): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Adds accounts that are not there yet, so that each test can run alone. */
async function ensure(host: LocalConsole, accounts: Record<string, PersonRole>): Promise<void> {
  for (const [name, role] of Object.entries(accounts)) {
    const owner = await connectConsole({ data: host.data })
    const { people } = await owner.call('people.list', {})
    if (!people.some((one) => one.name === name)) {
      const { ticket } = await owner.call('access.preparePassword', { password: passwordOf(name), name })
      await owner.call('people.add', { name, role, ticket })
    }
    owner.close()
  }
}

describe.skipIf(findChromium() === null)('people in a real browser', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error', '--fleet', 'Plant Lyon'])
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test(
    'the first account, signing in, a passkey, a viewer who may change nothing, a token, the way out',
    { timeout: 240_000 },
    async () => {
      const { page, trouble } = await openPage(browser, host, { path: '/settings?tab=people' })
      page.setDefaultTimeout(PATIENCE_MS)
      await page.getByText('Nobody signs in yet').waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Make the first account' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Name', { exact: true }).fill('anna')
      await dialog.getByLabel('Called').fill('Anna Keller')
      await dialog.getByRole('textbox', { name: 'New password' }).fill(passwordOf('anna'))
      await dialog.getByRole('textbox', { name: 'Once more' }).fill(passwordOf('anna'))
      expect(await violations(page)).toEqual([])
      await dialog.getByRole('button', { name: 'Make the account' }).click()

      // The page that made it asks to sign in, as every other one does, and the key in an address opens nothing any more.
      await page.getByRole('heading', { name: 'Sign in to Muster' }).waitFor()
      expect(await violations(page)).toEqual([])
      const { url, token } = host.address
      await page.goto(`${url}/#key=${token}`)
      await page.getByRole('heading', { name: 'Sign in to Muster' }).waitFor()
      await signIn(page, 'anna', 'not the password')
      await page.getByText('The name or the password is wrong.').waitFor()
      await signIn(page, 'anna')
      await page.getByRole('button', { name: 'Anna Keller, admin' }).waitFor()

      // A passkey is made and used at the name localhost, with the authenticator of the browser's own tests.
      const there = url.replace('127.0.0.1', 'localhost')
      await page.goto(`${there}/settings?tab=account`)
      await signIn(page, 'anna')
      const cdp = await page.context().newCDPSession(page)
      await cdp.send('WebAuthn.enable')
      await cdp.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
          ...{ isUserVerified: true, automaticPresenceSimulation: true },
        },
      })
      await page.getByLabel('Name of a new passkey').fill('Laptop')
      await page.getByRole('button', { name: 'Add a passkey' }).click()
      await page.getByRole('table', { name: 'Passkeys' }).getByText('Laptop').waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Sign out', exact: true }).click()
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
      await page.getByRole('table', { name: 'Sessions' }).getByText('passkey').first().waitFor()

      await page.goto(`${there}/settings?tab=people`)
      await page.getByRole('button', { name: 'Add a person' }).click()
      await dialog.getByLabel('Name', { exact: true }).fill('vic')
      await dialog.getByRole('combobox', { name: 'Role' }).click()
      await page.getByRole('option', { name: 'viewer' }).click()
      await dialog.getByRole('textbox', { name: 'New password' }).fill(passwordOf('vic'))
      await dialog.getByRole('textbox', { name: 'Once more' }).fill(passwordOf('vic'))
      await dialog.getByRole('button', { name: 'Add the person' }).click()
      await page.getByRole('table', { name: 'Accounts' }).getByText('vic').first().waitFor()
      expect(await violations(page)).toEqual([])

      await page.goto(`${there}/settings?tab=tokens`)
      await page.getByRole('button', { name: 'New token' }).click()
      await dialog.getByLabel('Name', { exact: true }).fill('report')
      await dialog.getByRole('button', { name: 'Make the token' }).click()
      const secret = await dialog.locator('code').textContent()
      const program = await connectConsole({ data: host.data, token: secret! })
      await program.call('system.status', {})
      await dialog.getByRole('button', { name: 'I have it' }).click()
      await page.getByRole('table', { name: 'Tokens' }).getByText('report').waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Revoke' }).click()
      await dialog.getByRole('button', { name: 'Revoke the token' }).click()
      await page.getByText('revoked', { exact: true }).waitFor()
      await expect(program.call('system.status', {})).rejects.toThrow()
      expect(troubleOf(trouble)).toEqual([])
    },
  )

  test('who sees only sees, and is told why; disabled, the page is shut within a second', { timeout: 240_000 }, async () => {
    await ensure(host, { anna: 'admin', vic: 'viewer' })
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    await page.goto(`${host.address.url}/devices`)
    await signIn(page, 'vic')
    const enrol = page.getByRole('button', { name: 'Enrol a device' }).first()
    await enrol.waitFor()
    expect([
      await enrol.isDisabled(),
      await page.getByTitle('This is for the role operator; you have viewer.').first().isVisible(),
    ]).toEqual([true, true])
    await page.goto(`${host.address.url}/settings?tab=people`)
    await page.getByText('This is for the role admin; you have viewer.').waitFor()
    expect(await violations(page)).toEqual([])
    // The same where a form or a dialog would call it.
    await page.goto(`${host.address.url}/settings?tab=backups`)
    await page.getByRole('button', { name: 'Back up now' }).waitFor()
    await page.getByLabel('Passphrase', { exact: true }).fill('correct horse battery')
    await page.getByLabel('The same again').fill('correct horse battery')
    for (const name of ['Back up now', 'Seal keys into backups']) expect(await page.getByRole('button', { name }).isDisabled()).toBe(true)
    const owner = await connectConsole({ data: host.data })
    await owner.call('people.set', { name: 'vic', isDisabled: true })
    await page.getByRole('heading', { name: 'Sign in to Muster' }).waitFor()
    owner.close()
    await context.close()
  })

  test('signing in at the provider of the organisation, and back to the page where one was', { timeout: 240_000 }, async () => {
    await ensure(host, { anna: 'admin' })
    const provider = await startOidcProvider()
    const owner = await connectConsole({ data: host.data })
    await owner.call('people.setOidc', {
      provider: {
        ...{ title: 'Plant Lyon', issuer: provider.issuer, clientId: CLIENT.id, secret: CLIENT.secret },
        roles: [{ value: 'operators', role: 'operator' }],
      },
    })
    owner.close()
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    await page.goto(`${host.address.url}/models`)
    const button = page.getByRole('button', { name: 'Sign in with Plant Lyon' })
    await button.waitFor()
    expect(await violations(page)).toEqual([])
    await button.click()
    await page.getByRole('button', { name: 'Cléo Marin, operator' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/models')

    provider.person = { ...provider.person, groups: [] }
    await page.getByRole('button', { name: 'Cléo Marin, operator' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await button.click()
    await page.getByText(/No rule of this console lets you in/).waitFor()
    // The address of the way back holds a code that was used: it is gone from the page.
    expect(new URL(page.url()).search).toBe('')
    await context.close()
  })
})
