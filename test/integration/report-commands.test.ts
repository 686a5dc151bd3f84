import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { addReportCommands } from '../../electron/core/cli/report-commands.ts'
import { reportFormats, reportKindReads, reportKinds } from '../../shared/domain/report/kinds.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { runCommand, type Ran } from '../harness/command-line.ts'
import { fillCostDays } from '../harness/cost-days.ts'

const DAY_MS = 86_400_000
const DEVICES = 6
const DAYS = 5
/** Entries of the ledger that the harness writes for a device and day. */
const ENTRIES = 4

let directory: string
let host: LocalConsole
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-reports-'))
  // All of it before today: costs are reported by whole days.
  fillCostDays(join(directory, 'console'), { devices: DEVICES, days: DAYS, now: Math.floor(Date.now() / DAY_MS) * DAY_MS - 3_600_000 })
  host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'error'])
})
afterAll(async () => {
  await host?.crash()
  rmSync(directory, { recursive: true, force: true })
})

const muster = (...args: string[]): Promise<Ran> => runCommand(addReportCommands, ['--data', host.data, 'report', ...args])

test('a report is made, listed, written in each format, and verified; what was changed is refused', { timeout: 180_000 }, async () => {
  expect((await muster('list')).out).toContain('There are no reports. Make one: muster report create fleet')
  const made = await muster('create', 'cost', '--since', '8d', '--format', 'html,json', '--zone', 'Europe/Paris')
  expect([made.exit, made.err]).toEqual([0, ''])
  expect(made.out).toContain('Report 1: Cost report')
  for (const format of reportFormats) {
    const file = join(directory, `report.${format}`)
    expect((await muster('open', '1', '--format', format, '--output', file, '--json')).json()).toMatchObject({ report: 1, format, file })
    const verified = await muster('verify', file)
    expect([format, verified.exit, verified.out]).toEqual([format, 0, expect.stringContaining('all of its')])
  }
  const { document } = JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8')) as {
    document: { sections: { blocks: { figures?: { id: string; value: number }[] }[] }[] }
  }
  const figures = document.sections[0]!.blocks.flatMap((block) => block.figures ?? [])
  const inferences = figures.find(({ id }) => id === 'inferences')!.value
  // 4,000 of each entry, and a hundred more for each device after the first.
  expect(inferences).toBe(DAYS * ENTRIES * (DEVICES * 4000 + (100 * DEVICES * (DEVICES - 1)) / 2))
  const changed = join(directory, 'changed.json')
  writeFileSync(changed, readFileSync(join(directory, 'report.json'), 'utf8').replace(`"value":${inferences}`, '"value":1'))
  expect(await muster('verify', changed)).toMatchObject({ exit: 3, out: expect.stringContaining('is not what was signed') })
  writeFileSync(changed, 'a page of something else')
  expect(await muster('verify', changed)).toMatchObject({ exit: 3, err: expect.stringContaining('report.invalid') })
  expect(await muster('verify', '1')).toMatchObject({
    exit: 0,
    out: expect.stringMatching(/read as +json[^]*signed by +this console, key/),
  })
  const rpc = host.rpc!
  await rpc.call('costs.setSheet', { ...(await rpc.call('costs.sheet', {})), valuePerThousandInferences: 9 })
  const outdated = await muster('verify', '1', '--json')
  expect([outdated.exit, outdated.json()]).toEqual([8, expect.objectContaining({ verdict: 'outdated', isGood: false })])
})

test('every kind can be made, of all devices and of some; mistakes are named', { timeout: 180_000 }, async () => {
  for (const kind of reportKinds) {
    const made = await muster('create', kind, '--since', '8d', '--json')
    expect([kind, made.exit]).toEqual([kind, 0])
    expect(made.json()).toMatchObject({ kind, state: 'made' })
    // Not every kind is about devices: what does not apply is refused, and not left out.
    const some = await muster('create', kind, '--since', '8d', '--query', 'site = "lyon"')
    expect([kind, some.exit]).toEqual([kind, reportKindReads[kind].includes('query') ? 0 : 3])
  }
  const output = join(directory, 'fleet.html')
  expect((await muster('create', '--template', 'weekly-fleet', '--output', output)).out).toContain(`It was written to ${output}`)
  expect(readFileSync(output, 'utf8')).toContain('<!doctype html>')
  expect(await muster('create', 'weather')).toMatchObject({ exit: 2, err: expect.stringContaining("'weather' is none of") })
  expect(await muster('create')).toMatchObject({ exit: 2, err: expect.stringContaining('Name a kind, or a template.') })
  expect(await muster('create', 'fleet', '--format', 'docx')).toMatchObject({ exit: 2 })
  expect(await muster('create', 'fleet', '--query', 'sight = 1')).toMatchObject({
    exit: 3,
    err: expect.stringContaining('query.unknown-attribute'),
  })
  expect(await muster('create', 'fleet', '--since', '1d', '--until', '2d')).toMatchObject({ exit: 3 })
  expect(await muster('create', 'model', '--model', 'digitz')).toMatchObject({ exit: 3, err: expect.stringContaining('no model') })
  expect(await muster('open', '99')).toMatchObject({ exit: 4, err: expect.stringContaining('report.not-found') })
  const { reports } = (await muster('list', '--json')).json() as OutputOf<'reports.list'>
  expect(reports.at(-1)).toMatchObject({ report: 1, kind: 'cost' })
  expect((await muster('remove', '1')).exit).toBe(0)
  expect(await muster('show', '1')).toMatchObject({ exit: 4 })
})

test('schedules are set, shown and ended; templates are listed', async () => {
  expect((await muster('schedule')).out).toContain('Nothing is made by itself.')
  expect(await muster('schedule', 'weekly', '--kind', 'fleet')).toMatchObject({ exit: 2, err: expect.stringContaining('--every') })
  expect(await muster('schedule', 'weekly', '--kind', 'fleet', '--every', 'weekly', '--zone', 'Moon/Crater')).toMatchObject({ exit: 3 })
  const kept = await muster('schedule', 'weekly', '--kind', 'fleet', '--every', 'weekly', '--zone', 'Europe/Paris', '--keep', '4')
  expect([kept.exit, kept.out]).toEqual([0, expect.stringContaining('The next is made 20')])
  expect((await muster('schedule', '--json')).json()).toMatchObject({
    schedules: [{ name: 'weekly', plan: { every: 'weekly', at: '06:00', keepCount: 4 }, reports: 0, failure: null }],
  })
  expect((await muster('schedule', 'weekly', '--remove')).exit).toBe(0)
  expect(await muster('schedule', 'weekly', '--remove')).toMatchObject({ exit: 4 })
  expect((await muster('templates', '--json')).json()).toMatchObject({
    templates: expect.arrayContaining([expect.objectContaining({ name: 'weekly-fleet' })]),
  })
  const saved = await muster('templates', 'lyon-cost', '--kind', 'cost', '--query', 'site = "lyon"', '--days', '3', '--summary', 'Lyon')
  expect([saved.exit, saved.out]).toEqual([0, expect.stringContaining('muster report create --template lyon-cost')])
  expect((await muster('templates')).out).toMatch(/lyon-cost +cost +site = "lyon" +3 /)
  const made = (await muster('create', '--template', 'lyon-cost', '--json')).json() as OutputOf<'reports.show'>
  expect(made).toMatchObject({ kind: 'cost', question: { query: 'site = "lyon"' } })
  expect((await muster('templates', 'lyon-cost', '--remove')).exit).toBe(0)
  expect(await muster('create', '--template', 'lyon-cost')).toMatchObject({
    exit: 2,
    err: expect.stringContaining("no template 'lyon-cost'"),
  })
  expect(await muster('templates', 'weekly-fleet', '--remove')).toMatchObject({ exit: 3 })
  expect((await muster('keep')).out).toContain('stay until somebody removes them')
  expect((await muster('keep', '400')).out).toContain('removed 400 days after')
  expect((await muster('keep', '--json')).json()).toEqual({ keepDays: 400 })
  expect((await muster('keep', 'all', '--json')).json()).toEqual({ keepDays: null })
})
