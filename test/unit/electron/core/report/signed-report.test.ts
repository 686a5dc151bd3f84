import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writePointer } from '../../../../../electron/core/backup/pointer.ts'
import { keyIdOf } from '../../../../../electron/core/trust/keys.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, HOUR, openPlayedReports } from '../../../../harness/report-desk.ts'

const PERIOD = { from: T0, through: T0 + 2 * DAY, zone: 'UTC' }

function played() {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  desk.window('cam-1', T0 + HOUR, { requests: 100 })
  desk.window('cam-1', T0 + DAY + HOUR, { requests: 7 })
  desk.desk.clock.at = T0 + 3 * DAY
  const jsonOf = (report: number): string => join(desk.directory, 'reports', String(report), 'report.json')
  return { ...desk, jsonOf }
}

test('a page, or another document, in front of the signed one is not what was signed', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD })
  const json = (await desk.file(report, 'json')).toString('utf8')
  expect(await desk.verify(Buffer.from(json))).toMatchObject({ verdict: 'good', format: 'json' })
  // A browser shows the page; a reader of JSON takes the last field of a name.
  const page = `{"<!doctype html><p>Requests 999,999</p><!--":0,${json.slice(1)}`
  await expect(desk.verify(Buffer.from(page))).rejects.toThrow('report.invalid: This is no report: it holds fields that no report has')
  await expect(desk.verify(Buffer.from(json.replace('{', '{"totals":{"requests":999999},')))).rejects.toThrow('report.invalid')
  const twice = json.replace('{', `{"document":{"v":1,"title":"Requests 999,999"},`)
  const nested = json.replace('"payloadType"', '"payload":"","payloadType"')
  for (const text of [twice, nested, json.replace('{', '{ '), `${json} `, json.trimEnd()])
    expect(await desk.verify(Buffer.from(text))).toMatchObject({ verdict: 'changed', isGood: false, compared: 0 })
})

test('another format is written from the signed file only if it is the one that was made', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD, formats: ['html'] })
  const html = await desk.file(report, 'html')
  const good = readFileSync(desk.jsonOf(report), 'utf8')
  const changed = good.replace('"label":"Requests","unit":"count","value":107', '"label":"Requests","unit":"count","value":999999')
  expect(changed).not.toBe(good)
  writeFileSync(desk.jsonOf(report), changed)
  const write = async (): Promise<unknown> => desk.ended((await desk.call('reports.write', { report, format: 'markdown' })).job)
  await expect(write()).rejects.toThrow(`report.invalid: The signed file of report ${report} on the console is not the one that was made`)
  // The page itself is as it was written, but nothing that is signed stands behind it any more.
  for (const of of [report, html]) expect(await desk.verify(of)).toMatchObject({ report, verdict: 'changed', isWhole: false, compared: 0 })
  await expect(desk.file(report, 'json')).rejects.toThrow('is not the one that was written')
  writeFileSync(desk.jsonOf(report), good)
  await write()
  expect((await desk.file(report, 'markdown')).toString()).toContain('| Requests | 107 |')
  expect(await desk.verify(report)).toMatchObject({ verdict: 'good' })
})

test('the signed file of another report does not stand in for one', async () => {
  const desk = played()
  const first = await desk.make({ kind: 'fleet', from: T0, through: T0 + DAY, zone: 'UTC', formats: ['html'] })
  const second = await desk.make({ kind: 'fleet', from: T0 + DAY, through: T0 + 2 * DAY, zone: 'UTC' })
  writeFileSync(desk.jsonOf(first.report), readFileSync(desk.jsonOf(second.report)))
  for (const of of [first.report, await desk.file(first.report, 'html')])
    expect(await desk.verify(of)).toMatchObject({ verdict: 'changed', sentence: expect.stringContaining(`of report ${first.report}`) })
  await expect(desk.ended((await desk.call('reports.write', { report: first.report, format: 'csv' })).job)).rejects.toThrow(
    'report.invalid',
  )
  expect(await desk.verify(second.report)).toMatchObject({ verdict: 'good', report: second.report })
})

test('a report that a key of before signed is ours, and it is said', async () => {
  const desk = played()
  const { keyring } = desk.desk.parts
  const { report } = await desk.make({ kind: 'fleet', ...PERIOD })
  const before = keyring.onlinePublic('assignment').publicKey
  expect(await desk.verify(report)).toMatchObject({ isCurrentKey: true })
  writePointer(desk.directory, { folder: join(desk.directory, 'backups'), keys: [before] })
  keyring.prepare(['assignment'])
  keyring.adopt(['assignment'])
  expect(await desk.verify(report)).toMatchObject({
    ...{ verdict: 'good', signer: 'ours', isCurrentKey: false },
    keyId: keyIdOf(Buffer.from(before, 'base64')),
  })
})
