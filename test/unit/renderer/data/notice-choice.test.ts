import { describe, expect, it } from 'vitest'
import { titleText } from '../../../../renderer/components/page-title.ts'
import { noticeState } from '../../../../renderer/data/notice-choice.ts'
import { bellText, loudCounts } from '../../../../renderer/shell/bell-words.ts'

describe('telling by the browser', () => {
  it.each([
    [null, true, 'unsupported'],
    ['default', true, 'ask'],
    ['denied', true, 'denied'],
    ['granted', true, 'on'],
    ['granted', false, 'off'],
  ] as const)('with permission %s and choice %s it is %s', (permission, isChosen, state) =>
    expect(noticeState(permission, isChosen)).toBe(state),
  )

  it('counts what needs somebody, and not what only informs', () => {
    const counts = loudCounts([{ severity: 'critical' }, { severity: 'warning' }, { severity: 'info' }])
    expect(counts).toEqual({ critical: 1, others: 1, total: 2 })
    expect(bellText(counts)).toBe('Alerts: 1 critical, 1 warning')
    expect(bellText({ critical: 0, others: 0 })).toBe('Alerts: none')
    expect([titleText('Devices', 2), titleText('Devices', 0), titleText('', 1)]).toEqual([
      '(2) Devices · Muster',
      'Devices · Muster',
      '(1) Muster',
    ])
  })
})
