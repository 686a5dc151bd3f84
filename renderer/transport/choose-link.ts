import type { HostBridge } from '../../shared/host/bridge.ts'
import { Problem } from '../../shared/domain/problem.ts'
import type { Transport } from '../../shared/rpc/client.ts'
import { keepLink, type Link } from './link.ts'
import { forgetKey, isSession, takeKey } from './key.ts'
import { openPort } from './port.ts'
import { keptPerson } from './person.ts'
import { openWebSocket } from './websocket.ts'

declare global {
  interface Window {
    /** Made by the preload; absent in a browser. */
    muster?: HostBridge
  }
}

/** The desktop around this page, or `null` in a browser. */
export function hostBridge(): HostBridge | null {
  return window.muster ?? null
}

/** Chooses the transport once; everything behind it is the same in Electron and in a browser. */
export function chooseLink(): Link {
  const bridge = hostBridge()
  const common = { makeId: () => crypto.randomUUID(), now: () => Date.now() }
  if (bridge !== null) return keepLink({ open: () => openPort(bridge, sessionOf(takeKey())), ...common })
  const url = new URL('/rpc', location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  return keepLink({
    open: () => openWithKey(url.href, takeKey()),
    ...common,
  })
}

/** Only a session is shown to the desktop: it vouches for the window itself. */
function sessionOf(key: string | null): string | null {
  return isSession(key) ? key : null
}

/**
 * Comes in with the key, else without one, to sign in: a console with accounts lets both in, each as who it is. A key that opens nothing there
 * is forgotten. @throws Problem `access.denied`, `console.unreachable`
 */
async function openWithKey(url: string, key: string | null): Promise<Transport> {
  let refusal = new Problem('access.denied', 'This page has no key of the console yet.')
  if (key !== null) {
    try {
      return await openWebSocket(url, key, keptPerson())
    } catch (error) {
      if (!isDenied(error)) throw error
      refusal = error
    }
  }
  try {
    const asGuest = await openWebSocket(url, null, null)
    forgetKey()
    return asGuest
  } catch (error) {
    throw isDenied(error) ? refusal : error
  }
}

function isDenied(error: unknown): error is Problem {
  return error instanceof Problem && error.code === 'access.denied'
}
