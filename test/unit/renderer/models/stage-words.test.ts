import { describe, expect, test } from 'vitest'
import { gateWords, stepsOf } from '../../../../renderer/screens/models/approval/stage-words.ts'
import type { VersionStage } from '../../../../shared/domain/version-stage.ts'

const decision = (from: VersionStage, to: VersionStage) => ({
  ...{ at: 1, by: 'cli:anna', act: 'approve' as const, from, to, why: '', isDespiteGates: false },
})
const steps = (stage: VersionStage, decisions: ReturnType<typeof decision>[] = [], isApproved = false) =>
  stepsOf({ stage, decisions, isApproved }).map((one) => `${one.stage} ${one.place}`)

describe('the stages as steps', () => {
  test('what is behind, where it is, what may come', () => {
    expect(steps('draft')).toEqual(['draft now', 'evaluated after', 'approved after', 'released after'])
    expect(steps('approved', [decision('evaluated', 'approved')], true)).toEqual([
      'draft before',
      'evaluated before',
      'approved now',
      'released after',
    ])
  })

  test('a stage that it never was in is skipped, not done', () => {
    expect(steps('released', [decision('draft', 'released')])).toEqual([
      'draft before',
      'evaluated skipped',
      'approved skipped',
      'released now',
    ])
    expect(steps('released', [decision('released', 'released')], true)).toContain('approved before')
  })

  test('a withdrawn version shows what it had been', () => {
    expect(steps('withdrawn', [decision('evaluated', 'withdrawn')])).toEqual(['draft before', 'evaluated before', 'withdrawn now'])
  })
})

test('gates in words', () => {
  expect(gateWords({ metric: 'accuracy', kind: 'at-least', value: 0.9 })).toMatch(/^Accuracy at least .*9/i)
  expect(gateWords({ metric: 'accuracy', kind: 'not-worse', value: 0.02 })).toMatch(/^Accuracy not worse by more than 0\.02$/i)
})
