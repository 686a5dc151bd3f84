import { describe, expect, test } from 'vitest'
import { planFileName, wizardCommand } from '../../../../renderer/screens/rollouts/wizard/plan/cli-lines.ts'
import { freshDraft } from '../../../../renderer/screens/rollouts/wizard/plan/plan-draft.ts'
import { abortWords, alphaWords, gateWords, summaries } from '../../../../renderer/screens/rollouts/wizard/plan/plan-words.ts'
import { forecastSentence, previewSentence, startSentences } from '../../../../renderer/screens/rollouts/wizard/preview/preview-words.ts'
import type { PlanPreview } from '../../../../renderer/screens/rollouts/wizard/sections/section-props.ts'
import { judgeRules } from '../../../../shared/domain/rollout/judge.ts'
import { abortRule, gateRules } from '../../../../shared/domain/rollout/plan.ts'

const draft = freshDraft({ model: 'digits', version: '1.1.0', deployment: '', query: '' })

describe('rules in words', () => {
  test('a gate names what must hold', () => {
    expect(gateWords(gateRules.parse({}))).toBe('90 % committed, verdict pass')
    expect(gateWords(gateRules.parse({ success: 1, leastReached: 5, verdict: 'ignore', afterSeconds: 3600, byPerson: true }))).toBe(
      '100 % committed, 5 reached, after 60 min, a person',
    )
  })

  test('alpha is said as how often, and how the metrics share it', () => {
    expect(alphaWords(judgeRules.parse({}))).toBe(
      'At most 1 in 20 rollouts of a version that is no worse is ever called worse, however often it is looked at. Each of the 7 metrics has 0.71 % of it.',
    )
    const off = Object.fromEntries(
      ['errors', 'latency', 'agreement', 'accuracy', 'inputs', 'outcomes', 'memory'].map((metric) => [metric, { role: 'off' }]),
    )
    expect(alphaWords(judgeRules.parse(off))).toContain('Nothing is compared')
    expect(alphaWords(judgeRules.parse({ ...off, errors: { role: 'guard' } }))).not.toContain('metrics')
  })

  test('an abort rule says from how many devices on', () => {
    expect(abortWords(abortRule.parse({}))).toBe('goes back when more than 20 % of 3 or more failed in any way')
  })

  test('each folded part says what it holds', () => {
    expect(summaries.pace(draft)).toBe('as fast as devices take it, at any time')
    expect(summaries.judge(draft)).toBe('failed requests and slow answers may not be worse; a fail reverts the rollout')
    expect(summaries.after(draft)).toBe('no alias moves')
    const bound = { ...draft, budget: { bytes: 5_000_000, money: null }, abort: [] }
    expect(summaries.safety(bound)).toBe('no abort rule; at most 5 MB')
  })
})

const preview: PlanPreview = {
  ...{ findings: [], version: { model: 'digits', version: '1.1.0' }, alias: null, targeted: 20, skipped: [], overlaps: [] },
  waves: [2, 18].map((devices, wave) => ({
    ...{ wave, name: '', size: '', devices, examples: [], groups: [], bytes: 0, money: 0, earliestStart: null, earliestEnd: null },
    ...{ gate: '', sizeBound: 1 },
  })),
  forecast: {
    ...{ devices: 20, bytes: 2_000_000, published: 100_000, money: 1.5, currency: 'EUR', seconds: null, byLink: [] },
    budget: { bytes: null, money: null, isWithin: true },
  },
  needsApproval: null,
  heldBy: null,
}

describe('what a plan does, in words', () => {
  test('says how many devices in how many waves, and what it takes', () => {
    expect(previewSentence(preview, 'digits')).toBe('digits 1.1.0 goes to 20 devices as digits, in 2 waves.')
    expect(forecastSentence(preview.forecast)).toBe(
      '2 MB on the wire, 100 kB sent where devices fetch together, 1.50 EUR, how long depends on its gates',
    )
    expect(previewSentence({ ...preview, targeted: 0 }, 'digits')).toContain('no device')
  })

  test('says what starting does, and what it waits for first', () => {
    expect(startSentences(draft, preview, 0)[0]).toBe('The first wave begins at once: 2 devices of 20.')
    expect(startSentences(draft, { ...preview, needsApproval: 'The version is not approved.' }, 0)[0]).toBe(
      'It waits for approval first: The version is not approved.',
    )
    const later = { ...draft, windows: { ...draft.windows, startAt: 7_200_000 } }
    expect(startSentences(later, preview, 0)[0]).toBe('It waits for its time, in 2 h.')
  })
})

test('the same on the command line: a draft by its number, anything else by a file', () => {
  expect(planFileName({ model: 'digits', version: '1.1.0' })).toBe('rollout-digits-1.1.0.yaml')
  expect(wizardCommand({ rollout: 7, fileName: 'x.yaml' })).toBe('npm run -s muster -- rollouts start 7')
  expect(wizardCommand({ rollout: null, fileName: 'x.yaml' })).toBe('npm run -s muster -- rollouts start --file x.yaml')
})
