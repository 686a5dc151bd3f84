import { expect, test } from 'vitest'
import { reportTemplates } from '../../../../../shared/domain/report/kinds.ts'
import { enrolled } from '../../../../harness/fleet.ts'
import { openPlayedReports } from '../../../../harness/report-desk.ts'

const subject = { kind: 'fleet' as const, query: 'site = "lyon"', model: null, rollout: null }

test('a template is kept under its name with who saved it, changed, and removed', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1', { site: 'lyon' })
  const kept = await desk.call('reports.setTemplate', { name: 'lyon-week', subject, days: 7, summary: 'For Mondays' })
  expect(kept).toEqual({ name: 'lyon-week', subject, days: 7, summary: 'For Mondays', setAt: desk.desk.clock.at, setBy: 'kim' })
  await desk.call('reports.setTemplate', { name: 'a-quarter', subject, days: 90 })
  await desk.call('reports.setTemplate', { name: 'lyon-week', subject, days: 14, summary: 'For every second Monday' })
  const own = async () => (await desk.call('reports.templates', {})).templates.filter(({ setBy }) => setBy !== null)
  expect((await own()).map(({ name, days }) => [name, days])).toEqual([
    ['a-quarter', 90],
    ['lyon-week', 14],
  ])
  expect((await desk.call('reports.templates', {})).templates.length).toBe(reportTemplates.length + 2)
  await desk.call('reports.removeTemplate', { name: 'lyon-week' })
  expect((await own()).map(({ name }) => name)).toEqual(['a-quarter'])
})

test('what comes with Muster stays, and what cannot be read or is not there is refused', async () => {
  const desk = openPlayedReports()
  const [first] = reportTemplates
  await expect(desk.call('reports.setTemplate', { name: first!.name, subject: first!.subject, days: 1 })).rejects.toThrow(
    'comes with Muster',
  )
  await expect(desk.call('reports.removeTemplate', { name: first!.name })).rejects.toThrow('comes with Muster and stays')
  await expect(desk.call('reports.removeTemplate', { name: 'nobody' })).rejects.toMatchObject({ code: 'report.template-not-found' })
  const unknown = { ...subject, query: 'sight = 1' }
  await expect(desk.call('reports.setTemplate', { name: 'x', subject: unknown, days: 1 })).rejects.toMatchObject({
    code: 'query.unknown-attribute',
  })
  expect((await desk.call('reports.templates', {})).templates.length).toBe(reportTemplates.length)
})

test('a report that is being made names its job, and a made one has none', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  const through = Math.floor(desk.desk.clock.at / 86_400_000) * 86_400_000
  const { report, job } = await desk.call('reports.create', { kind: 'fleet', from: through - 86_400_000, through })
  expect(await desk.call('reports.show', { report })).toMatchObject({ state: 'making', job })
  await desk.ended(job)
  expect(await desk.call('reports.show', { report })).toMatchObject({ state: 'made', job: null })
})
