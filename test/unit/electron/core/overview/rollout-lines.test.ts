import { describe, expect, test } from 'vitest'
import { rolloutLines, rolloutParts } from '../../../../../electron/core/overview/rollout-lines.ts'
import { fleetSentence } from '../../../../../electron/core/overview/sentence.ts'
import { rolloutSummary, type RolloutSummary } from '../../../../../shared/rpc/contract/rollouts.ts'

const rollout = (change: Partial<RolloutSummary>): RolloutSummary => ({
  ...rolloutSummary.parse({
    ...{ rollout: 7, name: 'June', state: 'running', sentence: 'Goes on.', deployment: 'main', model: 'digits', version: '1.1.0' },
    ...{ method: 'replace', isComparison: false, priority: 0, query: '', createdAt: 0, createdBy: 'kim', startedAt: 0, endedAt: null },
    ...{ targeted: 12, reached: 0, committed: 0, counts: {}, wave: 1, waves: 4, verdict: null, heldBy: null },
  }),
  ...change,
})

describe('rollouts on the overview', () => {
  test('need somebody where they do not go on by themselves', () => {
    const lines = rolloutLines([
      rollout({}),
      rollout({ rollout: 8, state: 'paused', sentence: 'Paused: 3 of 4 failed.' }),
      rollout({ rollout: 9, state: 'awaiting-approval', sentence: 'Waits for approval.' }),
    ])
    expect(lines.map(({ sentence, action }) => [sentence, action.target])).toEqual([
      ['June: Paused: 3 of 4 failed.', { page: 'rollout', rollout: 8 }],
      ['June: Waits for approval.', { page: 'rollout', rollout: 9 }],
    ])
  })

  test.each([
    [{}, 'digits 1.1.0 in wave 2 of 4'],
    [{ state: 'paused' }, 'digits 1.1.0 paused in wave 2 of 4'],
    [{ state: 'reverting' }, 'digits 1.1.0 going back'],
    [{ wave: null }, 'digits 1.1.0 rolling out'],
    [{ wave: 0, waves: 1 }, 'digits 1.1.0 in its wave'],
  ] as const)('%j is said as %s', (change, text) => {
    expect(rolloutParts([rollout(change)])).toEqual([{ text, target: { page: 'rollout', rollout: 7 } }])
  })

  test('tell the deployment that they change in place of its versions', () => {
    const version = (deployment: string) => ({ deployment, model: 'digits', version: '1.0.0', digest: 'd', desired: 12, active: 12 })
    const parts = fleetSentence({
      ...{ counts: { ok: 12, working: 0, attention: 0, failed: 0, offline: 0 }, models: 2, troubles: 0, alerts: 0 },
      ...{ versions: [version('main'), version('other')], rollouts: [rollout({})] },
    })
    expect(parts.map(({ text }) => text)).toEqual(['12 of 12 devices healthy', 'digits 1.1.0 in wave 2 of 4', 'digits 1.0.0 on 12 of 12'])
  })

  test('that wait to be started are not told as under way', () => {
    expect(rolloutParts([rollout({ state: 'scheduled' }), rollout({ state: 'awaiting-approval' })])).toEqual([])
  })
})
