import { unzipSync } from 'fflate'
import { parquetReadObjects } from 'hyparquet'
import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { reportFormats } from '../../../../../shared/domain/report/kinds.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, HOUR, openPlayedReports } from '../../../../harness/report-desk.ts'

const PERIOD = { from: T0, through: T0 + 2 * DAY, zone: 'Europe/Paris' }
/** Runs as a formula in a spreadsheet, begins a tag in HTML, and a cell in Markdown. */
const HOSTILE = '=1+1|<img src=x onerror=alert(1)>'

function played() {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  desk.window('cam-1', T0 + HOUR, { requests: 1000, errors: 3, cause: HOSTILE })
  desk.desk.clock.at = T0 + 3 * DAY
  return desk
}

test('a workbook holds the same totals, as numbers, and texts as texts', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD, formats: ['xlsx'] })
  const files = unzipSync(await desk.file(report, 'xlsx'))
  const text = (name: string): string => Buffer.from(files[name]!).toString('utf8')
  expect(text('xl/workbook.xml')).toContain('name="figures"')
  const sheets = Object.keys(files).filter((name) => /^xl\/worksheets\/sheet\d+\.xml$/.test(name))
  const all = sheets.map(text).join('')
  expect(all).toContain('<v>1000</v>')
  // Formulas have an element of their own; a text, however it begins, is a string.
  expect(all).not.toContain('<f>')
  expect(Object.keys(files).map(text).join('')).toContain('=1+1|&lt;img')
})

test('a Parquet file holds a row per cell, numbers as numbers', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD, formats: ['parquet'] })
  const bytes = await desk.file(report, 'parquet')
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  const rows = await parquetReadObjects({ file })
  const requests = rows.find((row) => row['table'] === 'figures' && row['column'] === 'value' && row['row'] === 3)
  const figure = rows.find((row) => row['table'] === 'figures' && row['column'] === 'figure' && row['row'] === 3)
  expect([figure!['text'], requests!['number']]).toEqual(['requests', 1000])
  const none = rows.find((row) => row['table'] === 'devices-devices' && row['column'] === 'accuracy')
  expect([none!['number'], none!['text']]).toEqual([null, null])
})

/** What a PDF draws: its streams, inflated. */
function streamsOf(pdf: Buffer): string {
  const text = pdf.toString('latin1')
  return [...text.matchAll(/stream\r?\n/g)]
    .map((match) => {
      const start = match.index + match[0].length
      try {
        return inflateSync(pdf.subarray(start, text.indexOf('endstream', start))).toString('latin1')
      } catch {
        return ''
      }
    })
    .join('\n')
}

test('a PDF has its pages, its fonts inside, and nothing that acts', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD, formats: ['pdf'] })
  const pdf = await desk.file(report, 'pdf')
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  const raw = pdf.toString('latin1')
  expect(raw).toContain('Roboto')
  expect(raw).not.toMatch(/\/(JavaScript|Launch|URI|EmbeddedFile)\b/)
  expect(streamsOf(pdf).match(/ TJ/g)!.length).toBeGreaterThan(50)
})

test('what devices say is shown, and neither run nor read as markup', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD, formats: ['html', 'markdown', 'csv'] })
  const html = (await desk.file(report, 'html')).toString('utf8')
  expect(html.includes('<img')).toBe(false)
  expect(html.includes('=1+1|&lt;img src=x onerror=alert(1)&gt;')).toBe(true)
  expect((await desk.file(report, 'markdown')).includes('=1+1\\|\\<img')).toBe(true)
  const csv = Buffer.from(unzipSync(await desk.file(report, 'csv'))['models-causes.csv']!).toString('utf8')
  expect(csv).toContain("'=1+1|<img")
})

test('a format that nobody asked for is written when somebody does, and what it was is remembered', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD })
  await expect(desk.file(report, 'markdown')).rejects.toThrow('was not written as markdown yet')
  await desk.ended((await desk.call('reports.write', { report, format: 'markdown' })).job)
  expect(await desk.verify(await desk.file(report, 'markdown'))).toMatchObject({ isGood: true, format: 'markdown' })
})

test('all formats at once say the same number, and each is verified', async () => {
  const desk = played()
  const { report, files } = await desk.make({ kind: 'fleet', ...PERIOD, formats: [...reportFormats] })
  expect(files.map(({ format }) => format).sort()).toEqual([...reportFormats].sort())
  for (const format of reportFormats) expect(await desk.verify(await desk.file(report, format))).toMatchObject({ verdict: 'good', format })
  const textOf = async (format: 'html' | 'markdown' | 'json'): Promise<string> => (await desk.file(report, format)).toString('utf8')
  expect(await textOf('html')).toContain('<dd>1,000</dd>')
  expect(await textOf('markdown')).toContain('| Requests | 1,000 |')
  expect(await textOf('json')).toContain('"label":"Requests","unit":"count","value":1000')
  const figures = Buffer.from(unzipSync(await desk.file(report, 'csv'))['figures.csv']!).toString('utf8')
  expect(figures.split('\n').find((line) => line.includes(',requests,'))).toContain('1000')
})
