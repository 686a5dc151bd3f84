import { expect, test } from 'vitest'
import { addLabelled, emptyQuality, type QualityState } from '../../../../../shared/stats/quality/quality-state.ts'
import type { ReportChart, ReportDocument, ReportFigure } from '../../../../../shared/domain/report/document.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, DIGEST, HOUR, openPlayedReports } from '../../../../harness/report-desk.ts'

async function reported(desk: ReturnType<typeof openPlayedReports>, input: Parameters<typeof desk.make>[0]) {
  const { report } = await desk.make(input)
  const { document } = JSON.parse((await desk.file(report, 'json')).toString('utf8')) as { document: ReportDocument }
  const blocks = document.sections.flatMap((section) => section.blocks)
  const figures = blocks.flatMap((block) => (block.kind === 'figures' ? block.figures : []))
  const chart = blocks.find((block): block is ReportChart => block.kind === 'chart' && block.id === 'requests')!
  return { document, chart, figure: (id: string): ReportFigure => figures.find((one) => one.id === id)! }
}

/** Ten labels of the desk, six of them right. */
function deskLabels(): QualityState {
  const state = emptyQuality()
  for (let i = 0; i < 10; i += 1) addLabelled(state, { predicted: 'a', actual: i < 6 ? 'a' : 'b', confidence: null, weight: 5 })
  return state
}

test('labels of the desk count with those of devices, as monitoring counts them, and the report says of how many predictions', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  desk.window('cam-1', T0 + HOUR, { requests: 200 })
  desk.labels('cam-1', T0 + HOUR, { labels: 40, right: 30 })
  desk.labelled.quality = (_, { by, bucketMs }) => [
    {
      key: {
        bucket: bucketMs === null ? T0 : T0 + HOUR,
        device: by === 'device' ? 'cam-1' : null,
        deployment: 'quality-check',
        digest: DIGEST,
      },
      state: deskLabels(),
    },
  ]
  desk.desk.clock.at = T0 + 5 * DAY
  const { figure, document } = await reported(desk, { kind: 'fleet', from: T0, through: T0 + 4 * DAY, zone: 'UTC' })
  // Thirty of forty and six of ten: thirty-six of fifty, of two hundred predictions.
  expect(figure('accuracy')).toMatchObject({ value: 0.72, n: 50 })
  expect([figure('labelled').value, figure('coverage').value]).toEqual([50, 0.25])
  expect(figure('weighted').value).not.toBeNull()
  const devices = document.sections.find(({ id }) => id === 'devices')!.blocks[0] as { rows: unknown[][] }
  expect(devices.rows[0]!.slice(7, 9)).toEqual([50, 0.72])
})

test('a chart of days has those of the zone: what came at three in the morning of UTC was the evening before in New York', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  // Midnight in New York is five in the morning in UTC.
  const midnight = T0 + 5 * HOUR
  desk.window('cam-1', midnight + 22 * HOUR, { requests: 10 })
  desk.window('cam-1', midnight + DAY + HOUR, { requests: 7 })
  desk.desk.clock.at = T0 + 10 * DAY
  const { chart } = await reported(desk, { kind: 'fleet', from: midnight, through: midnight + 4 * DAY, zone: 'America/New_York' })
  expect(chart.times).toEqual([0, 1, 2, 3].map((day) => midnight + day * DAY))
  expect(chart.zone).toBeUndefined()
  expect(chart.series[0]!.values).toEqual([10, 7, null, null])
})

test('of some hundred single devices the days are those of UTC, and the chart says so', async () => {
  const desk = openPlayedReports()
  desk.store.transact(() => {
    for (let i = 0; i < 60; i += 1) enrolled(desk.store, `cam-${i}`, { site: 'lyon' })
  })
  desk.window('cam-1', T0 + 27 * HOUR, { requests: 10 })
  desk.desk.clock.at = T0 + 10 * DAY
  const { chart } = await reported(desk, {
    kind: 'fleet',
    query: 'site = lyon',
    from: T0 + 5 * HOUR,
    through: T0 + 5 * HOUR + 4 * DAY,
    zone: 'America/New_York',
  })
  expect(chart).toMatchObject({ zone: 'UTC', times: [0, 1, 2, 3, 4].map((day) => T0 + day * DAY) })
  expect(chart.series[0]!.values).toEqual([null, 10, null, null, null])
})

test('a report since 1970 is one that its own console can read', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  desk.window('cam-1', T0 + HOUR, { requests: 10 })
  desk.desk.clock.at = T0 + 5 * DAY
  const { report } = await desk.make({ kind: 'fleet', from: 0, through: T0 + 4 * DAY, zone: 'UTC' })
  expect(await desk.verify(report)).toMatchObject({ isGood: true })
})
