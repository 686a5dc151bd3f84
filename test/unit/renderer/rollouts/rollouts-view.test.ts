import { describe, expect, test } from 'vitest'
import {
  findRollouts,
  isNarrowed,
  rolloutsCommand,
  rolloutsQuestion,
  rolloutsView,
  shownChoices,
} from '../../../../renderer/screens/rollouts/list/rollouts-view.ts'
import { waveParts, waveWords } from '../../../../renderer/screens/rollouts/list/wave-bar.ts'
import { rolloutStates } from '../../../../shared/domain/rollout/life.ts'
import { rolloutSummary, type RolloutSummary } from '../../../../shared/rpc/contract/rollouts.ts'

const rollout = (change: Partial<RolloutSummary>): RolloutSummary => ({
  ...rolloutSummary.parse({
    ...{ rollout: 1, name: 'June release', state: 'running', sentence: '', deployment: 'quality', model: 'digits', version: '1.1.0' },
    ...{ method: 'replace', isComparison: false, priority: 0, query: 'site = lyon', createdAt: 0, createdBy: 'kim', startedAt: 0 },
    ...{ endedAt: null, targeted: 10, reached: 0, committed: 0, counts: {}, wave: 0, waves: 3, verdict: null, heldBy: null },
  }),
  ...change,
})

describe('the list of rollouts', () => {
  test('has each state under exactly one of live, drafts and ended', () => {
    const states = [shownChoices.live, shownChoices.drafts, shownChoices.ended].flatMap((choice) => [...choice.states])
    expect(states.toSorted()).toEqual([...rolloutStates].toSorted())
  })

  test('is searched by all words, wherever they stand', () => {
    const all = [rollout({}), rollout({ rollout: 2, name: 'July', version: '1.2.0', createdBy: 'eve' })]
    const found = (text: string) => findRollouts(all, text).map((one) => one.rollout)
    expect([found(''), found('JUNE lyon'), found('digits@1.2.0'), found('#2'), found('kim 1.2.0')]).toEqual([[1, 2], [1], [2], [2], []])
  })

  test('asks for what its filters say, and says the same to the command line', () => {
    const view = rolloutsView.parse({ deployment: 'quality', kind: 'comparisons', show: 'drafts' })
    expect(rolloutsQuestion(view, ['draft'])).toEqual({ state: ['draft'], deployment: 'quality', isComparison: true })
    expect(rolloutsCommand(view)).toBe('npm run -s muster -- rollouts list --state draft --deployment quality --comparisons')
    expect([isNarrowed(view), isNarrowed(rolloutsView.parse({ show: 'live' }))]).toEqual([true, false])
  })
})

describe('the bar of waves', () => {
  test.each([
    [{ state: 'running', wave: 1 }, ['passed', 'open', 'waiting'], '2 of 3'],
    [{ state: 'running', wave: 1, heldBy: 'An alert' }, ['passed', 'held', 'waiting'], '2 of 3'],
    [{ state: 'paused', wave: 0 }, ['held', 'waiting', 'waiting'], '1 of 3'],
    [{ state: 'completed', wave: null }, ['passed', 'passed', 'passed'], '3 waves'],
    [{ state: 'stopped', wave: 1 }, ['passed', 'ended', 'waiting'], '2 of 3'],
    [{ state: 'reverted', wave: 1 }, ['back', 'back', 'waiting'], '2 of 3'],
    [{ state: 'draft', wave: null }, ['waiting', 'waiting', 'waiting'], '3 waves'],
  ] as const)('%j', (change, parts, words) => {
    const of = rollout({ heldBy: null, ...change })
    expect(waveParts(of)).toEqual(parts)
    expect(waveWords(of)).toBe(words)
  })
})
