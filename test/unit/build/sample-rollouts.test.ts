import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rolloutTemplate } from '../../../electron/core/cli/rollout-template.ts'
import { checkRollout } from '../../../electron/core/rollout/planning/check.ts'
import { planRollout } from '../../../electron/core/rollout/planning/dry-run.ts'
import { rolloutPlan } from '../../../shared/domain/rollout/plan.ts'
import { enrolMany, openPlanningDesk, type PlanningDesk } from '../../harness/planning-desk.ts'

const FOLDER = 'build/samples/rollouts'
const files = readdirSync(FOLDER)

async function fleet(): Promise<PlanningDesk> {
  const made = openPlanningDesk()
  await made.desk.importSample('digits', '1.0.0')
  await made.desk.importSample('digits', '1.1.0')
  enrolMany(made.desk, 20)
  await made.desk.call('deployments.apply', { query: '', model: 'digits', version: '1.0.0' })
  return made
}

describe('rollout files that come along', () => {
  it('are there for a canary, an A/B test and a shadow', () =>
    expect(files.toSorted()).toEqual(['ab-test.yaml', 'canary.yaml', 'shadow.yaml']))

  it('can be started as they are, and say what they mean', async () => {
    const { parts } = await fleet()
    for (const file of files) {
      const text = readFileSync(`${FOLDER}/${file}`, 'utf8')
      const { isValid, findings, plan } = checkRollout(parts, { text })
      const bad = findings.filter(({ code }) => code !== 'wave.no-rest')
      expect({ file, isValid, bad }).toEqual({ file, isValid: true, bad: [] })
      const planned = planRollout(parts, { plan: rolloutPlan.parse(plan), limit: 0 })
      expect(planned.waves.map(({ devices }) => devices)).toEqual(
        { 'canary.yaml': [1, 1, 8, 10], 'ab-test.yaml': [5, 5], 'shadow.yaml': [2, 18] }[file],
      )
    }
  }, 60_000)

  it('the one that `muster rollouts init` writes, too, also where what is commented out counts', async () => {
    const { parts } = await fleet()
    expect(checkRollout(parts, { text: rolloutTemplate })).toMatchObject({ isValid: true, findings: [] })
    const whole = rolloutTemplate.split('\n').map(uncommented).join('\n')
    const checked = checkRollout(parts, { text: whole })
    expect(checked.findings.filter(({ code }) => code.startsWith('file.'))).toEqual([])
    expect(checked.plan).toMatchObject({
      priority: 0,
      pacing: { maxInFlight: 50 },
      windows: { download: { minutes: 240 } },
      budget: { money: 20 },
    })
    expect(checked.plan?.waves?.[0]).toMatchObject({ stratify: ['site', 'arch'], gate: { afterSeconds: 1800, byPerson: true } })
  }, 60_000)
})

/** A line without its comment sign, if what it hides is a part of a plan. */
function uncommented(line: string): string {
  const top = /^# (\w+):/.exec(line)
  if (top !== null) return Object.hasOwn(rolloutPlan.shape, top[1]!) ? line.slice(2) : line
  return line.replace(/^# {3}(?=\w+:|- )/, '  ').replace(/^( {4,})# (?=\w+:)/, '$1')
}
