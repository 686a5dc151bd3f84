import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { bundleFileWritten } from '../../shared/rpc/contract/bundle-files.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { importSample, startFleet } from '../harness/console.ts'
import { violations } from './axe.ts'

/** A model is tried in a process of its own, on a machine that may have other work. */
const PATIENCE_MS = 60_000

describe.skipIf(findChromium() === null)('an exported version', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
  })

  test('is looked at before it is imported; one that was changed is refused in words', { timeout: 240_000 }, async () => {
    const [there, here] = [await startFleet({ broker: 'embedded', devices: [] }), await startFleet({ broker: 'embedded', devices: [] })]
    await importSample(there.host, 'wine', '1.0.0')
    const file = join(there.directory, 'wine.muster')
    const { job } = await there.host.rpc!.call('models.export', { model: 'wine', version: '1.0.0', file })
    const { signedBy } = bundleFileWritten.parse(await awaitJob(there.host.rpc!, job, 'export'))
    const changed = join(there.directory, 'changed.muster')
    writeFileSync(changed, Buffer.concat([readFileSync(file), Buffer.alloc(512)]))

    const { page, context, trouble } = await openPage(browser, here.host, { path: '/import' })
    page.setDefaultTimeout(PATIENCE_MS)
    await page.getByRole('link', { name: 'Import a .muster file' }).click()
    const input = page.getByLabel('Choose a .muster file')
    await input.setInputFiles(changed)
    await page.getByRole('alert').getByText('does not end where its index says').waitFor()
    expect(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true)

    await input.setInputFiles(file)
    await page.getByText('by a key of another console').waitFor()
    await page.getByText(signedBy.match(/.{4}/g)!.join(' ')).waitFor()
    await page.getByText('baseline, golden set').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByText('wine 1.0.0 is in the registry').waitFor()
    expect((await here.host.rpc!.call('models.list', {})).versions).toMatchObject([
      { model: 'wine', version: '1.0.0', sourceName: 'wine.muster' },
    ])

    await page.getByRole('button', { name: 'Import another' }).click()
    await page.getByLabel('Choose a .muster file').setInputFiles(file)
    await page.getByText('this very version is here already').waitFor()
    expect(trouble.messages).toEqual([])
    await context.close()
  })
})
