import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { verifyFile } from '../../electron/core/audit/verify-file.ts'
import { openFleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../electron/core/store/fleet/open.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { faultsOf } from './look.ts'
import { visit } from './screens.ts'

const ENTRIES = 1500
const screens = [
  { name: 'audit', path: '/audit', ready: 'devices.setLabels' },
  { name: 'audit-panel', path: '/audit?entry=1404', ready: 'What was asked for' },
  { name: 'audit-entry', path: '/audit/1404', ready: 'What proves it' },
  { name: 'audit-nothing', path: '/audit?actor=nobody', ready: 'No entry matches' },
  { name: 'audit-checkpoints', path: '/audit?tab=checkpoints', ready: 'Public key' },
  { name: 'audit-witnesses', path: '/audit?tab=witnesses', ready: 'contradicts' },
  { name: 'audit-not-found', path: '/audit/999999', ready: 'There is no such entry' },
]

/** A log of two people, a program and the engine, as a console would have left it, and a device that knows a longer one. */
function fill(directory: string): void {
  mkdirSync(directory, { recursive: true })
  const db = openFleet(join(directory, 'fleet.db'))
  const store = openFleetStore(db)
  const begun = Date.now() - ENTRIES * 60_000
  store.transact(() => {
    for (let i = 0; i < ENTRIES; i += 1) {
      const device = `cam-${i % 12}`
      const label = { input: { query: `id = ${device}`, labels: { site: ['lyon', 'oslo', 'bern'][(i % 5) % 3], hall: String(i % 4) } } }
      const pause = { input: { rollout: 7, reason: `The light in hall ${i % 4} was off` } }
      store.audit.append({
        at: begun + i * 60_000,
        actor: ['cli:anna', 'web:ben', 'muster'][i % 3]!,
        ...(i % 10 === 3 ? { action: 'rollouts.pause', detail: pause } : { action: 'devices.setLabels', detail: label, devices: [device] }),
      })
    }
    store.auditWitnesses.note({ device: 'cam-3', size: 9000, root: 'a'.repeat(64), at: begun })
    store.auditWitnesses.contradict({ device: 'cam-3', size: 9000, root: 'a'.repeat(64), logSize: ENTRIES, foundAt: begun })
  })
  db.close()
}

describe.skipIf(findChromium() === null)('the audit log', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    fill(directory)
    host = await LocalConsole.start(directory, ['--fleet', 'plant', '--log-level', 'error'])
    await host.rpc!.call('audit.checkpoint', {})
    browser = await launchBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('is narrowed, read by keyboard, compared with the time before, and opened in full', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/audit' })
    const grid = page.getByRole('grid', { name: 'Entries' })
    await grid.getByText('audit.checkpoint').waitFor()
    await page.getByRole('combobox', { name: 'By whom' }).fill('ben')
    await page.getByRole('combobox', { name: 'Action' }).fill('rollouts.')
    await page.keyboard.press('Escape')
    await page.getByRole('textbox', { name: 'Text of the entry' }).fill('hall 3')
    await page.waitForURL(/text=hall/)
    // The whole list has such entries too: the narrowed one is there when those of others are gone.
    await grid.getByText('cli:anna').first().waitFor({ state: 'detached' })
    await grid.getByText('The light in hall 3 was off').first().waitFor()
    const filtered = new URL(page.url()).searchParams
    expect([filtered.get('actor'), filtered.get('action'), filtered.get('text')]).toEqual(['ben', 'rollouts.', 'hall 3'])

    await grid.focus()
    await page.keyboard.press('ArrowDown')
    const panel = page.getByRole('complementary', { name: /^Entry \d+$/ })
    await panel.getByText('Beside').waitFor()
    await panel.getByText('as before').first().waitFor({ state: 'attached' })
    const first = new URL(page.url()).searchParams.get('entry')
    await page.keyboard.press('ArrowDown')
    await page.waitForURL((url) => url.searchParams.get('entry') !== first)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: /^Entry \d+$/ }).waitFor()
    await page.getByText('What proves it').waitFor()
    await page.goBack()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })

    await page.getByRole('textbox', { name: 'Text of the entry' }).fill('nothing says this')
    await page.getByText('No entry matches').waitFor()
    await page.getByRole('main').getByRole('button', { name: 'Show all entries' }).last().click()
    await grid.getByText('audit.checkpoint').waitFor()
    await context.close()
    expect(trouble.messages).toEqual([])
  })

  test('is exported with what proves it', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/audit?actor=anna' })
    await page.getByRole('grid', { name: 'Entries' }).getByText('cli:anna').first().waitFor()
    await page.getByRole('button', { name: 'Export the entries' }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'JSON Lines, to verify anywhere' }).click()
    const { key } = await host.rpc!.call('audit.status', {})
    const verdict = await verifyFile(await (await download).path(), { key: key.publicKey, now: Date.now })
    expect(verdict).toMatchObject({ isGood: true, entries: ENTRIES / 3, isKeyGiven: true })
    await page.getByText('500 entries exported').waitFor()
    await context.close()
    expect(trouble.messages).toEqual([])
  })

  test('is verified on demand: what a device keeps against it is told, and accepted by an admin', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/audit' })
    await page.getByRole('link', { name: '1 contradiction by devices' }).waitFor()
    await page.getByRole('button', { name: 'Verify the log' }).click()
    const result = page.getByRole('alert', { name: 'Result of the verification' })
    await result.getByText('The log is not good').waitFor()
    await result.getByText('The checkpoint that cam-3 keeps is over 9000 entries').first().waitFor()

    await page.getByRole('link', { name: '1 contradiction by devices' }).click()
    await page.getByRole('button', { name: 'Accept', exact: true }).click()
    await page.getByRole('textbox', { name: 'Why' }).fill('The backup of Monday was restored')
    await page.getByRole('button', { name: 'Accept 1 contradiction' }).click()
    await page.getByText('All were accepted.').waitFor()
    await page.getByRole('tab', { name: 'Checkpoints' }).click()
    await page.getByRole('button', { name: 'Sign the log now' }).click()
    await page.getByText(/The log was signed over/).waitFor()
    const { newest, uncovered } = await host.rpc!.call('audit.status', {})
    expect(uncovered).toBe(0)
    await page.getByRole('cell', { name: newest!.size.toLocaleString('en-GB') }).waitFor()
    await context.close()
    expect(trouble.messages).toEqual([])
  })

  test('case 54: names the first bad entry of a log that somebody changed', async () => {
    const changed = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    const other = join(changed, 'console')
    fill(other)
    const db = new Database(join(other, 'fleet.db'))
    db.exec('DROP TRIGGER audit_never_changes')
    db.exec(`UPDATE audit SET detail = replace(detail, 'lyon', 'rome') WHERE seq = 31`)
    db.close()
    const console = await LocalConsole.start(other, ['--fleet', 'plant', '--log-level', 'error'])
    try {
      const { page, context } = await openPage(browser, console, { path: '/audit' })
      await page.getByRole('button', { name: 'Verify the log' }).click()
      const result = page.getByRole('alert', { name: 'Result of the verification' })
      await result.getByText('First bad entry: 31.').waitFor()
      await result.getByRole('link', { name: '31', exact: true }).first().click()
      await page.getByRole('heading', { level: 1, name: 'Entry 31' }).waitFor()
      expect(new URL(page.url()).pathname).toBe('/audit/31')
      await context.close()
    } finally {
      await console.crash()
      rmSync(changed, { recursive: true, force: true })
    }
  })

  test.each([
    { scheme: 'light', size: { width: 1440, height: 900 } },
    { scheme: 'dark', size: { width: 1024, height: 700 } },
  ] as const)('free of serious findings of axe, and scrolls in one direction: $scheme $size.width', { timeout: 300_000 }, async (view) => {
    const { page, context, trouble } = await openPage(browser, host, view)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
    const found: Record<string, string[]> = {}
    for (const screen of screens) {
      await visit(page, screen)
      const here = await faultsOf(page)
      if (here.length > 0) found[screen.name] = here
    }
    await context.close()
    expect(found).toEqual({})
    expect(trouble.messages).toEqual([])
  })
})
