import { createServer, type AddressInfo, type Socket } from 'node:net'
import { errorCodeOf, messageOf, Problem } from '../../shared/domain/problem.ts'
import { isLoopbackName } from '../runtime/serve/guard.ts'

/** Where the local API listens. */
export interface HttpAddress {
  host: string
  port: number
  /** As a client on the device reaches it. */
  url: string
}

/** The listening socket of the local API. It reads nothing: whoever gets a connection gets it whole. */
export interface Listener {
  address: HttpAddress
  /** Takes no further connection; those that were passed on live on. */
  close(): void
}

/**
 * Listens for connections and passes each one on, paused.
 * @throws Problem `port.in-use`, `input.invalid` for an address that is not of this machine or not permitted
 */
export function startListener(at: { host: string; port: number }, onConnection: (socket: Socket) => void): Promise<Listener> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, onConnection)
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenProblem(error, at)))
    server.listen({ host: at.host, port: at.port }, () => {
      server.removeAllListeners('error')
      // Out of file descriptors, for one: the connection is lost, the listener goes on.
      server.on('error', () => undefined)
      resolve({ address: addressOf(at.host, server.address()), close: () => server.close() })
    })
  })
}

/** True if only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return isLoopbackName(host)
}

function addressOf(host: string, bound: AddressInfo | string | null): HttpAddress {
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return { host, port, url: `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}` }
}

function listenProblem(error: Error, { host, port }: { host: string; port: number }): Problem {
  if (errorCodeOf(error) === 'EADDRINUSE')
    return new Problem('port.in-use', `Port ${port} on ${host} is in use by another program.`, { cause: error })
  return new Problem('input.invalid', `The local API cannot listen on ${host}:${port}: ${messageOf(error)}`, {
    hint: 'Choose another httpHost or httpPort.',
    cause: error,
  })
}
