import { timingSafeEqual, createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Problem } from '../../../shared/domain/problem.ts'

/** Names under which a browser on this machine may reach the console. Anything else is DNS rebinding. */
function ownHosts(port: number): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]
}

/** @throws Problem `access.denied` unless the Host header is this server's own loopback name. */
export function checkHost(request: IncomingMessage, port: number): void {
  if (!ownHosts(port).includes(request.headers.host ?? '')) {
    throw new Problem('access.denied', `The Host header '${request.headers.host ?? ''}' is not of this console.`)
  }
}

/** @throws Problem `access.denied` unless the Origin header is present and this server's own: neither another site nor a form may call. */
export function checkOrigin(request: IncomingMessage, port: number): void {
  const allowed = ownHosts(port).map((host) => `http://${host}`)
  if (!allowed.includes(request.headers.origin ?? '')) {
    throw new Problem('access.denied', `The Origin header '${request.headers.origin ?? ''}' is not of this console.`)
  }
}

/** Compares tokens in constant time. */
export function isToken(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

/** The token of `Authorization: Bearer <token>`. A token in the URL does not count: URLs are logged. @throws Problem `access.denied` */
export function bearerOf(request: IncomingMessage): string {
  const given = /^Bearer (\S{1,256})$/.exec(request.headers.authorization ?? '')?.[1]
  if (given === undefined) throw new Problem('access.denied', 'The token is missing.')
  return given
}
