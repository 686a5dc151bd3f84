import { until } from '../../build/demo/child.ts'
import type { LocalConsole } from '../../build/demo/local-fleet.ts'
import type { InputOf } from '../../shared/rpc/contract.ts'

const DAY = 86_400_000
const whole = { query: '', model: null, rollout: null }

/** Has reports, schedules and a template made, as a fleet has after some weeks. @returns the number of the fleet's report */
export async function prepareReports(host: LocalConsole): Promise<number> {
  const through = Math.floor(Date.now() / DAY) * DAY
  const span = { from: through - 21 * DAY, through, zone: 'Europe/Paris' }
  await make(host, { kind: 'cost', ...span, formats: ['html', 'xlsx'] })
  await make(host, { kind: 'incident', ...span, query: 'site = lyon', formats: ['html'] })
  await make(host, { kind: 'model', ...span, formats: ['html', 'pdf', 'csv'] })
  const report = await make(host, { kind: 'fleet', ...span, formats: ['html', 'pdf'] })
  const plan = { at: '06:00', zone: 'Europe/Paris' }
  const rpc = host.rpc!
  await rpc.call('reports.setSchedule', {
    ...{ name: 'monday-mornings', subject: { kind: 'fleet', ...whole } },
    plan: { ...plan, every: 'weekly', formats: ['html', 'pdf'], keepCount: 52 },
  })
  await rpc.call('reports.setSchedule', {
    ...{ name: 'month-cost', subject: { kind: 'cost', ...whole, query: 'site = lyon' }, isOn: false },
    plan: { ...plan, every: 'monthly', formats: ['xlsx'], keepCount: 24, keepDays: 800 },
  })
  await rpc.call('reports.setTemplate', {
    ...{ name: 'lyon-week', subject: { kind: 'fleet', ...whole, query: 'site = lyon' }, days: 7 },
    summary: 'Lyon, for the meeting on Mondays',
  })
  return report
}

/** Makes a report to its end. @throws Error if it was not made */
export async function make(host: LocalConsole, input: InputOf<'reports.create'>): Promise<number> {
  const { report } = await host.rpc!.call('reports.create', input)
  await until('the report to be made', 60, async () => {
    const shown = await host.rpc!.call('reports.show', { report })
    if (shown.state === 'failed') throw new Error(shown.problem ?? 'the report failed')
    return shown.state === 'made'
  })
  return report
}
