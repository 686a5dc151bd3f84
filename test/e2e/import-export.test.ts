import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { affineModel, elsewhere } from '../harness/onnx/external.ts'
import { floats } from '../harness/onnx/model.ts'
import { faultsOf } from './look.ts'

/** A model is tried in a process of its own, on a machine that may have other work. */
const PATIENCE_MS = 60_000

describe.skipIf(findChromium() === null)('a version in by files, and out as one', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  let folder: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    folder = join(directory, 'pump')
    mkdirSync(join(folder, 'older'), { recursive: true })
    writeFileSync(join(folder, 'pump-1.0.0.onnx'), affineModel({ weights: { more: elsewhere({ location: 'w.bin' }) } }))
    writeFileSync(join(folder, 'w.bin'), floats(2, 3, 4))
    writeFileSync(join(folder, 'older', 'pump-0.9.0.onnx'), affineModel({ weights: { raw: floats(1, 1, 1) } }))
    host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error'])
    browser = await launchBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('weights that lie beside a model are joined with it; the version is exported, and comes back', { timeout: 240_000 }, async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/import' })
    page.setDefaultTimeout(PATIENCE_MS)
    await page.getByLabel('Choose files').setInputFiles(join(folder, 'pump-1.0.0.onnx'))
    await page.getByText('keeps weights in w.bin, which is not among the files').waitFor()
    await page.getByText('Weights of pump-1.0.0.onnx are missing.').waitFor()
    expect(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true)
    expect(await faultsOf(page)).toEqual([])
    await page.getByLabel('Choose files').setInputFiles(join(folder, 'w.bin'))
    const files = page.getByRole('list', { name: 'Files of this import' })
    await files.getByText('joined with the model').waitFor()
    await files.getByText('sent').waitFor()
    await page.getByRole('button', { name: 'Discard' }).click()

    // A folder: what lies deeper in it is left alone.
    await page.getByLabel('Choose a folder').setInputFiles(folder)
    await files.getByText('joined with the model').waitFor()
    expect(await files.getByRole('listitem').count()).toBe(2)
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByText('pump 1.0.0 is in the registry').waitFor()
    await page.getByRole('link', { name: 'Open pump 1.0.0' }).click()
    await exportTwice(page, join(directory, 'pump-1.0.0.muster'))

    await page.goto(new URL('/import', page.url()).href)
    await page.getByLabel('Choose files').setInputFiles(join(directory, 'pump-1.0.0.muster'))
    await page.waitForURL(/\/import\/file$/)
    await page.getByText('this very version is here already').waitFor()
    await page.getByText('by the key of this console').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Discard' }).click()
    await page.getByText('Drop a .muster file anywhere on this page').waitFor()
    expect(trouble.messages).toEqual([])
    await context.close()
  })

  /** Exports the shown version; the second time the place is there already, and must be meant. */
  async function exportTwice(page: Page, file: string): Promise<void> {
    const dialog = page.getByRole('dialog')
    const open = page.getByRole('button', { name: 'Export as a .muster file' })
    const place = dialog.getByRole('textbox', { name: 'File' })
    await open.click()
    await place.fill('pump.muster')
    await dialog.getByText('Give the whole path').waitFor()
    expect(await dialog.getByRole('checkbox', { name: /hold-out/ }).isDisabled()).toBe(true)
    await place.fill(join(directory, 'nowhere', 'pump.muster'))
    await place.press('Enter')
    await dialog.getByText('There is no folder').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await place.fill(file)
    await place.press('Enter')
    await dialog.getByText(/^Written, /).waitFor()
    expect(existsSync(file)).toBe(true)
    expect(await faultsOf(page)).toEqual([])
    await page.keyboard.press('Escape')

    await open.click()
    // The folder of the last export is remembered.
    expect(await place.inputValue()).toBe(file)
    await place.press('Enter')
    await dialog.getByText('is there already').waitFor()
    await dialog.getByRole('button', { name: 'Replace the file' }).click()
    await dialog.getByText(/^Written, /).waitFor()
    await page.keyboard.press('Escape')
  }
})
