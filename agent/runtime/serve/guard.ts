import type { IncomingMessage } from 'node:http'
import { Problem } from '../../../shared/domain/problem.ts'

/** The scheme and host of a target in absolute form, which proxies and clients behind one send; group 1 is the host. */
export const absoluteTarget = /^https?:\/\/([^/?#]*)/i

/** True for names that always mean this machine. */
export function isLoopbackName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
}

/**
 * Keeps web pages out: they send `Origin`, or reach loopback by a name of their own (DNS rebinding).
 * @param isLoopbackOnly the API is bound to loopback, so that no other `Host` can be meant
 * @throws Problem `access.denied`, `inference.bad-input` for a request of HTTP/1.1 that does not name one host
 */
export function guardRequest(request: IncomingMessage, isLoopbackOnly: boolean): void {
  if (request.headers.origin !== undefined) throw denied('Requests from web pages (with an Origin header) are refused.')
  const hosts = request.headersDistinct['host'] ?? []
  if (hosts.length > 1 || (hosts.length === 0 && request.httpVersion === '1.1')) {
    throw new Problem('inference.bad-input', `HTTP/1.1 asks for one Host header; ${hosts.length} came.`)
  }
  // A target with a host of its own is meant instead of the header.
  const host = absoluteTarget.exec(request.url ?? '')?.[1] ?? hosts[0]
  if (isLoopbackOnly && host !== undefined && !isLoopbackName(hostName(host))) {
    throw denied(`This API is on loopback; Host "${host.slice(0, 100)}" is refused. Use 127.0.0.1 or localhost.`)
  }
}

/** The name in a `Host` header, without port and brackets. */
function hostName(host: string): string {
  const match = /^\[([0-9a-fA-F:.]+)\](?::\d*)?$/.exec(host) ?? /^([^:]*)(?::\d*)?$/.exec(host)
  return match?.[1] ?? host
}

function denied(message: string): Problem {
  return new Problem('access.denied', message, { hint: 'Call it from a program on this device.' })
}
