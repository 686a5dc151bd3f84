import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Link, LinkState } from '../transport/link.ts'

export const LinkContext = createContext<Link | null>(null)

/** The page's link to the core. */
export function useLink(): Link {
  const link = useContext(LinkContext)
  if (link === null) throw new Error('no link around this component')
  return link
}

/** How the link stands; the component follows it. */
export function useLinkState(): LinkState {
  const link = useLink()
  return useSyncExternalStore(link.onState, link.state)
}
