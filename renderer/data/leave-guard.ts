import { useCallback, useEffect, useMemo, useState } from 'react'
import type { AroundNavHandler } from 'wouter'
import { hostBridge } from '../transport/choose-link.ts'

/** The page that holds what was not saved, if there is one. */
let guarding: { path: string; ask(leave: () => void): void } | null = null

/** Every navigation within the console goes through here: a page that holds unsaved work asks first. */
export const guardedNavigation: AroundNavHandler = (navigate, to, options) => {
  const leave = (): void => navigate(to, options)
  if (guarding === null || new URL(to, location.href).pathname === guarding.path) leave()
  else guarding.ask(leave)
}

/**
 * Back and Forward ask too: the step is taken back before the page hears of it. To be called before anything is drawn, for listeners of the window are
 * called in the order in which they came, and the router's must come after this one.
 */
export function guardHistory(): void {
  let here = location.href
  for (const change of ['pushState', 'replaceState']) {
    // The router makes these events of the calls.
    window.addEventListener(change, () => {
      here = location.href
    })
  }
  window.addEventListener('popstate', (event) => {
    if (guarding === null || location.pathname === guarding.path) {
      here = location.href
      return
    }
    event.stopImmediatePropagation()
    history.pushState(null, '', here)
    guarding.ask(() => history.back())
  })
}

export interface LeaveGuard {
  /** A person wants to leave: the page asks. */
  isAsked: boolean
  stay(): void
  leave(): void
  /** What was unsaved is saved: the page may go on by itself at once. */
  release(): void
}

/** Keeps a page that holds unsaved work: links, keys, Back and closing the window ask before it is lost. */
export function useLeaveGuard(isDirty: boolean): LeaveGuard {
  const [asked, setAsked] = useState<{ leave(): void } | null>(null)
  const release = useCallback(() => {
    guarding = null
  }, [])
  useEffect(() => {
    if (!isDirty) return
    guarding = { path: location.pathname, ask: (leave) => setAsked({ leave }) }
    const close = (event: BeforeUnloadEvent): void => {
      // The desktop's window would not close at all, and without a word.
      if (guarding !== null && hostBridge() === null) event.preventDefault()
    }
    window.addEventListener('beforeunload', close)
    return () => {
      window.removeEventListener('beforeunload', close)
      release()
    }
  }, [isDirty, release])
  return useMemo(
    () => ({
      isAsked: asked !== null,
      stay: () => setAsked(null),
      leave() {
        release()
        setAsked(null)
        asked?.leave()
      },
      release,
    }),
    [asked, release],
  )
}
