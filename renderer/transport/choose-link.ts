import type { HostBridge } from '../../shared/host/bridge.ts'
import { Problem } from '../../shared/domain/problem.ts'
import { keepLink, type Link } from './link.ts'
import { takeKey } from './key.ts'
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
  if (bridge !== null) return keepLink({ open: () => openPort(bridge), ...common })
  const url = new URL('/rpc', location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  return keepLink({
    open: () => {
      const key = takeKey()
      if (key === null) return Promise.reject(new Problem('access.denied', 'This page has no key of the console yet.'))
      return openWebSocket(url.href, key, keptPerson())
    },
    ...common,
  })
}
