import { describe, expect, it } from 'vitest'
import { commands } from '../../../../renderer/shell/commands.ts'
import { commandOf } from '../../../../renderer/shell/shortcuts.ts'
import { menuCommands } from '../../../../shared/host/window-messages.ts'

describe('commands', () => {
  it('have keys and names of their own', () => {
    const keys = commands.flatMap(({ keys }) => (keys === null ? [] : [keys]))
    expect(new Set(keys).size).toBe(keys.length)
    expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length)
  })

  it('never hide behind the first key of a sequence', () => {
    const first = new Set(commands.flatMap(({ keys }) => (keys?.includes(' ') === true ? [keys.split(' ')[0]] : [])))
    expect(commands.filter(({ keys }) => keys !== null && first.has(keys))).toEqual([])
  })

  it('know every command of the menu of the desktop', () => {
    const ids: string[] = commands.map(({ id }) => id)
    expect(menuCommands.filter((id) => !ids.includes(id))).toEqual([])
  })

  it.each([
    [{ key: 'K', isMod: true }, null, 'command-palette'],
    [{ key: 'd', isMod: false }, 'c', 'new-deployment'],
    [{ key: 'd', isMod: false }, 'g', 'go-devices'],
    [{ key: 'd', isMod: false }, null, undefined],
    [{ key: '?', isMod: false }, null, 'keyboard-map'],
  ])('%o after %o is %s', (event, before, id) => expect(commandOf(event, before)?.id).toBe(id))
})
