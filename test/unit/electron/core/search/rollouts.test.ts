import { expect, test } from 'vitest'
import { searchAll } from '../../../../../electron/core/search/search.ts'
import { rolloutSummary } from '../../../../../shared/rpc/contract/rollouts.ts'
import { fleetStore, temporaryDirectory } from '../../../../harness/fleet.ts'

test('a rollout is found by its number, its name and its version, and leads to its page', () => {
  const store = fleetStore(temporaryDirectory())
  const id = store.rollouts.add({ createdAt: 1, createdBy: 'kim' })
  const summary = rolloutSummary.parse({
    ...{ rollout: id, name: 'June release', state: 'running', sentence: '', deployment: 'main', model: 'digits', version: '1.1.0' },
    ...{ method: 'replace', isComparison: false, priority: 0, query: '', createdAt: 1, createdBy: 'kim', startedAt: 2, endedAt: null },
    ...{ targeted: 1, reached: 0, committed: 0, counts: {}, wave: 0, waves: 1, verdict: null, heldBy: null },
  })
  store.rollouts.put({
    ...{ id, name: summary.name, deployment: 'main', model: 'digits', version: '1.1.0', isComparison: false, state: 'running' },
    ...{ startedAt: 2, endedAt: null, summary },
  })
  const found = (text: string): unknown[] => searchAll(store, text, 20).filter(({ kind }) => kind === 'rollout')
  const expected = [{ kind: 'rollout', title: `Rollout ${id}`, detail: 'June release, running', target: { page: 'rollout', rollout: id } }]
  const texts = [`#${id}`, `rollout ${id}`, 'june', 'digits 1.1.0', 'digits@1.1.0']
  expect(texts.map(found)).toEqual(texts.map(() => expected))
  expect(found('july')).toEqual([])
  expect(searchAll(store, 'canary', 20).map(({ target }) => target)).toEqual([{ page: 'rollouts' }])
})
