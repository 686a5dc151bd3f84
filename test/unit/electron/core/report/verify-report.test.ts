import { createReadStream, truncateSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { signReport, writeSigned, type SignedReport } from '../../../../../electron/core/report/signed-report.ts'
import { reportKinds } from '../../../../../shared/domain/report/kinds.ts'
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

test('a record that came later is named by what it changed, and explains it', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD })
  desk.window('cam-1', T0 + 2 * HOUR, { requests: 50, receivedAt: T0 + 3 * DAY + HOUR })
  const found = await desk.verify(report)
  expect(found).toMatchObject({ isGood: false, verdict: 'outdated', signer: 'ours', isWhole: true })
  const requests = found.differences.find(({ place }) => place === 'summary/summary/requests')
  expect(requests).toMatchObject({ reported: 100, now: 150 })
  expect(found.moves).toEqual([{ kind: 'late', note: '1 record of 1 device came later' }])
  expect(found.sentence).toContain('The store has moved on since: 1 record of 1 device came later.')
})

test('what no late record explains is said to be so: the store may have been changed', async () => {
  const desk = played()
  enrolled(desk.store, 'cam-2')
  desk.window('cam-2', T0 + HOUR, { requests: 30 })
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD })
  // Arrived, as far as the store tells, before the report was made.
  desk.window('cam-1', T0 + 2 * HOUR, { requests: 50 })
  expect(await desk.verify(report)).toMatchObject({ isGood: false, verdict: 'differs', moves: [] })
  // A late record of one device explains nothing of another.
  desk.window('cam-2', T0 + 2 * HOUR, { requests: 5, receivedAt: T0 + 3 * DAY + HOUR })
  const found = await desk.verify(report)
  expect(found).toMatchObject({ verdict: 'differs', moves: [{ kind: 'late' }] })
  expect(found.differences[0]!.place).toContain('cam-1')
})

test('the last minutes of a report until now are told apart from a changed store', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  desk.ledger('cam-1', T0, T0 + 55 * 60_000)
  desk.desk.clock.at = T0 + HOUR
  const { report } = await desk.make({ kind: 'fleet', from: T0, through: T0 + HOUR, zone: 'UTC' })
  // Every agent writes the entry of these five minutes after them.
  desk.ledger('cam-1', T0 + 55 * 60_000, T0 + HOUR)
  desk.desk.clock.at = T0 + HOUR + 300_000
  expect(await desk.verify(report)).toMatchObject({ verdict: 'outdated', moves: [{ kind: 'late' }] })
})

test('where sums as fine as the period are gone, nothing is compared with other hours', async () => {
  const desk = played()
  desk.slices.fold()
  const { report } = await desk.make({ kind: 'fleet', from: T0 + HOUR + 1_800_000, through: T0 + 5 * HOUR, zone: 'UTC' })
  expect(await desk.verify(report)).toMatchObject({ verdict: 'good' })
  desk.db.prepare('DELETE FROM rollup_traffic WHERE level = 300000').run()
  desk.db.prepare('DELETE FROM window').run()
  for (const name of ['window 0', 'traffic 300000'])
    desk.db.prepare('INSERT OR REPLACE INTO retained (name, since) VALUES (?, ?)').run(name, T0 + 3 * DAY)
  const found = await desk.verify(report)
  expect(found).toMatchObject({ verdict: 'outdated', isGood: false, compared: 0, differing: 0, moves: [{ kind: 'retention' }] })
  expect(found.gone).toBeGreaterThan(10)
})

test('records that were gone when a report was made are no news; those that go later are named', async () => {
  const desk = played()
  desk.event('cam-1', T0 + HOUR, 'model.reverted', 'error')
  const before = await desk.make({ kind: 'fleet', ...PERIOD })
  desk.db.prepare('DELETE FROM event').run()
  desk.db.prepare(`INSERT OR REPLACE INTO retained (name, since) VALUES ('event 0', ?)`).run(T0 + 2 * DAY)
  const after = await desk.make({ kind: 'fleet', ...PERIOD })
  expect(await desk.verify(after.report)).toMatchObject({ verdict: 'good', gone: 0 })
  const found = await desk.verify(before.report)
  expect(found).toMatchObject({ verdict: 'outdated', differing: 0, moves: [{ kind: 'retention' }] })
  expect(found.sentence).toContain(`the records behind ${found.gone} others are kept no longer`)
})

test('a cost report of a day of another zone, and every kind, is confirmed as it is', async () => {
  const desk = played()
  const zoned = await desk.make({ kind: 'cost', from: T0 + 2 * HOUR, through: T0 + DAY + 2 * HOUR, zone: 'America/New_York' })
  expect(await desk.verify(zoned.report)).toMatchObject({ verdict: 'good', differing: 0 })
  for (const kind of reportKinds) {
    const { report } = await desk.make({ kind, ...PERIOD })
    expect([kind, await desk.verify(report)]).toMatchObject([kind, { verdict: 'good', differing: 0 }])
  }
})

test('a change of the price sheet explains another cost', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'cost', ...PERIOD })
  expect(await desk.verify(report)).toMatchObject({ verdict: 'good' })
  desk.desk.clock.at += HOUR
  const sheet = await desk.callCosts('costs.sheet', {})
  await desk.callCosts('costs.setSheet', { ...sheet, valuePerThousandInferences: 12 })
  expect(await desk.verify(report)).toMatchObject({ verdict: 'outdated', moves: [{ kind: 'prices', note: '1 change of the price sheet' }] })
})

test('a word that was signed and that the store does not say is a difference', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD })
  const { document } = JSON.parse((await desk.file(report, 'json')).toString('utf8')) as SignedReport
  const foreign = signReport(desk.desk.parts.keyring, report, { ...document, sentence: 'Everything is fine.' })
  const found = await desk.verify(writeSigned(foreign))
  expect(found).toMatchObject({ verdict: 'differs', signer: 'ours', isWhole: true, differing: 1 })
  expect(found.differences[0]).toMatchObject({ place: 'sentence', reported: 'Everything is fine.', now: document.sentence })
})

test('a file that is no report is refused unread, however large', async () => {
  const desk = played()
  const path = join(desk.directory, 'large')
  writeFileSync(path, '{')
  truncateSync(path, 65 * 1024 ** 2)
  const verify = async (): Promise<unknown> => {
    const { ticket } = await desk.call('reports.beginUpload', { fileName: 'large.json', sizeBytes: 65 * 1024 ** 2 })
    await desk.desk.uploads.receive(ticket, createReadStream(path) as unknown as IncomingMessage)
    return desk.ended((await desk.call('reports.verify', { upload: ticket })).job)
  }
  await expect(verify()).rejects.toThrow('report.invalid: This is no report: JSON of a report has at most 64 MB.')
})

test('a changed file is found: the document, the signature, and a format without one of its own', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD, formats: ['html'] })
  const json = (await desk.file(report, 'json')).toString('utf8')
  const changed = json.replace('"label":"Requests","unit":"count","value":100', '"label":"Requests","unit":"count","value":900')
  expect(changed).not.toBe(json)
  expect(await desk.verify(Buffer.from(changed))).toMatchObject({
    isGood: false,
    verdict: 'changed',
    signer: 'ours',
    isWhole: false,
    compared: 0,
  })
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
    ...{ verdict: 'other-console', isCurrentKey: false },
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
