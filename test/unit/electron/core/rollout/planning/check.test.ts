import { describe, expect, it } from 'vitest'
import { checkPlan, checkRollout, isValid } from '../../../../../../electron/core/rollout/planning/check.ts'
import type { RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import { digitsPlan, enrolMany, openPlanningDesk, type PlanningDesk } from '../../../../../harness/planning-desk.ts'

const rest = { size: { kind: 'rest' as const } }
const canary = (devices: number) => ({ size: { kind: 'count' as const, devices } })
const percent = (share: number) => ({ size: { kind: 'percent' as const, percent: share } })

/** Twelve devices that run digits 1.0.0, and digits 1.1.0 to release. */
async function fleetOfTwelve(): Promise<PlanningDesk> {
  const made = openPlanningDesk()
  await made.desk.importSample('digits', '1.0.0')
  await made.desk.importSample('digits', '1.1.0')
  await made.desk.importSample('wine', '1.0.0')
  enrolMany(made.desk, 12)
  await made.desk.call('deployments.apply', { query: 'id != cam-00012', model: 'digits', version: '1.0.0' })
  return made
}

describe('the check of a plan', () => {
  it('finds what is wrong, each at its place', async () => {
    const { parts } = await fleetOfTwelve()
    const cases: { change: Partial<RolloutPlanInput>; finds: string }[] = [
      { change: { version: '1.1.1' }, finds: 'error model.not-found version' },
      { change: { query: 'sight = lyon' }, finds: 'error query.unknown-attribute query' },
      { change: { query: 'site = ' }, finds: 'error query.syntax query' },
      {
        change: { waves: [{ size: { kind: 'query', query: 'mem = many' } }, rest] },
        finds: 'error query.type waves[0].size.query',
      },
      { change: { waves: [{ ...canary(1), stratify: ['sight'] }, rest] }, finds: 'error query.unknown-attribute waves[0].stratify[0]' },
      { change: { pacing: { perGroup: { attribute: 'tag' } } }, finds: 'error query.unknown-attribute pacing.perGroup.attribute' },
      { change: { waves: [rest, canary(1)] }, finds: 'error wave.empty waves[1].size' },
      { change: { waves: [percent(50), percent(10), rest] }, finds: 'error wave.empty waves[1].size' },
      { change: { waves: [canary(1), percent(50)] }, finds: 'warning wave.no-rest waves' },
      { change: { waves: [canary(12), rest] }, finds: 'warning wave.empty-now waves[1].size' },
      { change: {}, finds: 'warning wave.no-canary waves' },
      { change: { waves: [{ ...canary(2), gate: { leastReached: 3 } }, rest] }, finds: 'error gate.impossible waves[0].gate.leastReached' },
      {
        change: { waves: [{ ...percent(25), gate: { leastReached: 4 } }, rest] },
        finds: 'error gate.impossible waves[0].gate.leastReached',
      },
      {
        change: { judge: { errors: { role: 'off' }, latency: { role: 'guard' } } },
        finds: 'warning gate.nothing-judged judge',
      },
      { change: { isComparison: true }, finds: 'error comparison.method isComparison' },
      { change: { isComparison: true, method: 'stage' }, finds: 'error comparison.method isComparison' },
      { change: { abort: [] }, finds: 'warning abort.none abort' },
      { change: { windows: { download: { cron: '0 2 * *', minutes: 60 } } }, finds: 'error rollout.invalid windows.download' },
      {
        change: { windows: { activation: { cron: '0 2 * * *', minutes: 60, timeZone: 'Mars/Base' } } },
        finds: 'error rollout.invalid windows.activation',
      },
      { change: { windows: { download: { cron: '0 2 30 2 *', minutes: 60 } } }, finds: 'error window.never windows.download.cron' },
      { change: { windows: { startAt: 1 } }, finds: 'info start.past windows.startAt' },
      { change: { budget: { bytes: 10 } }, finds: 'error budget.below-one-device budget.bytes' },
      { change: { budget: { bytes: 100_000 } }, finds: 'warning budget.too-small budget.bytes' },
      { change: { method: 'shadow' }, finds: 'warning device.no-active method' },
      { change: { method: 'shadow', query: 'id = cam-00012' }, finds: 'error device.no-active method' },
      { change: { method: 'split', version: '1.0.0' }, finds: 'warning device.is-active method' },
      { change: { method: 'shadow', model: 'wine', version: '1.0.0' }, finds: 'warning device.other-inputs method' },
      { change: { query: 'site = nowhere' }, finds: 'warning device.none-match query' },
      { change: { deployment: 'other' }, finds: 'warning deployment.new deployment' },
      { change: { whenDone: { alias: 'v1' } }, finds: 'warning wave.no-canary waves' },
    ]
    const missed: object[] = []
    for (const { change, finds } of cases) {
      const found = checkPlan(parts, digitsPlan(change), null).findings.map(({ severity, code, path }) => `${severity} ${code} ${path}`)
      missed.push(...(found.includes(finds) ? [] : [{ change, finds, found }]))
    }
    expect(missed).toEqual([])
  }, 60_000)

  it('has nothing to say of a sound plan', async () => {
    const { parts } = await fleetOfTwelve()
    const plan = digitsPlan({ query: 'id != cam-00012', waves: [canary(1), percent(50), rest] })
    expect(checkPlan(parts, plan, null).findings).toEqual([])
  }, 60_000)

  it('tells of approval, aliases, alerts and other rollouts', async () => {
    const { desk, parts, underWay } = await fleetOfTwelve()
    const found = (change: Partial<RolloutPlanInput>): string[] =>
      checkPlan(parts, digitsPlan({ waves: [canary(1), rest], ...change }), null).findings.map(({ code, message }) => `${code}: ${message}`)
    await desk.call('models.setAlias', { model: 'digits', alias: 'staging', version: '1.1.0' })
    expect(found({ version: 'staging' }).join('\n')).toContain('version.alias: staging stands for 1.1.0 now')
    await desk.call('approvals.setPolicy', { isRequired: true })
    expect(found({}).join('\n')).toContain('approval.required: ')
    await desk.call('approvals.withdraw', { model: 'digits', version: '1.1.0', why: 'too slow' })
    expect(found({}).join('\n')).toContain('approval.withdrawn: ')
    const other = (priority: number, query: string) => ({
      id: 9,
      state: 'running' as const,
      plan: digitsPlan({ name: 'Nightly', priority, query }),
    })
    const overlap = (): string | undefined => found({ priority: 5 }).find((one) => one.startsWith('rollout.'))
    underWay.push(other(5, 'site = site-1'))
    expect(overlap()).toBe(
      'rollout.overlap: Rollout 9 (Nightly) has 3 devices of this target and the same priority, 5: give one of the two a higher one.',
    )
    underWay[0] = other(4, 'site = site-1')
    expect(overlap()).toContain('this one outranks it')
    underWay[0] = other(6, '')
    expect(overlap()).toContain('12 devices of this target and outranks this one')
    underWay[0] = { ...other(5, ''), plan: digitsPlan({ deployment: 'elsewhere', priority: 5 }) }
    expect(overlap()).toBeUndefined()
    underWay[0] = other(5, 'site = nowhere')
    expect(overlap()).toBeUndefined()
  }, 60_000)

  it('names the line of a file, and gives the plan with its defaults back as a file', async () => {
    const { parts } = await fleetOfTwelve()
    const bad = checkRollout(parts, { text: 'deployment: digits\nmodel: digits\nversion: 1.1.0\nwaves:\n  - rest\n  - 1\n' })
    expect(bad.isValid).toBe(false)
    expect(bad.findings[0]).toMatchObject({ severity: 'error', code: 'wave.empty', path: 'waves[1].size' })
    expect(bad.findings[0]!.message).toContain('(line 6)')
    const good = checkRollout(parts, { text: 'deployment: digits\nmodel: digits\nversion: 1.1.0\nwaves: [1, rest]' })
    expect([good.isValid, isValid(good.findings), good.plan?.retry?.attempts]).toEqual([true, true, 2])
    expect(checkRollout(parts, { text: good.text! })).toEqual(good)
    expect(checkRollout(parts, { text: 'x' })).toMatchObject({ isValid: false, plan: null, text: null })
  }, 60_000)
})
