import { describe, expect, it } from 'vitest'
import { lengthText, parseLength } from '../../../../renderer/screens/alerts/length-text.ts'
import { draftOfRule, freshRule, ruleInput, shownValue, typedValue } from '../../../../renderer/screens/alerts/rule-draft.ts'
import { conditionText } from '../../../../renderer/screens/alerts/rule-words.ts'
import { alertConditionKinds, alertMetricNames } from '../../../../shared/domain/alert.ts'

describe('a rule in the editor', () => {
  it.each(alertConditionKinds)('of kind %s begins as one that the core takes, once it has a name', (kind) => {
    const fresh = freshRule(kind)
    expect(ruleInput(fresh)).toEqual({ problem: 'Give the rule a name.' })
    expect(ruleInput({ ...fresh, name: ' Mine ' })).toMatchObject({ set: { name: 'Mine', condition: { kind } } })
    expect(conditionText(fresh.condition)).not.toBe('')
  })

  it('comes back as it was kept', () => {
    const input = ruleInput({ ...freshRule('drift'), name: 'Mine', query: 'site = lyon', runbook: 'drift' })
    if (!('set' in input)) throw new Error(input.problem)
    const draft = draftOfRule({ ...input.set, rule: '7', isBuiltIn: false, setAt: 1, setBy: 'maria' })
    expect(ruleInput(draft)).toEqual(input)
  })

  it('says which field cannot be read', () => {
    const fresh = { ...freshRule('threshold'), name: 'Mine' }
    const condition = { kind: 'threshold', metric: 'error-rate', is: 'above', value: Number.NaN, overMs: 300_000 } as const
    expect(ruleInput({ ...fresh, condition })).toMatchObject({ problem: expect.stringMatching(/^value/) })
  })

  it.each(alertMetricNames)('shows %s in the unit that a person types, and reads it back', (metric) => {
    expect(typedValue(metric, shownValue(metric, 0.25))).toBeCloseTo(0.25, 12)
  })
})

describe('a length of time', () => {
  it.each([
    [90_000, '90 s'],
    [900_000, '15 min'],
    [7_200_000, '2 h'],
    [30 * 86_400_000, '30 d'],
    [0, '0 s'],
  ])('%d ms is %s and back', (ms, text) => {
    expect(lengthText(ms)).toBe(text)
    expect(parseLength(text)).toBe(ms)
  })

  it('is minutes without a unit, and nothing where it cannot be read', () => {
    expect(parseLength('5')).toBe(300_000)
    expect(parseLength('1.5h')).toBe(5_400_000)
    expect([parseLength(''), parseLength('soon'), parseLength('-1 h')]).toEqual([null, null, null])
  })
})
