import { useEffect, useRef } from 'react'
import type { LabelKey } from './label-keys.ts'

/** What keys do at the desk. */
export interface DeskActs {
  keys: readonly LabelKey[] | null
  label(label: string): void
  skip(): void
  undo(): void
  move(by: number): void
}

/** After G or C the console waits so long for the second key of its shortcut; that one is not for the desk. */
const SEQUENCE_MS = 900

/** Listens to the keyboard while the desk is on screen. */
export function useDeskKeys(acts: DeskActs): void {
  const current = useRef(acts)
  current.current = acts
  useEffect(() => {
    let leaderAt = Number.NEGATIVE_INFINITY
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing || isInDialog()) return
      const isInSequence = performance.now() - leaderAt < SEQUENCE_MS
      leaderAt =
        !event.altKey && !isTyping(event.target) && (event.key === 'g' || event.key === 'c') ? performance.now() : Number.NEGATIVE_INFINITY
      if (isInSequence || !act(event, current.current)) return
      event.preventDefault()
    }
    // Before the console's own shortcuts, which pass over what is prevented.
    window.addEventListener('keydown', press, { capture: true })
    return () => window.removeEventListener('keydown', press, { capture: true })
  }, [])
}

/** @returns true if the key was for the desk */
function act(event: KeyboardEvent, { keys, label, skip, undo, move }: DeskActs): boolean {
  // With Alt these work also while a label is typed; the code, because Alt makes other letters on some keyboards.
  const letter = event.altKey ? event.code.replace('Key', '').toLowerCase() : event.key.toLowerCase()
  if (!event.altKey && isTyping(event.target)) return false
  if (letter === 's' && !event.shiftKey) skip()
  else if (letter === 'u' && !event.shiftKey) undo()
  else if (event.altKey) return false
  else if (event.key === 'ArrowRight' && !isListOf(event.target)) move(1)
  else if (event.key === 'ArrowLeft' && !isListOf(event.target)) move(-1)
  else {
    const found = keys?.find(({ key }) => key === letter)
    if (found === undefined || event.shiftKey) return false
    label(found.label)
  }
  return true
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
}

/** Tabs and segments have the arrow keys themselves. */
function isListOf(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[role="tablist"], [role="radiogroup"], [role="listbox"]') !== null
}

function isInDialog(): boolean {
  return document.querySelector('[role="dialog"]') !== null
}
