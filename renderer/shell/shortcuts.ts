import { useEffect, useRef } from 'react'
import { commands, type CommandContext, type ConsoleCommand } from './commands.ts'

/** Two keys of one shortcut follow each other within this time. */
const SEQUENCE_MS = 900

/** True while a person types: letters then are text, not commands. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
}

/** Finds the command of a key press, given the key before it. */
export function commandOf(event: { key: string; isMod: boolean }, before: string | null): ConsoleCommand | null {
  const pressed = event.isMod ? `mod+${event.key.toLowerCase()}` : event.key
  return commands.find(({ keys }) => keys === (before === null ? pressed : `${before} ${pressed}`)) ?? null
}

/** Listens to the keyboard for the commands of the console. */
export function useShortcuts(context: CommandContext): void {
  const current = useRef(context)
  current.current = context
  useEffect(() => {
    let before: { key: string; at: number } | null = null
    const press = (event: KeyboardEvent): void => {
      const isMod = event.ctrlKey || event.metaKey
      if (event.defaultPrevented || event.altKey || (isTyping(event.target) && !isMod)) return
      // A dialog in front has its own keys.
      if (!isMod && document.querySelector('[role="dialog"]') !== null) return
      const first = before !== null && performance.now() - before.at < SEQUENCE_MS ? before.key : null
      const found = commandOf({ key: event.key, isMod }, first) ?? commandOf({ key: event.key, isMod }, null)
      before = isMod ? null : { key: event.key, at: performance.now() }
      if (found === null) return
      before = null
      event.preventDefault()
      found.run(current.current)
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
}

const isMac = typeof navigator !== 'undefined' && navigator.platform.startsWith('Mac')

/** Keys as this keyboard names them. */
export function keyNames(keys: string): string {
  return keys.replaceAll('mod+', isMac ? '⌘' : 'Ctrl+').replace(/[a-z]$/, (letter) => letter.toUpperCase())
}
