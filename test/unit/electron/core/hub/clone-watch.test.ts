import { describe, expect, it } from 'vitest'
import { openCloneWatch } from '../../../../../electron/core/hub/clone-watch.ts'

function watch() {
  const time = { ms: 0 }
  return { time, watch: openCloneWatch({ now: () => time.ms, monotonic: () => time.ms }) }
}

describe('a device', () => {
  it.each([
    { name: 'that restarts all day', boots: Array.from({ length: 40 }, (_, i) => `boot-${i}`) },
    { name: 'that loses its link and says the same boot again', boots: ['a', 'a', 'a', 'b', 'b'] },
  ])('$name is no clone', ({ boots }) => {
    const { watch: open } = watch()
    expect(boots.map((boot) => open.noteBoot('cam-1', boot)).filter((why) => why !== null)).toEqual([])
  })

  it('of which an earlier start comes back is two machines, told once in ten minutes', () => {
    const { watch: open, time } = watch()
    expect(['a', 'b', 'a', 'b', 'a'].map((boot) => open.noteBoot('cam-1', boot) !== null)).toEqual([false, false, true, false, false])
    time.ms += 600_000
    expect(open.noteBoot('cam-1', 'b')).toMatch(/take turns/)
    expect(open.noteBoot('cam-2', 'a')).toBeNull()
  })

  it.each([
    { name: 'comes again from one address', ends: Array.from({ length: 20 }, () => ['1', '1'] as const) },
    { name: 'roams through many networks', ends: Array.from({ length: 20 }, (_, i) => [String(i), String(i + 1)] as const) },
    {
      name: 'moves there and back twice',
      ends: [
        ['1', '2'],
        ['2', '1'],
        ['1', '2'],
        ['2', '1'],
      ] as const,
    },
  ])('that $name is no clone', ({ ends }) => {
    const { watch: open } = watch()
    expect(ends.map(([from, to]) => open.noteTakeover('cam-1', { from, to })).filter((why) => why !== null)).toEqual([])
  })

  it('case 30: that is pushed out from another address, again and again, is two machines of one boot', () => {
    const { watch: open } = watch()
    const told = Array.from({ length: 6 }, (_, i) =>
      open.noteTakeover('cam-1', i % 2 === 0 ? { from: '1', to: '2' } : { from: '2', to: '1' }),
    )
    expect(told.map((why) => why !== null)).toEqual([false, false, false, false, false, true])
  })
})
