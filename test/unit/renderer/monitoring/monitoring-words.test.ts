import { describe, expect, it } from 'vitest'
import { dataWord, driftWord } from '../../../../renderer/screens/monitoring/health-columns.tsx'
import {
  effectText,
  figureSentence,
  pText,
  rankOf,
  scoreText,
  shownQuality,
  type Score,
} from '../../../../renderer/screens/monitoring/monitoring-words.ts'
import type { Figure } from '../../../../shared/rpc/contract/monitoring.ts'

const figure = (state: Figure['state'], value: number | null = null): Figure => ({
  ...{ state, value, n: 200 },
  ...(value === null ? { low: null, high: null } : { low: value - 0.02, high: value + 0.02 }),
})

describe('what stands for the quality of a version', () => {
  it.each([
    ['labels, where there are enough', figure('measured', 0.9), figure('estimated', 0.95), 'measured'],
    ['the estimate, where labels are too few', figure('insufficient data'), figure('estimated', 0.95), 'estimated'],
    ['what is missing, where there is neither', figure('insufficient data'), figure('none'), 'insufficient data'],
    ['nothing', figure('none'), figure('none'), 'none'],
    ['an inconclusive measure before an estimate', figure('inconclusive', 0.9), figure('estimated', 0.95), 'inconclusive'],
  ])('is %s', (_, quality, estimate, state) => expect(shownQuality({ quality, estimate }).state).toBe(state))

  it('is never told without what stands behind it', () => {
    expect(figureSentence(figure('estimated', 0.913), 'accuracy')).toBe('91.3 % estimated, 95 % 89.3–93.3 %, n 200')
    expect(figureSentence(figure('measured', 41.2), 'mae')).toBe('41.2 measured, 95 % 41.2–41.2, n 200')
    expect(figureSentence(figure('insufficient data'), 'accuracy')).toBe('insufficient data')
    expect(figureSentence(figure('none'), 'accuracy')).toBe('no data')
  })
})

describe('verdicts in few words', () => {
  it('name the worst, and how many more', () => {
    expect([
      driftWord({ state: 'alarm', features: ['alcohol', 'hue', 'ash'] }),
      driftWord({ state: 'warn', features: ['alcohol'] }),
      driftWord({ state: 'ok', features: [] }),
      driftWord({ state: 'insufficient data', features: [] }),
    ]).toEqual(['drift: alcohol and 2 more', 'warning: alcohol', 'no drift', 'insufficient data'])
    expect([
      dataWord({ state: 'alarm', findings: ['ash: missing'] }),
      dataWord({ state: 'alarm', findings: ['a', 'b'] }),
      dataWord({ state: 'ok', findings: [] }),
    ]).toEqual(['ash: missing', '2 findings', 'ok'])
  })

  it('put trouble first, and too little data before good news', () => {
    const row = (drift: 'ok' | 'warn' | 'alarm' | 'insufficient data', data: 'ok' | 'alarm' | 'insufficient data') =>
      rankOf({ drift: { state: drift, features: [] }, dataQuality: { state: data, findings: [] } })
    const ranks = [row('alarm', 'alarm'), row('ok', 'alarm'), row('warn', 'ok'), row('insufficient data', 'ok'), row('ok', 'ok')]
    expect(ranks).toEqual([...ranks].sort((a, b) => b - a))
    expect(new Set(ranks).size).toBe(5)
  })
})

describe('a window of a verdict', () => {
  const score: Score = {
    ...{ from: 0, through: 3_600_000, level: 'alarm', n: 412, effective: 318.4, m: 110 },
    ...{ effect: 0.84, psi: 0.9, psiAdjusted: 0.84, jsDistance: 0.31, p: 1e-12, pAdjusted: 3e-11 },
  }
  it('carries effect, evidence, n and effective n', () => {
    expect(scoreText(score, 'numeric')).toBe('drift, adjusted PSI 0.84, p < 0.001 (BH), n 412 (effective 318)')
  })
  it('says when there is no effect to tell, and that p stands alone', () => {
    expect(scoreText({ ...score, level: 'insufficient data', effect: null, p: 0.4, pAdjusted: null }, 'categorical')).toBe(
      'insufficient data, no effect known, p = 0.400, n 412 (effective 318)',
    )
  })
  it('names its measure', () => {
    expect([effectText(0.123, 'categorical'), effectText(12.4, 'numeric'), pText(0.0421)]).toEqual([
      'adjusted JS distance 0.12',
      'adjusted PSI 12',
      'p = 0.042',
    ])
  })
})
