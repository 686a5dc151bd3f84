import { describe, expect, it } from 'vitest'
import { explain } from '../../../../../../electron/core/rollout/explain/explain.ts'
import { explainReasonNames } from '../../../../../../shared/domain/rollout/reason.ts'
import { contract } from '../../../../../../shared/rpc/contract.ts'
import { both, cases } from './cases.ts'
import { questionOf } from './scene.ts'

describe('the one sentence', () => {
  it.each(cases.map((one) => ({ ...one, title: one.name === undefined ? one.reason : `${one.reason} (${one.name})` })))(
    'of $title',
    ({ reason, scene, sentence, change }) => {
      const said = explain(questionOf(scene))
      expect(said.reason).toBe(reason)
      expect(said.sentence).toContain(sentence)
      if (change === null) expect(said.change).toBeNull()
      else expect(said.change).toContain(change)
      expect(contract['rollouts.explain'].output.safeParse({ explanations: [said] }).error).toBeUndefined()
      // Sentences are whole, and hold no trace of a value that is not there.
      expect(said.sentence).toMatch(/^[A-Za-z].*\.$/s)
      expect(`${said.sentence}${said.change}`.replace(/null$/, '')).not.toMatch(/undefined|NaN|null|\.\.|Infinity/)
    },
  )

  it('has a case for every reason', () => {
    expect(new Set(cases.map(({ reason }) => reason))).toEqual(new Set(explainReasonNames))
  })

  it.each(both)('of two that are true is the first: $name', ({ scene, reason }) => {
    expect(explain(questionOf(scene)).reason).toBe(reason)
  })

  it('keeps to what the contract takes, whatever a device or a person wrote', () => {
    const long = 'x'.repeat(3000)
    const said = explain(questionOf({ own: { state: 'failed', attempts: 1, problem: { code: 'a', message: long } } }))
    expect(said.sentence).toHaveLength(1000)
  })
})
