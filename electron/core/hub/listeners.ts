import { constants } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls'
import { errorCodeOf, messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { Log } from '../log.ts'
import type { Transport } from './access.ts'
import type { Door, Visitor } from './door.ts'
import type { EmbeddedTls, HubTls } from './messages.ts'

/** Where the embedded broker listens: one address, with TLS or without; with TLS also a port of loopback for agents on this machine. */
export interface ListenOptions {
  host: string
  port: number
  tls: (HubTls & Pick<EmbeddedTls, 'localPort'>) | null
  handshakeTimeoutMs: number
  door: Door
  log: Log
  /** A connection on which MQTT may begin. */
  onArrival(arrival: Arrival): void
  /** A TLS connection that did not come so far. */
  onRefused(address: string, reason: string): void
}

/** A connection with what is known of it before its first packet. */
export interface Arrival {
  socket: Socket
  transport: Transport
  address: string
  visitor: Visitor
}

/** The open listeners. */
export interface Listeners {
  /** @throws Problem `port.in-use` */
  start(): Promise<{ url: string; localUrl: string }>
  /** Shows another certificate to those who connect from now on. */
  setTls(tls: HubTls): void
  /** Takes nobody in any more and ends what has not arrived; who has arrived is not its business. */
  stop(): Promise<void>
}

const LOCAL = '127.0.0.1'
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const

/** Makes the listeners of a broker; none listens yet. */
export function createListeners(options: ListenOptions): Listeners {
  return new BrokerListeners(options)
}

/**
 * INVARIANTS
 * 1. Every connection goes through the door when the socket opens, before the first byte of a handshake: half-open handshakes count as those
 *    who only hold connections open.
 * 2. A certificate that does not chain to the authority of the fleet, or is out of its time, ends the connection. No certificate does not: who
 *    comes without may enrol, and nothing else; that is decided at the CONNECT.
 */
class BrokerListeners implements Listeners {
  readonly #options: ListenOptions
  readonly #plain: Server
  readonly #tls: TlsServer | null
  /** Connections in their handshake, by remote end. */
  readonly #shaking = new Map<string, { socket: Socket; visitor: Visitor }>()
  #isStopping = false

  constructor(options: ListenOptions) {
    this.#options = options
    this.#plain = createServer(socketOptions, (socket) => this.#onPlain(socket))
    this.#tls = options.tls === null ? null : this.#createTls(options.tls)
  }

  async start(): Promise<{ url: string; localUrl: string }> {
    const { host, port, tls } = this.#options
    if (this.#tls === null || tls === null) {
      const url = urlOf('mqtt', host, await this.#listen(this.#plain, host, port))
      return { url, localUrl: url }
    }
    const url = urlOf('mqtts', host, await this.#listen(this.#tls, host, port))
    try {
      return { url, localUrl: urlOf('mqtt', LOCAL, await this.#listen(this.#plain, LOCAL, tls.localPort)) }
    } catch (error) {
      await closed(this.#tls)
      throw error
    }
  }

  setTls(tls: HubTls): void {
    this.#tls?.setSecureContext(contextOf(tls))
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    const ended = [closed(this.#plain), ...(this.#tls === null ? [] : [closed(this.#tls)])]
    for (const { socket } of this.#shaking.values()) socket.destroy()
    await Promise.all(ended)
  }

  #createTls(tls: HubTls): TlsServer {
    const server = createTlsServer({ ...contextOf(tls), ...socketOptions, handshakeTimeout: this.#options.handshakeTimeoutMs })
    // The raw socket, before the handshake (invariant 1).
    server.prependListener('connection', (socket: Socket) => this.#onShaking(socket))
    server.on('secureConnection', (socket) => this.#onSecure(socket))
    server.on('tlsClientError', (error, socket) => {
      const address = socket.remoteAddress ?? addressOf(error)
      // Who hangs up in the middle has been refused nothing.
      if (errorCodeOf(error) !== 'ECONNRESET') this.#options.onRefused(address, `no TLS: ${reasonOf(error)}`)
      socket.destroy()
    })
    return server
  }

  /** Counts a connection in; null: there is no room, or the broker stops. */
  #enter(socket: Socket): Visitor | null {
    const visitor: Visitor = { address: socket.remoteAddress ?? '', evict: () => void socket.destroy() }
    if (this.#isStopping || !this.#options.door.enter(visitor)) {
      socket.on('error', () => undefined)
      socket.destroy()
      return null
    }
    socket.once('close', () => this.#options.door.leave(visitor))
    return visitor
  }

  #onPlain(socket: Socket): void {
    const visitor = this.#enter(socket)
    if (visitor !== null) this.#options.onArrival({ socket, visitor, address: visitor.address, transport: { kind: 'plain' } })
  }

  #onShaking(socket: Socket): void {
    const visitor = this.#enter(socket)
    if (visitor === null) return
    const end = endOf(socket)
    this.#shaking.set(end, { socket, visitor })
    socket.once('close', () => this.#shaking.delete(end))
  }

  #onSecure(socket: TLSSocket): void {
    const end = endOf(socket)
    const visitor = this.#shaking.get(end)?.visitor
    this.#shaking.delete(end)
    if (visitor === undefined || this.#isStopping) {
      socket.destroy()
      return
    }
    const certificate = socket.getPeerX509Certificate()
    if (certificate !== undefined && !socket.authorized) {
      this.#options.onRefused(visitor.address, certificateReason(String(socket.authorizationError)))
      socket.on('error', () => undefined)
      socket.destroy()
      return
    }
    const peer =
      certificate === undefined
        ? null
        : {
            commonName: /^CN=([^\n]*)$/.exec(certificate.subject)?.[1] ?? '',
            serial: certificate.serialNumber.toLowerCase(),
            notAfter: Date.parse(certificate.validTo),
          }
    this.#options.onArrival({ socket, visitor, address: visitor.address, transport: { kind: 'tls', certificate: peer } })
  }

  #listen(server: Server, host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const onError = (error: Error): void => {
        const cause = errorCodeOf(error) === 'EADDRINUSE' ? 'it is in use' : messageOf(error)
        reject(new Problem('port.in-use', `The broker cannot listen on ${host}:${port}: ${cause}.`, { cause: error }))
      }
      server.once('error', onError)
      server.listen({ host, port }, () => {
        server.off('error', onError)
        server.on('error', (error) =>
          this.#options.log('error', 'the listener of the broker reports an error', { reason: messageOf(error) }),
        )
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      })
    })
  }
}

function contextOf({ key, certificate, ca }: HubTls) {
  return {
    ...{ key, cert: certificate, ca, minVersion: 'TLSv1.3' as const },
    // Not refused by the library: a guest has no certificate yet. `#onSecure` looks at what came.
    ...{ requestCert: true, rejectUnauthorized: false },
    // Each connection shows its certificate: one that was taken back must not come in with an old ticket.
    secureOptions: constants.SSL_OP_NO_TICKET,
  }
}

function certificateReason(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return 'the client certificate has expired'
  if (code === 'CERT_NOT_YET_VALID') return 'the client certificate is not valid yet'
  if (code === 'INVALID_PURPOSE') return 'the certificate is not one of a client'
  return `the client certificate is not of the authority of this fleet (${code})`
}

function reasonOf(error: Error): string {
  const code = errorCodeOf(error)
  if (code === 'ERR_SSL_UNSUPPORTED_PROTOCOL') return 'TLS 1.3 is needed'
  if (code === 'ERR_SSL_HTTP_REQUEST' || code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return 'what came was no TLS'
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'the handshake took too long'
  return code ?? messageOf(error).slice(0, 200)
}

function addressOf(error: Error): string {
  return 'remoteAddress' in error ? String(error.remoteAddress) : ''
}

function endOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${String(socket.remotePort)}`
}

function urlOf(scheme: 'mqtt' | 'mqtts', host: string, port: number): string {
  return `${scheme}://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (server.listening) server.close(() => resolve())
    else resolve()
  })
}
