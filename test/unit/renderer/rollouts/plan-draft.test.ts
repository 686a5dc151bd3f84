import { describe, expect, test } from 'vitest'
import {
  copyOf,
  deploymentOf,
  freshDraft,
  isSameDraft,
  isWithin,
  pathText,
  planOf,
} from '../../../../renderer/screens/rollouts/wizard/plan/plan-draft.ts'
import { rolloutPlan } from '../../../../shared/domain/rollout/plan.ts'

const first = { model: 'digits', version: '1.1.0', deployment: '', query: '' }

describe('a plan while it is written', () => {
  test('is a whole plan once its version is chosen, and the deployment is named like the model', () => {
    const { plan, findings } = planOf(freshDraft(first))
    expect(findings).toEqual([])
    expect(plan).toMatchObject({ model: 'digits', version: '1.1.0', deployment: 'digits', method: 'replace', query: '' })
    expect(plan?.waves.map(({ size }) => size)).toEqual([{ kind: 'percent', percent: 10 }, { kind: 'rest' }])
  })

  test('says what is missing at its place', () => {
    expect(planOf(freshDraft({ ...first, model: '', version: '' }))).toEqual({
      plan: null,
      findings: [{ severity: 'error', path: 'version', message: 'Choose the version that is to be rolled out.' }],
    })
    const bad = planOf({ ...freshDraft(first), deployment: 'Not a name' })
    expect(bad.plan).toBeNull()
    expect(bad.findings).toMatchObject([{ severity: 'error', path: 'deployment' }])
    const noQuery = planOf({ ...freshDraft(first), waves: [{ ...freshDraft(first).waves[0]!, size: { kind: 'percent', percent: 0 } }] })
    expect(noQuery.findings).toMatchObject([{ path: 'waves[0].size.percent' }])
  })

  test('is the same whether the deployment is written or follows from the model', () => {
    const draft = freshDraft(first)
    expect(isSameDraft(draft, { ...draft, deployment: 'digits' })).toBe(true)
    expect(isSameDraft(draft, { ...draft, deployment: 'other' })).toBe(false)
    expect(deploymentOf({ model: 'Quality Check', deployment: '' })).toBe('quality-check')
    expect(deploymentOf({ model: '', deployment: '' })).toBe('')
  })

  test('that is copied begins when it is started, under a name of its own', () => {
    const plan = rolloutPlan.parse({ ...first, deployment: 'digits', name: 'June', note: 'Why', windows: { startAt: 5 }, priority: 3 })
    expect(copyOf(plan)).toMatchObject({ name: '', note: '', windows: { startAt: null }, priority: 3, version: '1.1.0' })
  })
})

test('places are written and compared as findings name them', () => {
  expect(pathText(['waves', 1, 'size', 'percent'])).toBe('waves[1].size.percent')
  expect(pathText([])).toBe('')
  expect([isWithin('waves[1].size', 'waves'), isWithin('waves[1].size', 'waves[1]'), isWithin('waves[10].size', 'waves[1]')]).toEqual([
    true,
    true,
    false,
  ])
  expect([isWithin('judge', 'judge'), isWithin('judgement', 'judge')]).toEqual([true, false])
})
