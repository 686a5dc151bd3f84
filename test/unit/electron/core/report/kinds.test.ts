import { expect, test } from 'vitest'
import type { ReportDocument, ReportFigure, ReportTable } from '../../../../../shared/domain/report/document.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, HOUR, openPlayedReports } from '../../../../harness/report-desk.ts'

const PERIOD = { from: T0, through: T0 + 4 * DAY, zone: 'UTC' }
const MINUTE = 60_000

function desk() {
  const played = openPlayedReports()
  enrolled(played.store, 'cam-1', { site: 'lyon', link: 'cellular' })
  enrolled(played.store, 'cam-2')
  played.desk.clock.at = T0 + 6 * DAY
  return played
}

async function made(played: ReturnType<typeof openPlayedReports>, input: Parameters<typeof played.make>[0]) {
  const { report, sentence } = await played.make(input)
  const { document } = JSON.parse((await played.file(report, 'json')).toString('utf8')) as { document: ReportDocument }
  const blocks = document.sections.flatMap((section) => section.blocks)
  const figures = new Map(
    blocks.flatMap((block) => (block.kind === 'figures' ? block.figures.map((one): [string, ReportFigure] => [one.id, one]) : [])),
  )
  const table = (section: string, id: string): ReportTable['rows'] => {
    const found = document.sections.find((one) => one.id === section)!.blocks
    return found.find((block): block is ReportTable => block.kind === 'table' && block.id === id)!.rows
  }
  return { report, sentence, document, value: (id: string) => figures.get(id)!.value, table }
}

test('cost and return, reckoned by hand', async () => {
  const played = desk()
  played.store.settings.set('priceSheet', {
    ...{ currency: 'EUR', defaultLink: 'ethernet', computePerHour: 0.5, storagePerGigabyteMonth: 0, monthlyBudget: null },
    ...{ valuePerThousandInferences: 2 },
    links: [
      { name: 'ethernet', pricePerGigabyte: 0, megabitsPerSecond: 100, quiet: [] },
      { name: 'cellular', pricePerGigabyte: 8, megabitsPerSecond: 4, quiet: [] },
    ],
  })
  played.costs.forget()
  played.ledger('cam-1', T0, T0 + HOUR, { bytesIn: { model: 500_000_000 }, inferences: 4000, cpuSeconds: 3600 })
  const { value, table, report } = await made(played, { kind: 'cost', ...PERIOD })
  // Half a gigabyte at 8, an hour at 0.5; four thousand answers at 2 a thousand.
  expect([value('transfer'), value('compute'), value('total'), value('value'), value('margin')]).toEqual([4, 0.5, 4.5, 8, 3.5])
  expect(value('return')).toBeCloseTo(8 / 4.5, 12)
  expect(value('per-thousand')).toBeCloseTo(1.125, 12)
  expect(table('link', 'rows')[0]!.slice(0, 3)).toEqual(['cellular', 1, 4])
  expect(table('prices', 'prices')).toContainEqual(['a gigabyte by cellular', 8])
  // Other prices are another report: the verification names the price itself.
  const sheet = played.costs.sheet()
  played.store.settings.set('priceSheet', { ...sheet, computePerHour: 1 })
  played.costs.forget()
  const found = await played.verify(report)
  expect(found.differences.map(({ place }) => place)).toContain('prices/prices/an hour of CPU/price')
})

test('without a value of an inference there is no return, and no zero', async () => {
  const played = desk()
  const { value } = await made(played, { kind: 'cost', ...PERIOD })
  expect([value('value'), value('margin'), value('return'), value('per-thousand')]).toEqual([null, null, null, null])
})

test('incidents: how long they lasted, who took care, as of the end of the period', async () => {
  const played = desk()
  const row = {
    ...{ rule: 'r', ruleName: 'Latency', severity: 'critical' as const, state: 'resolved' as const, group: 'g', sentence: 'Too slow.' },
    ...{ evidence: {} as never, lastSeenAt: T0, clearSince: null, blindSince: null, notBefore: 0, toldAt: null, silencedUntil: null },
    ...{ occurrences: 1, holdsReleases: false, runbook: null },
  }
  const subject = { device: 'cam-1', deployment: 'd', model: null, version: null, digest: null, feature: null }
  played.store.alerts.add({
    ...{ ...row, subjectKey: 'a', subject, startedAt: T0, firedAt: T0 + HOUR, resolvedAt: T0 + 2 * HOUR },
    acknowledged: { at: T0 + HOUR + 10 * MINUTE, by: 'kim', note: '' },
  })
  // It is over now, and was not yet when the period ended.
  played.store.alerts.add({
    ...{ ...row, severity: 'warning', subjectKey: 'b', subject: { ...subject, device: 'cam-2' } },
    ...{ startedAt: T0, firedAt: T0 + 3 * DAY, resolvedAt: T0 + 5 * DAY, acknowledged: null },
  })
  played.store.alerts.add({ ...row, subjectKey: 'c', subject, startedAt: T0, firedAt: T0 + 5 * DAY, resolvedAt: null, acknowledged: null })
  const all = await made(played, { kind: 'incident', ...PERIOD })
  expect([all.value('alerts'), all.value('critical'), all.value('open')]).toEqual([2, 1, 1])
  expect([all.value('repair'), all.value('response')]).toEqual([3600, 600])
  expect(all.value('in-alert')).toBe(25 * 3600)
  expect(all.table('alerts', 'alerts').map(([, , lasted]) => lasted)).toEqual([3600, null])
  const some = await made(played, { kind: 'incident', query: 'site = "lyon"', ...PERIOD })
  expect(some.value('alerts')).toBe(1)
})

test('a model report tells its versions apart', async () => {
  const played = desk()
  played.window('cam-1', T0 + HOUR, { requests: 100, latencyMs: 10 })
  played.window('cam-2', T0 + HOUR, { requests: 50, errors: 5, latencyMs: 20, place: { digest: 'b'.repeat(64), version: '1.1.0' } })
  const { table, document, sentence } = await made(played, { kind: 'model', ...PERIOD })
  expect(sentence).toBe('2 versions answered 150 requests on 2 devices.')
  expect(table('versions', 'versions').map((row) => [row[2], row[4], row[5]])).toEqual([
    ['1.0.0', 100, 0],
    ['1.1.0', 50, 0.1],
  ])
  expect(document.models.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0'])
  await expect(played.make({ kind: 'model', model: 'digitz', ...PERIOD })).rejects.toThrow("There is no model 'digitz'.")
})

test('rollouts as their log says them at the end of the period', async () => {
  const played = desk()
  const { rollouts, rolloutEvents } = played.store
  const id = rollouts.add({ createdAt: T0, createdBy: 'kim' })
  const shape = { id, name: 'Digits to all', deployment: 'quality-check', model: 'digits', version: '1.1.0', isComparison: false }
  rollouts.put({ ...shape, state: 'reverted', startedAt: T0 + HOUR, endedAt: T0 + 5 * DAY, summary: {} as never })
  const event = { rollout: id, actor: 'kim', wave: null, from: null, to: null, device: null, sentence: '', detail: {} }
  rolloutEvents.add({ ...event, at: T0 + HOUR, kind: 'start', to: 'running', sentence: 'Kim started it.' })
  for (const device of ['cam-1', 'cam-2']) rolloutEvents.add({ ...event, at: T0 + HOUR, kind: 'offer', device, to: 'offered' })
  rolloutEvents.add({ ...event, at: T0 + 2 * HOUR, kind: 'commit', device: 'cam-1', to: 'committed' })
  rolloutEvents.add({ ...event, at: T0 + 5 * DAY, kind: 'revert-all', to: 'reverted', sentence: 'Kim took it back.' })
  const { table, sentence, report } = await made(played, { kind: 'rollout', ...PERIOD })
  expect(sentence).toContain('1 rollout was under way')
  expect(table('rollouts', 'rollouts')[0]).toEqual([
    ...[id, 'Digits to all', 'quality-check', 'digits@1.1.0', 'running', T0 + HOUR, null],
    ...[2, 1, 0, 0, 0, 0, 0],
  ])
  expect(table('logs', `log-${id}`).map((row) => row[4])).toEqual(['Kim started it.'])
  expect(await played.verify(report)).toMatchObject({ isGood: true })
  await expect(played.make({ kind: 'rollout', rollout: 99, ...PERIOD })).rejects.toThrow('The rollout 99 had not begun')
})

test('compliance: decisions and entries of the period, and what was kept when it was made', async () => {
  const played = desk()
  // The decision alone matters here: the version need not be imported.
  played.store.db.pragma('foreign_keys = OFF')
  played.store.versionDecisions.add({
    ...{ model: 'digits', version: '1.0.0', at: T0 + HOUR, actor: 'kim', act: 'approve', from: 'evaluated', to: 'approved' },
    ...{ why: 'good enough', isDespiteGates: true, gates: '{}' },
  })
  played.store.audit.append({ at: T0 + HOUR, actor: 'kim', action: 'approvals.approve', detail: {}, devices: [] })
  const { value, table, report } = await made(played, { kind: 'compliance', ...PERIOD })
  expect([value('decisions'), value('despite'), value('backups'), value('verified')]).toEqual([1, 1, 4, 'yes, without a finding'])
  expect(table('audit', 'actions')).toContainEqual(['approvals.approve', 1, 1])
  const found = await played.verify(report)
  expect(found).toMatchObject({ isGood: true })
  // What was kept then is signed, and nothing can confirm it.
  expect(found.ofThen).toBeGreaterThan(5)
})

test('verdicts on drift stand in the report as monitoring gives them', async () => {
  const played = desk()
  played.window('cam-1', T0 + HOUR, { requests: 100 })
  const window = { level: 'alarm', effect: 0.5 }
  played.drift.features = [{ name: 'f1', role: 'feature', state: 'alarm', windows: [window, { ...window, level: 'none' }], last: window }]
  const { table } = await made(played, { kind: 'fleet', ...PERIOD })
  expect(table('drift', 'drift')).toEqual([['quality-check', 'digits@1.0.0', 'feature f1', 'alarm', 1, 0, 2, 0.5]])
})
