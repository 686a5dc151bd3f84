import { Problem } from '../../shared/domain/problem.ts'
import type { Transport } from '../../shared/rpc/client.ts'

const WELCOME_WITHIN_MS = 5000
/** The close code with which the console refuses a key. */
const REFUSED = 4401

/** Opens RPC over a WebSocket, shows the key, if there is one, and says who the person is, if a name was given. @throws Problem `access.denied`, `console.unreachable` */
export function openWebSocket(url: string, key: string | null, person: string | null): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url)
    // The listeners of the handshake end with it: from the welcome on frames belong to the client.
    const handshake = new AbortController()
    const { signal } = handshake
    const fail = (problem: Problem): void => {
      handshake.abort()
      clearTimeout(timer)
      socket.close()
      reject(problem)
    }
    const timer = setTimeout(() => fail(new Problem('console.unreachable', 'The console did not answer.')), WELCOME_WITHIN_MS)
    socket.addEventListener(
      'open',
      () => {
        const said = { ...(key === null ? {} : { token: key }), ...(person === null ? {} : { person }) }
        socket.send(JSON.stringify({ client: 'browser', ...said }))
      },
      { signal },
    )
    socket.addEventListener(
      'close',
      ({ code }) => {
        fail(
          code === REFUSED
            ? new Problem('access.denied', 'The console refused the key of this page.')
            : new Problem('console.unreachable', 'The console does not answer.'),
        )
      },
      { signal },
    )
    socket.addEventListener(
      'message',
      () => {
        handshake.abort()
        clearTimeout(timer)
        resolve(transportOver(socket))
      },
      { signal },
    )
  })
}

function transportOver(socket: WebSocket): Transport {
  return {
    send: (frame) => socket.send(JSON.stringify(frame)),
    onFrame: (handler) => socket.addEventListener('message', ({ data }) => handler(JSON.parse(String(data)))),
    onClose: (handler) =>
      socket.addEventListener('close', ({ code, reason }) => handler(reason === '' ? `the connection ended (${code})` : reason)),
    close: () => socket.close(),
  }
}
