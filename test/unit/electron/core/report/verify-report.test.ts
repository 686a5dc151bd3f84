import { expect, test } from 'vitest'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, HOUR, openPlayedReports } from '../../../../harness/report-desk.ts'

const PERIOD = { from: T0, through: T0 + 2 * DAY, zone: 'UTC' }

function played() {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  desk.window('cam-1', T0 + HOUR, { requests: 100, errors: 2 })
  desk.ledger('cam-1', T0, T0 + DAY)
  desk.desk.clock.at = T0 + 3 * DAY
  return desk
}

test('a report that was just made is confirmed, in each format, and by its number', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD, formats: ['html', 'csv'] })
  for (const of of [report, await desk.file(report, 'json'), await desk.file(report, 'html'), await desk.file(report, 'csv')]) {
    const found = await desk.verify(of)
    expect(found).toMatchObject({ report, isGood: true, signer: 'ours', isWhole: true, differing: 0 })
    expect(found.compared).toBeGreaterThan(30)
  }
})

test('sums in the place of records change nothing', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD })
  desk.slices.fold()
  expect(await desk.verify(report)).toMatchObject({ isGood: true, differing: 0 })
})

test('a record that came later is named by what it changed', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD })
  desk.window('cam-1', T0 + 2 * HOUR, { requests: 50 })
  const found = await desk.verify(report)
  expect(found).toMatchObject({ isGood: false, signer: 'ours', isWhole: true })
  const requests = found.differences.find(({ place }) => place === 'summary/summary/requests')
  expect(requests).toMatchObject({ reported: 100, now: 150 })
  expect(found.sentence).toContain(`${found.differing} of ${found.compared} values are others now`)
})

test('a changed file is found: the document, the signature, and a format without one of its own', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD, formats: ['html'] })
  const json = (await desk.file(report, 'json')).toString('utf8')
  const changed = json.replace('"label":"Requests","unit":"count","value":100', '"label":"Requests","unit":"count","value":900')
  expect(changed).not.toBe(json)
  expect(await desk.verify(Buffer.from(changed))).toMatchObject({ isGood: false, signer: 'ours', isWhole: false, compared: 0 })
  // A word that is no value is signed as well.
  const renamed = json.replace('"title":"Fleet report"', '"title":"Fine report"')
  expect(await desk.verify(Buffer.from(renamed))).toMatchObject({ isGood: false, signer: 'ours', isWhole: false })
  const unsigned = json.replace(/"sig":"...../, '"sig":"AAAAA')
  expect(await desk.verify(Buffer.from(unsigned))).toMatchObject({ isGood: false, signer: 'bad' })
  const html = (await desk.file(report, 'html')).toString('utf8').replace('<dd>100</dd>', '<dd>900</dd>')
  await expect(desk.verify(Buffer.from(html))).rejects.toThrow('report.invalid')
})

test('another console can see that a report is as it was signed, and by whom; it does not claim to know the values', async () => {
  const [ours, theirs] = [played(), openPlayedReports()]
  const { report } = await ours.make({ kind: 'fleet', ...PERIOD })
  const found = await theirs.verify(await ours.file(report, 'json'))
  expect(found).toMatchObject({
    isGood: false,
    signer: 'other',
    isWhole: true,
    compared: 0,
    keyId: ours.desk.parts.keyring.keyIds.assignment,
  })
})

test('the devices of a report stay those that the query selected then', async () => {
  const desk = played()
  enrolled(desk.store, 'cam-2', { site: 'lyon' })
  desk.window('cam-2', T0 + HOUR, { requests: 7 })
  const { report } = await desk.make({ kind: 'fleet', query: 'site = "lyon"', ...PERIOD })
  enrolled(desk.store, 'cam-3', { site: 'lyon' })
  desk.window('cam-3', T0 + HOUR, { requests: 70 })
  expect(await desk.verify(report)).toMatchObject({ isGood: true, differing: 0 })
})
