import { describe, expect, it } from 'vitest'
import { gridMove } from '../../../../renderer/components/grid/grid-keys.ts'

const plain = (key: string) => ({ key, isMod: false })
const list = { at: 5, total: 10, perScreen: 4 }

describe('keys of a list', () => {
  it.each([
    ['ArrowDown', list, { move: 6 }],
    ['ArrowDown', { ...list, at: 9 }, { move: 9 }],
    ['ArrowDown', { ...list, at: -1 }, { move: 0 }],
    ['ArrowUp', list, { move: 4 }],
    ['ArrowUp', { ...list, at: -1 }, { move: 0 }],
    ['Home', list, { move: 0 }],
    ['End', list, { move: 9 }],
    ['PageDown', list, { move: 9 }],
    ['PageUp', list, { move: 1 }],
    ['Enter', list, { does: 'open' }],
    ['Enter', { ...list, at: -1 }, { does: 'none' }],
    [' ', list, { does: 'toggle' }],
    ['a', list, { does: 'none' }],
    ['End', { at: -1, total: 0, perScreen: 4 }, { does: 'none' }],
  ] as const)('%s from %o', (key, where, result) => expect(gridMove(plain(key), where)).toEqual(result))

  it('selects everything with the modifier only', () => expect(gridMove({ key: 'a', isMod: true }, list)).toEqual({ does: 'all' }))
})
