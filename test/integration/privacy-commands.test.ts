import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { addPrivacyCommands } from '../../electron/core/cli/privacy-commands.ts'
import { reportKinds } from '../../shared/domain/privacy/report.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { runCommand, type Ran } from '../harness/command-line.ts'

let directory: string
let host: LocalConsole
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-privacy-'))
  host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'plant', '--log-level', 'error'])
})
afterAll(async () => {
  await host?.crash()
  rmSync(directory, { recursive: true, force: true })
})

const muster = (...args: string[]): Promise<Ran> => runCommand(addPrivacyCommands, ['--data', host.data, 'privacy', ...args])

test('fields are marked, listed and taken back; what leaves a device all the same needs a reason', async () => {
  expect((await muster()).out).toContain('No field is marked. Mark one: muster privacy mark FIELD')
  expect(await muster('subject', 'ada')).toMatchObject({ exit: 4, err: expect.stringContaining('privacy.not-found') })
  expect((await muster('mark', 'age')).out).toContain('age is marked: nothing of it leaves the device.')
  expect(await muster('mark', 'town', '--mask', 'sometimes')).toMatchObject({
    exit: 2,
    err: expect.stringContaining("'sometimes' is none of"),
  })
  expect(await muster('mark', 'town', '--mask', 'none')).toMatchObject({ exit: 3, err: expect.stringContaining('privacy.reason') })
  expect((await muster('mark', 'town', '--mask', 'none', '--reason', 'a town is no person')).exit).toBe(0)
  expect((await muster('fields', '--json')).json()).toMatchObject({
    fields: [
      { field: 'age', mask: 'drop' },
      { field: 'town', mask: 'none', reason: 'a town is no person' },
    ],
    samplesOn: false,
  })
  expect((await muster('unmark', 'town', '--reason', 'a mistake')).out).toContain('town is not marked any more')
  expect(await muster('unmark', 'town', '--reason', 'a mistake')).toMatchObject({
    exit: 4,
    err: expect.stringContaining('privacy.not-found'),
  })
})

test('a person is erased only with --yes; what is pending is shown', async () => {
  expect((await muster('mark', 'patient', '--subject')).exit).toBe(0)
  const dry = await muster('erase', 'patient-7', '--reason', 'asked for it')
  expect([dry.exit, dry.out]).toEqual([0, expect.stringContaining('Nothing was changed.')])
  expect((await muster('pending')).out).toContain('Nobody was erased.')
  expect((await muster('erase', 'patient-7', '--reason', 'asked for it', '--yes', '--json')).json()).toMatchObject({
    isDone: true,
    devices: 0,
  })
  expect(await muster('erase', 'patient-7', '--reason', 'asked for it', '--yes')).toMatchObject({
    err: expect.stringContaining('privacy.known'),
  })
  expect((await muster('pending', '--json')).json()).toMatchObject({ erasures: [{ reason: 'asked for it', pending: [] }] })
  expect((await muster('pending')).out).not.toContain('patient-7')
  await expect.poll(async () => (await muster('retry', '--json')).json(), { timeout: 60_000 }).toEqual({ left: 0 })
})

test('the record of processing says what is kept where, for how long and on which ground', async () => {
  const record = (await muster('record', '--json')).json() as OutputOf<'privacy.record'>
  expect(record).toMatchObject({ fleet: 'plant', samplesOn: false, erasures: { total: 1, done: 1, pendingDevices: 0 } })
  expect(record.fields.map(({ field, kind }) => `${field} ${kind}`)).toEqual(['age personal', 'patient subject'])
  // Reports hold names, reasons and ids, and outlive what they were made from.
  expect(record.rows.find(({ what }) => what.startsWith('Reports:'))).toMatchObject({ isPersonal: 'can be', rows: 0 })
  const { out, exit } = await muster('record')
  expect(exit).toBe(0)
  expect(record.rows.filter(({ what, kept }) => !out.includes(what) || !out.includes(kept))).toEqual([])
  expect(new Set(record.rows.map(({ what }) => what)).size).toBe(record.rows.length)
})

test.each(reportKinds)('the report %s is printed, and written as HTML or Markdown', async (kind) => {
  const printed = await muster('report', kind)
  expect([printed.exit, printed.out]).toEqual([0, expect.stringMatching(/^# /)])
  expect(printed.out).toContain('plant')
  expect(printed.out).toMatch(/\n## .+\n\n/)
  expect(printed.out).not.toContain('\\u000a')
  const [page, text] = [join(directory, `${kind}.html`), join(directory, `${kind}.md`)]
  expect((await muster('report', kind, '-o', page)).out).toContain(`The report was written to ${page}.`)
  expect((await muster('report', kind, '--output', text, '--json')).json()).toEqual({ kind, file: text })
  expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i)
  expect(readFileSync(text, 'utf8')).toMatch(/^# /)
  const nowhere = await muster('report', kind, '-o', join(directory, 'nowhere', 'report.md'))
  expect(nowhere).toMatchObject({ exit: 3, err: expect.stringContaining('cannot be written') })
})

test('an unknown report is refused by name', async () => {
  expect(await muster('report', 'iso')).toMatchObject({ exit: 2, err: expect.stringContaining("'iso' is none of gdpr, hipaa, ai-act") })
})
