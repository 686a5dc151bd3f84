import { describe, expect, it } from 'vitest'
import { checkRollout } from '../../../../../../electron/core/rollout/planning/check.ts'
import { planRollout } from '../../../../../../electron/core/rollout/planning/dry-run.ts'
import type { PlanningParts } from '../../../../../../electron/core/rollout/planning/parts.ts'
import { rolloutPlan, type RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import { rolloutsMethods } from '../../../../../../shared/rpc/contract/rollouts.ts'
import { digitsPlan, enrolMany, openPlanningDesk } from '../../../../../harness/planning-desk.ts'

/** Four devices that run digits 1.0.0, and digits 1.1.0 to release. */
async function openParts(): Promise<PlanningParts> {
  const made = openPlanningDesk()
  await made.desk.importSample('digits', '1.0.0')
  await made.desk.importSample('digits', '1.1.0')
  enrolMany(made.desk, 4)
  await made.desk.call('deployments.apply', { query: '', model: 'digits', version: '1.0.0' })
  return made.parts
}

const found = (parts: PlanningParts, change: Partial<RolloutPlanInput>): string[] =>
  checkRollout(parts, { plan: rolloutPlan.parse({ ...sound, ...change }) }).findings.map(
    ({ severity, code, path }) => `${severity} ${code} ${path}`,
  )

const rest = { size: { kind: 'rest' as const } }
const wave = (size: RolloutPlanInput['waves'] extends (infer One)[] | undefined ? One : never) => size
const canary = (devices: number) => wave({ size: { kind: 'count', devices } })
const percent = (share: number) => wave({ size: { kind: 'percent', percent: share } })
const sound: RolloutPlanInput = { deployment: 'digits', model: 'digits', version: '1.1.0', waves: [canary(1), rest] }

/** Every number of a plan, by its path, and every text. */
const numbers = [
  ...['priority', 'percent', 'cpuShare', 'disagreementsPerWindow', 'waves.0.size.devices', 'waves.0.gate.leastReached'],
  ...['waves.0.gate.success', 'waves.0.gate.afterSeconds', 'waves.0.gate.patienceSeconds', 'pacing.maxInFlight', 'pacing.perMinute.base'],
  ...['pacing.perMinute.factor', 'pacing.perMinute.every', 'pacing.perMinute.max', 'pacing.perGroup.atOnce', 'pacing.bytesPerSecond'],
  ...['windows.startAt', 'windows.download.minutes', 'abort.0.share', 'abort.0.least', 'unreachable.afterSeconds', 'unreachable.share'],
  ...['unreachable.least', 'timeouts.offered', 'timeouts.probing', 'retry.attempts', 'retry.backoffSeconds', 'retry.factor'],
  ...['retry.penaltyFailures', 'retry.penaltySeconds', 'judge.alpha', 'judge.leastRequests', 'judge.errors.margin', 'budget.bytes'],
  ...['budget.money', 'probation.inferences', 'serving.deadlineMs'],
]

/** A plan in which every field is named. */
const named = (): object => ({
  ...rolloutPlan.parse(sound),
  waves: [{ ...canary(1), gate: { patienceSeconds: 60 } }, rest],
  pacing: { perMinute: { base: 1 }, perGroup: {}, maxInFlight: 1, bytesPerSecond: 1 },
  windows: { download: { cron: '0 2 * * *', minutes: 60 } },
  ...{ probation: { inferences: 1 }, serving: { deadlineMs: 100 } },
})

/** The plan with another value at a path. */
function changed(path: string, value: unknown): unknown {
  const plan = structuredClone(named())
  const names = path.split('.')
  let at = plan as Record<string, unknown>
  for (const name of names.slice(0, -1)) at = at[name] as Record<string, unknown>
  at[names.at(-1)!] = value
  return plan
}

describe('a number of a plan', () => {
  it.each(numbers)('%s is refused at its place if it is none, or beyond what can be', (path) => {
    expect(rolloutPlan.safeParse(named()).success).toBe(true)
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -1e-9, '5', [5], true, {}]) {
      const { error } = rolloutPlan.safeParse(changed(path, value))
      expect({ value, paths: error?.issues.map((issue) => issue.path.join('.')) }).toEqual({ value, paths: [path] })
    }
  })

  it('at its ends is kept as it is, and neither the check nor the dry run fails', async () => {
    const parts = await openParts()
    const ends = [0, 5e-324, 1, 1e6, Number.MAX_SAFE_INTEGER, 8_640_000_000_000_000, 1e300]
    const wrong: object[] = []
    for (const [path, value] of numbers.flatMap((name) => ends.map((end) => [name, end] as const))) {
      const { data: plan } = rolloutPlan.safeParse(changed(path, value))
      if (plan === undefined) continue
      const kept = path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], plan)
      const checked = rolloutsMethods['rollouts.check'].output.safeParse(checkRollout(parts, { plan }))
      const made = rolloutsMethods['rollouts.plan'].output.safeParse(planRollout(parts, { plan, limit: 10 }))
      const issues = [checked.error, made.error].flatMap((error) => error?.issues ?? []).map((issue) => issue.path.join('.'))
      if (kept !== value || issues.length > 0) wrong.push({ path, value, kept, issues })
    }
    expect(wrong).toEqual([])
  }, 60_000)
})

describe('a careless or hostile plan', () => {
  const cases: [string, Partial<RolloutPlanInput>, string][] = [
    ['two rests', { waves: [rest, rest] }, 'error wave.empty waves[1].size'],
    ['a wave after the rest', { waves: [rest, canary(1)] }, 'error wave.empty waves[1].size'],
    ['a query after the rest', { waves: [rest, { size: { kind: 'query', query: 'id = x' } }] }, 'error wave.empty waves[1].size'],
    ['more than all in sum', { waves: [percent(60), percent(100), percent(60)] }, 'error wave.empty waves[2].size'],
    ['the same percent twice', { waves: [percent(60), percent(60), rest] }, 'error wave.empty waves[1].size'],
    ['devices after all', { waves: [canary(1), percent(100), canary(5)] }, 'error wave.empty waves[2].size'],
    ['a rate above its top', { pacing: { perMinute: { base: 50, max: 10 } } }, 'warning pacing.base-above-max pacing.perMinute.base'],
    ['a rule that never holds', { abort: [{ share: 1 }] }, 'warning abort.never abort[0].share'],
    ['an escape in the name', { name: 'calm\u001b[31m' }, 'error text.unseen name'],
    ['a line in the name', { name: 'calm\nall devices passed' }, 'error text.unseen name'],
    ['a name that reads backwards', { name: 'calm \u202egnp.exe' }, 'error text.unseen name'],
    ['a name of blanks', { name: ' \u00a0 ' }, 'error text.blank name'],
    ['a blank name of a wave', { waves: [{ ...canary(1), name: '  ' }, rest] }, 'error text.blank waves[0].name'],
    ['half a letter', { name: 'calm \ud800' }, 'error text.unseen name'],
    ['a null in the name of a wave', { waves: [{ ...canary(1), name: 'a\u0000b' }, rest] }, 'error text.unseen waves[0].name'],
    ['an escape in the note', { note: 'one\ntwo\t\u001b]0;x\u0007' }, 'error text.unseen note'],
    [
      'an attribute without a name',
      { waves: [{ ...canary(1), stratify: [''] }, rest] },
      'error query.unknown-attribute waves[0].stratify[0]',
    ],
    [
      'an attribute twice',
      { waves: [{ ...canary(1), stratify: ['site', 'site'] }, rest] },
      'warning wave.stratify-twice waves[0].stratify[1]',
    ],
    ['a group without a name', { pacing: { perGroup: { attribute: '' } } }, 'error query.unknown-attribute pacing.perGroup.attribute'],
    ['no model', { model: '' }, 'error model.not-found version'],
    ['no version', { version: '' }, 'error model.not-found version'],
    ['a prototype', { model: '__proto__' }, 'error model.not-found version'],
    ['an endless query', { query: '('.repeat(4000) }, 'error query.syntax query'],
    ['a query of nots', { query: 'not '.repeat(1000) }, 'error query.syntax query'],
    ['an empty zone', { windows: { download: { cron: '0 2 * * *', minutes: 1, timeZone: '' } } }, 'error rollout.invalid windows.download'],
    ['an empty cron', { windows: { activation: { cron: '', minutes: 1 } } }, 'error rollout.invalid windows.activation'],
    ['a cron of marks', { windows: { activation: { cron: '*/0 \u001b * * *', minutes: 1 } } }, 'error rollout.invalid windows.activation'],
  ]

  it('is told where it is wrong', async () => {
    const parts = await openParts()
    const missed = cases.flatMap(([what, change, finding]) => {
      const all = found(parts, change)
      return all.includes(finding) ? [] : [{ what, finding, all }]
    })
    expect(missed).toEqual([])
  }, 60_000)

  it('takes fifty waves and no more, and says of many at once where they are empty', async () => {
    const parts = await openParts()
    const waves = Array.from({ length: 50 }, (_, n) => percent((n + 1) * 2))
    expect(found(parts, { waves }).filter((one) => one.startsWith('error'))).toEqual([])
    expect(
      found(parts, { waves: Array.from({ length: 50 }, () => rest) }).filter((one) => one.startsWith('error wave.empty')),
    ).toHaveLength(49)
    const issues = rolloutPlan.safeParse({ ...sound, waves: [...waves, rest] }).error?.issues.map(({ path }) => path.join('.'))
    expect(issues).toEqual(['waves'])
    expect(rolloutPlan.safeParse({ ...sound, waves: [] }).error?.issues[0]?.path).toEqual(['waves'])
  })

  it('takes letters of all scripts, and lines in a note', async () => {
    const parts = await openParts()
    const words = { name: 'Größe 测试 עברית 👩‍🔧', note: 'one\r\ntwo\tthree' }
    expect(found(parts, words).filter((one) => one.startsWith('error'))).toEqual([])
    expect(digitsPlan(words)).toMatchObject(words)
  })

  it.each([
    ['a field that no plan has', { waves: [{ ...canary(1), gate: { sucess: 1 } }, rest] }, 'waves.0.gate'],
    ['a size of two kinds', { waves: [{ size: { kind: 'rest', percent: 5 } }] }, 'waves.0.size'],
    ['more than 100 %', { waves: [percent(100.1)] }, 'waves.0.size.percent'],
    ['nothing', { waves: [percent(0)] }, 'waves.0.size.percent'],
    ['half a device', { waves: [canary(0.5)] }, 'waves.0.size.devices'],
    ['a long name', { name: 'x'.repeat(121) }, 'name'],
    ['a long note', { note: 'x'.repeat(2001) }, 'note'],
    ['a name for a deployment that is none', { deployment: 'Digits one' }, 'deployment'],
  ])('is refused at its place: %s', (_, change, path) => {
    const { error } = rolloutPlan.safeParse({ ...sound, ...change })
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path])
  })
})
