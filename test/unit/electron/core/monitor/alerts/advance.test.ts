import { describe, expect, it } from 'vitest'
import { advance, type OpenAlert, type Step } from '../../../../../../electron/core/monitor/alerts/advance.ts'
import type { ReadingState } from '../../../../../../electron/core/monitor/alerts/reading.ts'

const timing = { forMs: 60, clearMs: 30 }

/** Runs readings, each at its time, and gives what was done with each. */
function life(readings: readonly [at: number, state: ReadingState][], of = { ...timing, notBefore: 0 }): string[] {
  let open: OpenAlert | null = null
  return readings.map(([now, state]) => {
    const step: Step = advance(open, state, of, { now, notBefore: of.notBefore })
    if (step.do === 'forget' || step.do === 'resolve') open = null
    else if (step.do !== 'nothing') open = step.alert
    return step.do
  })
}

describe('the life of an alert', () => {
  it('is pending until the condition has held for long enough, fires, and is resolved after it was over for long enough', () => {
    const readings: [number, ReadingState][] = [
      [0, 'met'],
      [30, 'met'],
      [60, 'met'],
      [90, 'met'],
      [100, 'clear'],
      [120, 'clear'],
      [130, 'clear'],
    ]
    expect(life(readings)).toEqual(['open', 'keep', 'fire', 'keep', 'keep', 'keep', 'resolve'])
  })

  it('forgets a pending one whose condition ends', () => {
    expect(
      life([
        [0, 'met'],
        [30, 'clear'],
        [60, 'met'],
      ]),
    ).toEqual(['open', 'forget', 'open'])
    expect(
      life([
        [0, 'met'],
        [30, 'easing'],
      ]),
    ).toEqual(['open', 'forget'])
  })

  it('keeps a firing one within the hysteresis, and begins to count anew', () => {
    expect(
      life([
        [0, 'met'],
        [60, 'met'],
        [70, 'clear'],
        [90, 'easing'],
        [110, 'clear'],
        [130, 'clear'],
        [140, 'clear'],
      ]),
    ).toEqual([...['open', 'fire', 'keep', 'keep', 'keep', 'keep', 'resolve']])
  })

  it('neither fires nor resolves while there is too little data', () => {
    expect(life([[0, 'insufficient data']])).toEqual(['nothing'])
    expect(
      life([
        [0, 'met'],
        [60, 'insufficient data'],
        [1000, 'insufficient data'],
        [1001, 'met'],
      ]),
    ).toEqual(['open', 'keep', 'keep', 'fire'])
    const vanished = advance(fire(), 'insufficient data', timing, { now: 70, notBefore: 0 })
    expect(vanished).toMatchObject({ do: 'keep', alert: { state: 'firing', blindSince: 70, clearSince: null } })
    expect(
      life([
        [0, 'met'],
        [60, 'met'],
        [70, 'clear'],
        [95, 'insufficient data'],
        [101, 'clear'],
        [131, 'clear'],
      ]),
    ).toEqual([...['open', 'fire', 'keep', 'keep', 'keep', 'resolve']])
  })

  it('forgets a pending one of which nothing was heard for a day', () => {
    expect(
      life([
        [0, 'met'],
        [10, 'insufficient data'],
        [86_400_010, 'insufficient data'],
      ]),
    ).toEqual(['open', 'keep', 'forget'])
  })

  it('does not fire before the cool-down of the one before is over', () => {
    expect(
      life(
        [
          [0, 'met'],
          [60, 'met'],
          [400, 'met'],
          [500, 'met'],
        ],
        { ...timing, notBefore: 500 },
      ),
    ).toEqual(['open', 'keep', 'keep', 'fire'])
  })

  it('is resolved after a clock that was set back', () => {
    const open = { ...fire(), clearSince: 5000 }
    const kept = advance(open, 'clear', timing, { now: 100, notBefore: 0 })
    expect(kept).toMatchObject({ do: 'keep', alert: { clearSince: 100 } })
    expect(advance((kept as { alert: OpenAlert }).alert, 'clear', timing, { now: 130, notBefore: 0 })).toMatchObject({ do: 'resolve' })
  })
})

function fire(): OpenAlert {
  return { state: 'firing', startedAt: 0, firedAt: 60, lastSeenAt: 60, clearSince: null, blindSince: null, notBefore: 0 }
}
