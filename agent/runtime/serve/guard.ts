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
  let hosts = 0
  let host: string | undefined
  // One look at the raw headers: node:http keeps only the first Host in `headers`, and making that object costs more than all of this.
  const { rawHeaders } = request
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    if (name.length === 6 && name.toLowerCase() === 'origin') throw denied('Requests from web pages (with an Origin header) are refused.')
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue
    hosts += 1
    host ??= rawHeaders[i + 1]
  }
  if (hosts > 1 || (hosts === 0 && request.httpVersion === '1.1')) {
    throw new Problem('inference.bad-input', `HTTP/1.1 asks for one Host header; ${hosts} came.`)
  }
  if (!isLoopbackOnly) return
  const url = request.url ?? ''
  // A target with a host of its own is meant instead of the header.
  const meant = url.startsWith('/') ? host : (absoluteTarget.exec(url)?.[1] ?? host)
  if (meant === undefined || meant === lastLoopback) return
  if (!isLoopbackName(hostName(meant)))
    throw denied(`This API is on loopback; Host "${meant.slice(0, 100)}" is refused. Use 127.0.0.1 or localhost.`)
  lastLoopback = meant
}

/** The host that was let in the last time: a client sends the same one again. */
let lastLoopback: string | undefined

/** The name in a `Host` header, without port and brackets. */
function hostName(host: string): string {
  const match = /^\[([0-9a-fA-F:.]+)\](?::\d*)?$/.exec(host) ?? /^([^:]*)(?::\d*)?$/.exec(host)
  return match?.[1] ?? host
}

function denied(message: string): Problem {
  return new Problem('access.denied', message, { hint: 'Call it from a program on this device.' })
}
