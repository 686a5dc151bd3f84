import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, startProgram, until, type Program } from '../../build/demo/child.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { csvRows } from '../../shared/domain/csv.ts'
import { parseEnrolmentCode } from '../../shared/protocol/enrolment.ts'
import { findChromium, launchBrowser, openPage } from '../harness/browser.ts'
import { faultsOf } from './look.ts'
import { visit } from './screens.ts'

/** Eight groups of four digits, as the device shows them. */
const FINGERPRINT = /(?:[0-9a-f]{4} ){7}[0-9a-f]{4}/
/** A program starts within a second or two; on a machine with other work it may need many more. */
const PATIENCE_MS = 60_000

/** Waits until the focus is where a person writes: a dialog on a busy machine opens late. */
const focusIn = (page: Page): Promise<void> => page.getByRole('dialog').locator('input:focus').waitFor()

describe.skipIf(findChromium() === null)('devices that join, and are shut in and out', () => {
  let browser: Browser
  let host: LocalConsole
  let directory: string
  const agents: LocalAgent[] = []
  const programs: Program[] = []
  /** Runs the command of the page for a checkout, with a directory of its own. */
  const enrol = async (page: Page, device: string): Promise<Program> => {
    await page.getByRole('tab', { name: 'A checkout of Muster' }).click()
    const command = await page.getByRole('tabpanel').locator('code').textContent()
    const [, broker, code] = /--broker (\S+) --code (\S+)/.exec(command ?? '') ?? []
    const program = startProgram('agent/cli.ts', ['enroll', '--dir', join(directory, device), '--broker', broker!, '--code', code!])
    programs.push(program)
    return program
  }
  const shownBy = (program: Program): Promise<string> =>
    until('the device to show its fingerprint', 60, () => FINGERPRINT.exec(program.output())?.[0] ?? false)
  const makeCode = async (page: Page, device: string): Promise<void> => {
    await page.getByLabel('Device id').fill(device)
    await page.getByRole('button', { name: 'Make a code' }).click()
    await page.getByText('One-time code', { exact: true }).waitFor()
  }
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'muster-e2e-'))
    const tls = ['--broker-tls', '--mqtt-local-port', String(await freePort())]
    host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error', ...tls])
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await Promise.all([...agents.map((agent) => agent.crash()), ...programs.map((program) => program.kill('SIGKILL'))])
    await host?.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('a person reads the fingerprint on the device; with another one it does not join', { timeout: 240_000 }, async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/settings?tab=broker' })
    page.setDefaultTimeout(PATIENCE_MS)
    await page.getByRole('combobox', { name: 'A person compares the fingerprint' }).click()
    await page.getByRole('option', { name: 'Always' }).click()
    await page.getByText('Devices wait for it now.').waitFor()
    await page.goto(new URL('/enrol', page.url()).href)
    await makeCode(page, 'cam-1')
    const program = await enrol(page, 'cam-1')
    const waiting = page.getByRole('region', { name: 'Devices that wait' })
    await waiting.getByText('cam-1').waitFor()
    const fingerprint = await shownBy(program)
    // What the console has seen stands nowhere: it could be copied from there, and nothing would be compared.
    expect(await page.getByText(FINGERPRINT).count()).toBe(0)

    // No device is enrolled yet, and the page of the devices says who waits all the same.
    await page.goto(new URL('/devices', page.url()).href)
    await waiting.getByRole('button', { name: 'Compare' }).click()
    await focusIn(page)
    await page.keyboard.type(fingerprint.replace(/^..../, (group) => (group === '0000' ? '1111' : '0000')))
    await page.getByText('Another key asked to join').waitFor()
    expect(await page.getByRole('button', { name: 'Let it join' }).isDisabled()).toBe(true)
    expect(await page.getByRole('button', { name: 'Refuse it' }).count()).toBe(1)
    expect(await faultsOf(page)).toEqual([])
    await page.getByLabel('Fingerprint that the device shows').fill(fingerprint.toUpperCase())
    await page.keyboard.press('Enter')
    await page.getByText('cam-1 joins.').waitFor()
    expect(await program.ended).toBe(0)
    await page.getByRole('grid', { name: 'Devices' }).getByText('cam-1').waitFor()
    await context.close()
    expect(trouble.messages).toEqual([])
  })

  test('a stranger is turned away, and its code is used up', { timeout: 180_000 }, async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/enrol' })
    page.setDefaultTimeout(PATIENCE_MS)
    await makeCode(page, 'door-1')
    const program = await enrol(page, 'door-1')
    await page.getByRole('region', { name: 'Devices that wait' }).getByRole('button', { name: 'Refuse' }).click()
    await page.getByLabel('Reason').fill('nobody knows it')
    await page.getByRole('button', { name: 'Turn it away' }).click()
    await page.getByText('door-1 was turned away.').waitFor()
    await program.ended
    expect(program.output()).toContain('enrolment.refused')
    const { rows } = await host.rpc!.call('devices.table', { query: 'id = door-1' })
    expect(rows).toEqual([])
    await context.close()
    expect(trouble.messages).toEqual([])
  })

  test('quarantine with its reason, release, and out for good within a second', { timeout: 240_000 }, async () => {
    const agent = new LocalAgent({ device: 'cam-1', directory: join(directory, 'cam-1'), httpPort: await freePort() })
    agents.push(agent)
    await agent.launch()
    const rpc = host.rpc!
    await until('the device to be connected', 60, async () => (await rpc.call('devices.show', { device: 'cam-1' })).status === 'online')
    const { page, context, trouble } = await openPage(browser, host, { path: '/devices/cam-1' })
    page.setDefaultTimeout(PATIENCE_MS)
    await page.getByText('By certificate').waitFor()
    await page.getByRole('button', { name: 'Quarantine' }).click()
    expect(await page.getByRole('button', { name: 'Quarantine it' }).isDisabled()).toBe(true)
    // The focus is in the field for the reason.
    await focusIn(page)
    await page.keyboard.type('its housing was opened')
    expect(await faultsOf(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByText('cam-1 is in quarantine.').waitFor()
    await page.getByText('In quarantine', { exact: true }).waitFor()
    await page.getByText('its housing was opened').first().waitFor()
    await visit(page, { name: 'devices', path: '/devices', ready: 'is in quarantine' })
    await visit(page, { name: 'device', path: '/devices/cam-1', ready: 'In quarantine' })
    await page.getByRole('button', { name: 'Release it' }).click()
    await page.getByText('By certificate').waitFor()

    await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    await focusIn(page)
    await page.keyboard.type('stolen')
    await page.getByRole('button', { name: 'Revoke it' }).click()
    await page.getByText('Revoked', { exact: true }).waitFor()
    // Case 45: it is out, and goes on answering.
    await until('the connection to end', 10, async () => (await rpc.call('devices.show', { device: 'cam-1' })).status === 'offline')
    expect(await agent.isLive()).toBe(true)
    expect(await page.getByRole('button', { name: 'Renew the certificate' }).count()).toBe(0)
    const { entries } = await rpc.call('audit.list', { filter: { action: 'devices.' } })
    const acts = entries.map(({ action }) => action)
    expect(acts).toEqual(
      expect.arrayContaining(['devices.confirm', 'devices.refuse', 'devices.quarantine', 'devices.release', 'devices.revoke']),
    )
    await context.close()
    expect(trouble.messages).toEqual([])
  })

  test('many devices by CSV: all or none, and the codes leave as a file', async () => {
    const { page, context, trouble } = await openPage(browser, host, { path: '/enrol' })
    const box = page.getByLabel('Devices as CSV')
    await box.fill('device,site\ncam-20,lyon\nCAM 21,lyon\ncam-20,oslo\n')
    await page.getByRole('button', { name: 'Make codes' }).click()
    await page
      .getByRole('alert')
      .getByText(/line 3: 'CAM 21' is no device id.*line 4: cam-20 stands in line 2 already/)
      .waitFor()
    await box.fill('device,site\ncam-20,lyon\ncam-21,oslo\n')
    await page.getByRole('alert').waitFor({ state: 'detached' })
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Make codes' }).click()
    const [header, ...lines] = csvRows(readFileSync(await (await download).path(), 'utf8'), 'The file')
    expect(header).toEqual(['device', 'code', 'broker', 'works until'])
    expect(lines.map(([device, code]) => [device, parseEnrolmentCode(code!) !== null])).toEqual([
      ['cam-20', true],
      ['cam-21', true],
    ])
    await page.getByText('2 codes saved in muster-codes.csv').waitFor()
    expect(await page.getByText(lines[0]![1]!).count()).toBe(0)
    // A second press would make what was saved worthless.
    expect(await page.getByRole('button', { name: 'Make codes' }).isDisabled()).toBe(true)
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
      { name: 'device', path: '/devices/cam-1', ready: 'Revoked' },
      { name: 'devices', path: '/devices', ready: 'was revoked' },
      { name: 'enrol', path: '/enrol', ready: 'Many devices at once' },
      { name: 'broker', path: '/settings?tab=broker', ready: 'Names of the broker' },
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
