import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { faultsOf } from './look.ts'

/** A folder is left alone until nobody has written to it for ten seconds, and an import loads the model in a process of its own. */
const PATIENCE_MS = 90_000

describe.skipIf(findChromium() === null)('places that models come from, by hand', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  let drop: string
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    drop = join(directory, 'drop')
    mkdirSync(join(drop, 'not a version'), { recursive: true })
    host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error'])
    browser = await launchBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  async function beginSource(page: Page, kind: RegExp, name: string): Promise<void> {
    await page.getByRole('button', { name: 'New source' }).click()
    await page.getByRole('menuitem', { name: kind }).click()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
  }
  const save = (page: Page): Promise<void> => page.getByRole('button', { name: 'Save the source' }).click()

  test('a folder: what is laid into it becomes a draft that says where it is from; the folder goes, the draft stays', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/models' })
    page.setDefaultTimeout(PATIENCE_MS)
    await page.getByRole('link', { name: 'Sources' }).click()
    await page.getByText('Models come from files only').waitFor()
    await beginSource(page, /^Folder/, 'drop')
    await page.getByRole('textbox', { name: 'Folder' }).fill(join(directory, 'nowhere'))
    await save(page)
    await page.getByRole('alert').getByText('source.folder').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('textbox', { name: 'Folder' }).fill(drop)
    await save(page)
    const places = page.getByRole('table', { name: 'Sources' })
    await places.getByText('can be read').waitFor()

    const from = join(drop, 'wine@1.0.0')
    mkdirSync(from)
    cpSync('build/samples/wine/wine-1.0.0.onnx', join(from, 'model.onnx'))
    await places.getByRole('button', { name: 'Check drop' }).click()
    await places.getByText('It can be read; 1 model is there.').waitFor()
    await places.getByText('not a version: it is not named MODEL@VERSION').waitFor()
    const found = page.getByRole('table', { name: 'What was found' })
    await found.getByText('imported as').waitFor()
    await places.getByText('1 version imported').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await found.getByRole('link', { name: 'wine@1.0.0' }).click()
    await page.getByText('draft', { exact: true }).first().waitFor()
    await page.getByRole('heading', { name: 'Origin' }).waitFor()
    await page.getByText(from).waitFor()

    await page.goBack()
    await places.getByRole('button', { name: 'Change drop' }).click()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('button', { name: 'Remove the source' }).click()
    await page.getByText('Models come from files only').waitFor()
    expect((await host.rpc!.call('models.list', {})).versions).toMatchObject([{ model: 'wine', version: '1.0.0', stage: 'draft' }])
    expect(trouble.messages).toEqual([])
    await context.close()
  }, 240_000)

  test('a tracking server that is away says so where it stands, and is asked again when it is looked at', async () => {
    const { page, context, trouble } = await openPage(browser, host, {
      ...{ path: '/sources', size: { width: 1024, height: 700 }, scheme: 'dark' },
    })
    page.setDefaultTimeout(PATIENCE_MS)
    await beginSource(page, /^MLflow/, 'lab')
    const saveButton = page.getByRole('button', { name: 'Save the source' })
    await page.getByText('Give the address of the server').waitFor()
    await page.getByRole('textbox', { name: 'Address' }).fill('http://127.0.0.1:1')
    const aliases = page.getByRole('textbox', { name: 'Aliases to follow' })
    await aliases.fill('churn')
    await page.getByText('"churn": write MODEL:ALIAS').waitFor()
    expect(await saveButton.isDisabled()).toBe(true)
    await aliases.fill('Churn model:champion=churn')
    expect(await faultsOf(page)).toEqual([])
    await saveButton.click()
    const places = page.getByRole('table', { name: 'Sources' })
    await places.getByText('127.0.0.1:1 does not answer').waitFor()
    await places.getByRole('button', { name: 'Check lab' }).click()
    await places.getByText('source.unreachable').waitFor()
    expect(await faultsOf(page)).toEqual([])

    await places.getByRole('button', { name: 'Browse lab' }).click()
    await page.getByRole('dialog').getByText('source.unreachable').waitFor()
    await page.keyboard.press('Escape')
    await places.getByRole('button', { name: 'Change lab' }).click()
    await page.getByRole('switch', { name: 'On' }).uncheck()
    await saveButton.click()
    await places.getByText('off', { exact: true }).waitFor()
    expect(await places.getByRole('button', { name: 'Look now at lab' }).isDisabled()).toBe(true)
    expect(trouble.messages).toEqual([])
    await context.close()
  }, 240_000)
})
