import { describe, expect, it } from 'vitest'
import {
  countsSentence,
  evidenceRows,
  evidenceShort,
  measureText,
  pText,
  subjectText,
} from '../../../../renderer/screens/alerts/alert-words.ts'
import type { AlertEvidence } from '../../../../shared/domain/alert.ts'

const nothing: AlertEvidence = {
  ...{ value: null, threshold: null, unit: 'share', n: null, effective: null, m: null, p: null },
  ...{ low: null, high: null, reference: null, from: null, through: null, basis: 'measured' },
}

describe('the words of an alert', () => {
  it.each([
    [null, 'ms', 'no value'],
    [0, 'share', '0 %'],
    [0.051, 'share', '5.1 %'],
    [412, 'ms', '412 ms'],
    [2_500_000, 'bytes', '2.5 MB'],
    [86.2, '°C', '86.2 °C'],
    [0.34, '', '0.34'],
  ])('%s in %s is %s', (value, unit, words) => expect(measureText(value, unit)).toBe(words))

  it('never rounds a small p to nothing', () => {
    expect(pText(2.3e-9)).toBe('2.3e-9')
    expect(pText(0)).toBe('<1e-300')
    expect(pText(0.0312)).toBe('0.0312')
  })

  it('says value, threshold, n, effective n and p, and that an estimate is one', () => {
    expect(evidenceShort({ ...nothing, value: 0.3, threshold: 0.2, unit: '', n: 1200, effective: 400, p: 1e-8 })).toBe(
      '0.3 against 0.2, n 1,200 (effective 400), p 1.0e-8',
    )
    expect(evidenceShort({ ...nothing, value: 0.9, basis: 'estimated' })).toBe('90.0 %, estimated')
    expect(evidenceShort(nothing)).toBe('')
  })

  it('shows what is not known as no row, and a missing value as words', () => {
    const rows = evidenceRows(nothing).filter(([, value]) => value !== null)
    expect(rows).toEqual([['Measured', 'no value']])
    expect(evidenceRows({ ...nothing, value: 0.8, basis: 'estimated' })[0]).toEqual(['Estimated', '80.0 %'])
  })

  it('names the subject, or the fleet', () => {
    const none = { device: null, deployment: null, model: null, version: null, digest: null, feature: null }
    expect(subjectText(none)).toBe('the fleet')
    expect(subjectText({ ...none, device: 'lyon-1', model: 'wine', version: '1.0.0', feature: 'ash' })).toBe('lyon-1 · wine 1.0.0 · ash')
  })

  it('says in one sentence how many there are', () => {
    const none = { pending: 0, firing: 0, acknowledged: 0, silenced: 0, critical: 0 }
    expect(countsSentence(none)).toBe('Nothing fires')
    expect(countsSentence({ ...none, pending: 2 })).toBe('Nothing fires; 2 pending')
    expect(countsSentence({ pending: 1, firing: 3, critical: 1, acknowledged: 1, silenced: 2 })).toBe(
      '3 firing, 1 critical; 1 pending; 1 acknowledged; 2 silenced',
    )
  })
})
