import { expect, test } from 'vitest'
import { unzipSync } from 'fflate'
import { csvRows } from '../../../../../shared/domain/csv.ts'
import type { ReportDocument, ReportFigure, ReportTable } from '../../../../../shared/domain/report/document.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, DIGEST, HOUR, openPlayedReports } from '../../../../harness/report-desk.ts'

const PERIOD = { from: T0, through: T0 + 4 * DAY, zone: 'UTC' }

/** Two devices over three days: 300 requests, 6 of them failed, 40 labels, 30 right; cam-2 ran half of the time. */
function played() {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1', { site: 'lyon' })
  enrolled(desk.store, 'cam-2', { site: 'paris' })
  desk.window('cam-1', T0 + HOUR, { requests: 100, errors: 2, latencyMs: 10 })
  desk.window('cam-1', T0 + DAY + HOUR, { requests: 100, latencyMs: 10 })
  desk.window('cam-2', T0 + 2 * DAY + HOUR, { requests: 100, errors: 4, latencyMs: 40 })
  desk.labels('cam-1', T0 + HOUR, { labels: 40, right: 30 })
  for (let day = 0; day < 4; day += 1) {
    desk.ledger('cam-1', T0 + day * DAY, T0 + (day + 1) * DAY)
    desk.ledger('cam-2', T0 + day * DAY, T0 + day * DAY + 12 * HOUR)
  }
  desk.event('cam-2', T0 + DAY, 'model.reverted', 'error')
  desk.desk.clock.at = T0 + 5 * DAY
  return desk
}

const documentOf = (bytes: Buffer): ReportDocument => (JSON.parse(bytes.toString('utf8')) as { document: ReportDocument }).document

function figuresOf(document: ReportDocument, section: string): Map<string, ReportFigure> {
  const blocks = document.sections.find(({ id }) => id === section)!.blocks
  return new Map(
    blocks.flatMap((block) => (block.kind === 'figures' ? block.figures.map((one): [string, ReportFigure] => [one.id, one]) : [])),
  )
}

function tableOf(document: ReportDocument, id: string): ReportTable {
  return document.sections.flatMap(({ blocks }) => blocks).find((block): block is ReportTable => block.kind === 'table' && block.id === id)!
}

test('a fleet report says what the store says, reckoned by hand', async () => {
  const desk = played()
  const { report, sentence } = await desk.make({ kind: 'fleet', ...PERIOD })
  expect(sentence).toMatch(
    /^2 devices answered 300 requests, 2 % of them failed; p95 was [\d.]+ ms; 0 alerts fired and 1 model was taken back on devices\.$/,
  )
  const document = documentOf(await desk.file(report, 'json'))
  const summary = figuresOf(document, 'summary')
  const value = (id: string): unknown => summary.get(id)!.value
  expect([value('devices'), value('heard'), value('requests'), value('rollbacks')]).toEqual([2, 2, 300, 1])
  expect(summary.get('errors')).toMatchObject({ value: 0.02, n: 300 })
  expect(summary.get('accuracy')).toMatchObject({ value: 0.75, n: 40 })
  expect(summary.get('accuracy')!.low).toBeCloseTo(0.5981, 3)
  // Four days of one, half of four days of the other.
  expect(summary.get('uptime')).toMatchObject({ value: 0.75, n: 2 })
  expect(value('p50')).toBeCloseTo(10, 0)
  expect(tableOf(document, 'devices').rows.map((row) => row.slice(0, 4))).toEqual([
    ['cam-1', 1, 200, 2],
    ['cam-2', 0.5, 100, 4],
  ])
  expect(tableOf(document, 'causes').rows).toEqual([['inference.failed', 6]])
  expect(document.models).toEqual([{ deployment: 'quality-check', model: 'digits', version: '1.0.0', digest: DIGEST }])
  const chart = document.sections.flatMap(({ blocks }) => blocks).find((block) => block.kind === 'chart' && block.id === 'requests')
  expect(chart).toMatchObject({ times: [T0, T0 + DAY, T0 + 2 * DAY, T0 + 3 * DAY] })
  // A day without anything is a gap, and no zero.
  expect((chart as { series: { values: unknown[] }[] }).series[0]!.values).toEqual([98, 100, 96, null])
})

test('some devices: the same figures from their own sums, and nothing of the others', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', query: 'site = "lyon"', ...PERIOD })
  const document = documentOf(await desk.file(report, 'json'))
  const summary = figuresOf(document, 'summary')
  expect(document).toMatchObject({ devices: ['cam-1'], isWhole: false })
  expect([summary.get('requests')!.value, summary.get('rollbacks')!.value, summary.get('uptime')!.value]).toEqual([200, 0, 1])
  expect(tableOf(document, 'versions').rows[0]!.slice(0, 5)).toEqual(['quality-check', 'digits', '1.0.0', DIGEST, 200])
})

test('nothing measured is nothing, and never zero or NaN', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  desk.desk.clock.at = T0 + 5 * DAY
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD })
  const text = (await desk.file(report, 'json')).toString('utf8')
  const summary = figuresOf(documentOf(Buffer.from(text)), 'summary')
  for (const id of ['uptime', 'requests', 'throughput', 'errors', 'p50', 'p95', 'tail', 'steady', 'accuracy'])
    expect([id, summary.get(id)!.value]).toEqual([id, null])
  expect(text).not.toMatch(/NaN|Infinity/)
})

test('every format is written from one document, and says the same totals', async () => {
  const desk = played()
  const { report, files } = await desk.make({ kind: 'fleet', ...PERIOD, formats: ['html', 'markdown', 'csv'] })
  expect(files.map(({ format }) => format).sort()).toEqual(['csv', 'html', 'json', 'markdown'])
  const html = (await desk.file(report, 'html')).toString('utf8')
  expect(html).toContain('<dt>Requests</dt><dd>300</dd>')
  expect(html).not.toMatch(/<script|<link|<img|https?:\/\/(?!www\.w3\.org\/2000\/svg)/)
  expect(html.match(/<svg /g)).toHaveLength(4)
  expect((await desk.file(report, 'markdown')).toString('utf8')).toContain('| Requests | 300 |')
  const entries = unzipSync(await desk.file(report, 'csv'))
  const figures = csvRows(Buffer.from(entries['figures.csv']!).toString('utf8'), 'figures')
  expect(figures.find((row) => row[1] === 'requests')![4]).toBe('300')
  const devices = csvRows(Buffer.from(entries['devices-devices.csv']!).toString('utf8'), 'devices')
  expect(devices.slice(1).reduce((sum, row) => sum + Number(row[2]), 0)).toBe(300)
})
