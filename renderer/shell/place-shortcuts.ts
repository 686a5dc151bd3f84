import { useEffect, useRef } from 'react'
import { commands } from './commands.ts'

/** Two keys of one shortcut follow each other within this time. */
const SEQUENCE_MS = 900
const firstKeys = new Set(commands.flatMap(({ keys }) => (keys !== null && keys.includes(' ') ? [keys.split(' ')[0]!] : [])))

function isElsewhere(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"]') !== null) return true
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
}

/**
 * Single keys that act on what a page shows, such as `a` for acknowledge. A key that ends a shortcut of two (`g a`) is none of them, and while
 * a person types or a dialog is open, letters are text.
 */
export function usePlaceKeys(keys: Record<string, () => void>): void {
  const current = useRef(keys)
  current.current = keys
  useEffect(() => {
    let before: { key: string; at: number } | null = null
    const press = (event: KeyboardEvent): void => {
      const isSecond = before !== null && firstKeys.has(before.key) && performance.now() - before.at < SEQUENCE_MS
      // Also of a key that something else has taken: what comes after it is no second key any more.
      before = isSecond ? null : { key: event.key, at: performance.now() }
      if (event.altKey || event.ctrlKey || event.metaKey || event.repeat || event.defaultPrevented || isElsewhere(event.target)) return
      const act = Object.hasOwn(current.current, event.key) ? current.current[event.key] : undefined
      if (isSecond || act === undefined) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
}
