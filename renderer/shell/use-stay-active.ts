import { useEffect } from 'react'
import { useLink } from '../data/link-context.ts'
import { useQuery } from '../data/use-query.ts'

const AT_MOST_EVERY_MS = 5 * 60_000

/** Tells the core that a person is at work here, so that the session does not end meanwhile: the page asks by itself all day, a person does not. */
export function useStayActive(): void {
  const link = useLink()
  const isSession = useQuery('access.show', {}).data?.caller.by === 'session'
  useEffect(() => {
    if (!isSession) return undefined
    let last = performance.now()
    const note = (): void => {
      if (performance.now() - last < AT_MOST_EVERY_MS) return
      last = performance.now()
      // A session that has ended is noticed by the connection.
      link.call('access.stayActive', {}).catch(() => undefined)
    }
    const events = ['pointerdown', 'keydown'] as const
    for (const event of events) window.addEventListener(event, note, { passive: true })
    return () => {
      for (const event of events) window.removeEventListener(event, note)
    }
  }, [link, isSession])
}
