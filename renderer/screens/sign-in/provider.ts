import { z } from 'zod'
import { Problem } from '../../../shared/domain/problem.ts'
import type { Link } from '../../transport/link.ts'

const PLACE = '/signed-in'
/** Kept in this tab: whoever comes back in another browser has not begun there, and is refused. */
const STORED = 'muster.signing-in'

const kept = z.object({ flow: z.string(), back: z.string() })

/** True when the provider sent the browser back to this page. */
export function isBackFromProvider(): boolean {
  return location.pathname === PLACE
}

/** Sends the browser to the provider. */
export async function beginAtProvider(link: Link): Promise<null> {
  const { flow, url } = await link.call('access.beginOidc', { redirectUri: `${location.origin}${PLACE}` })
  const back = isBackFromProvider() ? '/' : location.pathname + location.search
  sessionStorage.setItem(STORED, JSON.stringify({ flow, back }))
  location.assign(url)
  return null
}

/** Where the person was before; only ever a page of this console. */
export function placeBefore(): string {
  return readKept()?.back ?? '/'
}

/** Hands in what the provider sent back. @throws Problem `access.oidc-refused` */
export async function finishAtProvider(link: Link): Promise<{ session: string }> {
  const parameters = location.search.slice(1)
  const begun = readKept()
  sessionStorage.removeItem(STORED)
  // It counts once, and has no place in the history.
  history.replaceState(history.state, '', PLACE)
  if (begun === null) throw new Problem('access.oidc-refused', 'Signing in was not begun in this tab.', { hint: 'Begin it again here.' })
  return link.call('access.finishOidc', { flow: begun.flow, parameters, client: 'browser' })
}

function readKept(): z.infer<typeof kept> | null {
  try {
    const read = kept.parse(JSON.parse(sessionStorage.getItem(STORED) ?? ''))
    return read.back.startsWith('/') && !read.back.startsWith('//') ? read : { ...read, back: '/' }
  } catch {
    return null
  }
}
