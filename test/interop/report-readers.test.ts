import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { formatEndings, reportFormats, type ReportFormat } from '../../shared/domain/report/kinds.ts'
import { findChromium, launchBrowser } from '../harness/browser.ts'
import { enrolled, T0, temporaryDirectory } from '../harness/fleet.ts'
import { DAY, HOUR, openPlayedReports } from '../harness/report-desk.ts'

// Programs of others read the same report in each format, and say the same as the store.

const python = process.env['MUSTER_TEST_PYTHON'] ?? join(process.cwd(), '.cache/venv/bin/python')
const script = join(import.meta.dirname, 'report_read.py')
const hasPython = existsSync(python) && spawnSync(python, ['-c', 'import openpyxl, pyarrow.parquet']).status === 0
const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined
const hasPdftotext = has('pdftotext')
const hasOffice = has('soffice')
const missing = [
  ...(hasPython ? [] : ['openpyxl and pyarrow (python3 -m venv .cache/venv && .cache/venv/bin/pip install openpyxl pyarrow)']),
  ...(hasPdftotext ? [] : ['pdftotext (Debian: poppler-utils)']),
  ...(hasOffice ? [] : ['LibreOffice (Debian: libreoffice-calc-nogui)']),
  ...(findChromium() === null ? ['a browser (Debian: chromium)'] : []),
]
if (missing.length > 0) process.stderr.write(`Not installed, so reports are not read by it: ${missing.join('; ')}\n`)

const DEVICES = 30
const OFFICE_MS = 240_000

interface Told {
  figures: Record<string, number | null>
  devices: Record<string, number | null>
}

/** A fleet report of some days in every format, as files, and what the store says by plain sums over its records. */
async function playedFiles(): Promise<{ path(format: ReportFormat): string; store: Told; directory: string }> {
  const desk = openPlayedReports()
  const names = Array.from({ length: DEVICES }, (_, i) => `cam-${String(i + 1).padStart(2, '0')}`)
  for (const [i, device] of names.entries()) {
    enrolled(desk.store, device)
    for (let hour = 1; hour <= 20; hour += 1) {
      const requests = 1000 + 37 * i + hour
      desk.window(device, T0 + hour * HOUR, { requests, errors: (i + hour) % 7, latencyMs: 5 + (i % 4) })
    }
    desk.labels(device, T0 + 5 * HOUR, { labels: 10, right: 9 - (i % 3) })
  }
  desk.desk.clock.at = T0 + 3 * DAY
  const { report } = await desk.make({ kind: 'fleet', from: T0, through: T0 + 2 * DAY, zone: 'Europe/Paris', formats: [...reportFormats] })
  const directory = temporaryDirectory()
  const path = (format: ReportFormat): string => join(directory, `report.${formatEndings[format]}`)
  for (const format of reportFormats) writeFileSync(path(format), await desk.file(report, format))
  return { path, store: sumsOf(desk.db), directory }
}

function sumsOf(db: ReturnType<typeof openPlayedReports>['db']): Told {
  const total = db
    .prepare<[], { requests: number; errors: number }>('SELECT sum(requests) AS requests, sum(errors) AS errors FROM window')
    .get()!
  const rows = db
    .prepare<[], { device: string; requests: number }>(
      'SELECT spool.device AS device, sum(requests) AS requests FROM window JOIN spool ON spool.id = window.spool GROUP BY spool.device',
    )
    .all()
  const right = Array.from({ length: DEVICES }, (_, i) => 9 - (i % 3)).reduce((sum, one) => sum + one, 0)
  return {
    figures: {
      'summary/devices': DEVICES,
      'summary/requests': total.requests,
      'summary/errors': total.errors / total.requests,
      'summary/labelled': DEVICES * 10,
      'summary/accuracy': right / (DEVICES * 10),
    },
    devices: Object.fromEntries(rows.map(({ device, requests }) => [device, requests])),
  }
}

/** What a reader must say: the same values, to what double arithmetic in another order may differ by, and whatever else the report says. */
function expectedOf({ figures, devices }: Told): unknown {
  const close = Object.entries(figures).map(([place, value]) => [place, expect.closeTo(value!, 9) as unknown])
  return { figures: expect.objectContaining(Object.fromEntries(close) as Record<string, unknown>) as unknown, devices }
}

const count = (value: number): string => value.toLocaleString('en')

test.skipIf(!hasPython)('openpyxl, pyarrow and the standard library of Python read what the store says', async () => {
  const { path, store } = await playedFiles()
  const files = (['xlsx', 'parquet', 'csv', 'json'] as const).map(path)
  const read = JSON.parse(execFileSync(python, [script, ...files], { encoding: 'utf8' })) as Record<string, Told>
  for (const file of files) expect(read[file]).toEqual(expectedOf(store))
})

test.skipIf(!hasOffice)('LibreOffice reads what the store says', { timeout: OFFICE_MS }, async () => {
  const { path, store, directory } = await playedFiles()
  // Every sheet as a file of its own; a profile of its own, for a person may have the program open.
  const filter = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1'
  const profile = `-env:UserInstallation=file://${join(directory, 'profile')}`
  execFileSync('soffice', [profile, '--headless', '--convert-to', filter, '--outdir', directory, path('xlsx')], {
    ...{ timeout: OFFICE_MS, stdio: 'ignore' },
  })
  const rows = (sheet: string): string[][] => parse(readFileSync(join(directory, `report-${sheet}.csv`), 'utf8'))
  const [head, ...figures] = rows('figures')
  const value = head!.indexOf('Value')
  const [names, ...devices] = rows('devices-devices')
  const requests = names!.indexOf('Requests')
  expect({
    figures: Object.fromEntries(figures.map((row) => [`${row[0]}/${row[1]}`, Number(row[value])])),
    devices: Object.fromEntries(devices.map((row) => [row[0]!, Number(row[requests])])),
  }).toEqual(expectedOf(store))
})

test.skipIf(!hasPdftotext)('pdftotext reads what the store says', async () => {
  const { path, store } = await playedFiles()
  const text = execFileSync('pdftotext', ['-layout', path('pdf'), '-'], { encoding: 'utf8' })
  const words = text.split(/\s+/)
  expect(words).toContain(count(store.figures['summary/requests']!))
  expect(text).toContain(`${(store.figures['summary/accuracy']! * 100).toFixed(2).replace(/\.?0+$/, '')} %`)
  for (const [device, requests] of Object.entries(store.devices)) {
    const line = text.split('\n').find((one) => one.trimStart().startsWith(`${device} `))
    expect([device, line?.split(/\s+/).includes(count(requests!))]).toEqual([device, true])
  }
})

test.skipIf(findChromium() === null)(
  'a browser shows what the store says, runs nothing and loads nothing',
  { timeout: 120_000 },
  async () => {
    const { path, store } = await playedFiles()
    const browser = await launchBrowser()
    try {
      const page = await browser.newPage()
      const asked: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      await page.goto(`file://${path('html')}`)
      const figures = await page
        .locator('#summary dl div')
        .evaluateAll((all) => all.map((one) => one.querySelector('dd')?.firstChild?.textContent))
      expect(figures).toContain(count(store.figures['summary/requests']!))
      expect(figures).toContain(count(store.figures['summary/labelled']!))
      const rows = await page
        .locator('#devices tbody tr')
        .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)))
      expect(Object.fromEntries(rows.map((row) => [row[0], row[2]]))).toEqual(
        Object.fromEntries(Object.entries(store.devices).map(([device, requests]) => [device, count(requests!)])),
      )
      expect(asked).toEqual([`file://${path('html')}`])
      expect(await page.locator('svg').count()).toBeGreaterThan(3)
    } finally {
      await browser.close()
    }
  },
)
