import type { HostBridge } from '../../shared/host/bridge.ts'
import { windowMessage } from '../../shared/host/window-messages.ts'
import { Problem } from '../../shared/domain/problem.ts'
import type { Transport } from '../../shared/rpc/client.ts'

const PORT_WITHIN_MS = 10_000

/** Asks the desktop for a port to the core, shows the session of who signed in, and speaks RPC over it. @throws Problem `console.unreachable` */
export function openPort(bridge: HostBridge, session: string | null): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      window.removeEventListener('message', take)
      reject(new Problem('console.unreachable', 'The core has not answered yet.'))
    }, PORT_WITHIN_MS)
    const take = (event: MessageEvent): void => {
      const message = windowMessage.safeParse(event.data)
      const port = event.ports[0]
      if (event.source !== window || !message.success || message.data.muster !== 'port' || port === undefined) return
      clearTimeout(timer)
      window.removeEventListener('message', take)
      // Before the first call. A session that has ended makes the caller a guest, who signs in anew.
      if (session !== null) port.postMessage({ token: session })
      resolve(transportOver(port))
    }
    window.addEventListener('message', take)
    bridge.connect()
  })
}

function transportOver(port: MessagePort): Transport {
  return {
    send: (frame) => port.postMessage(frame),
    onFrame(handler) {
      port.addEventListener('message', ({ data }) => handler(data))
      port.start()
    },
    onClose(handler) {
      const ended = new AbortController()
      const end = (reason: string): void => {
        if (ended.signal.aborted) return
        ended.abort()
        port.close()
        handler(reason)
      }
      // The port is closed with the process behind it; the desktop tells of its end as well, whichever comes first.
      port.addEventListener('close', () => end('the core ended'), { signal: ended.signal })
      window.addEventListener(
        'message',
        (event) => {
          const message = windowMessage.safeParse(event.data)
          if (event.source === window && message.success && message.data.muster === 'core' && message.data.state !== 'running')
            end('the core ended')
        },
        { signal: ended.signal },
      )
    },
    close: () => port.close(),
  }
}
