import { describe, expect, it } from 'vitest'
import { alertsView, historyQuestion, openQuestion } from '../../../../renderer/screens/alerts/alerts-view.ts'
import { previewSentence } from '../../../../renderer/screens/alerts/preview-words.ts'
import { readingSeries, readingSpan } from '../../../../renderer/screens/alerts/reading-series.ts'
import { silencesOf } from '../../../../renderer/screens/alerts/silence-draft.ts'

const nobody = { device: null, deployment: null, model: null, version: null, digest: null, feature: null }

describe('the page of alerts', () => {
  it('asks for what its address says', () => {
    const plain = alertsView.parse({})
    expect(openQuestion(plain)).toEqual({ state: 'open', query: '' })
    expect(openQuestion({ ...plain, severity: 'critical', quiet: 'loud' })).toEqual({
      state: 'open',
      query: '',
      severity: 'critical',
      isQuiet: false,
    })
    expect(historyQuestion({ ...plain, period: '1d', rule: 'drift' }, 86_400_000)).toEqual({
      state: 'all',
      query: '',
      from: 0,
      rule: 'drift',
    })
  })

  it('silences selected alerts once per rule and deployment, and never more devices than were selected', () => {
    const of = (rule: string, subject: Partial<typeof nobody> | { device: string } | { deployment: string }) => ({
      rule,
      subject: { ...nobody, ...subject },
    })
    const drafts = silencesOf([of('a', { device: 'x' }), of('a', { device: 'y' }), of('b', { deployment: 'd' })])
    expect(drafts.map(({ rule, query, deployment }) => ({ rule, query, deployment }))).toEqual([
      { rule: 'a', query: 'id in (x, y)', deployment: '' },
      { rule: 'b', query: '', deployment: 'd' },
    ])
    const many = silencesOf(Array.from({ length: 120 }, (_, i) => of('a', { device: `${'d'.repeat(60)}${i}` })))
    expect(many).toHaveLength(3)
    expect(many.every(({ query }) => query.length <= 4000)).toBe(true)
  })

  it('draws what is not firm as rings, and a gap as a gap', () => {
    const readings = [
      { at: 1000, value: 0.1, state: 'ok' },
      { at: 2000, value: null, state: 'insufficient data' },
      { at: 3000, value: 0.9, state: 'insufficient data' },
    ]
    const series = readingSeries(readings, 'value')
    expect(series.map(({ values, areDots }) => ({ values, areDots }))).toEqual([
      { values: [0.1, null, null], areDots: undefined },
      { values: [null, null, 0.9], areDots: true },
    ])
    expect(readingSpan(readings)).toEqual({ from: -597_000, through: 3000 })
    expect(readingSeries(readings.slice(0, 2), 'value')).toHaveLength(1)
  })

  it('tells quiet from blind', () => {
    expect(previewSentence({ wouldFire: [], looked: 0, insufficient: 0 })).toMatch(/nothing/)
    expect(previewSentence({ wouldFire: [], looked: 4, insufficient: 4 })).toMatch(/none with enough data/)
    expect(previewSentence({ wouldFire: [], looked: 4, insufficient: 1 })).toMatch(/would not fire/)
  })
})
