import type { IncomingHttpHeaders } from 'node:http'
import { Problem } from '../../../shared/domain/problem.ts'

/** True for names that always mean this machine. */
export function isLoopbackName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
}

/**
 * Keeps web pages out: they send `Origin`, or reach loopback by a name of their own (DNS rebinding).
 * @param isLoopbackOnly the API is bound to loopback, so that no other `Host` can be meant
 * @throws Problem `access.denied`
 */
export function guardRequest(headers: IncomingHttpHeaders, isLoopbackOnly: boolean): void {
  if (headers.origin !== undefined) throw denied('Requests from web pages (with an Origin header) are refused.')
  if (isLoopbackOnly && headers.host !== undefined && !isLoopbackName(hostName(headers.host))) {
    throw denied(`This API is on loopback; Host "${headers.host.slice(0, 100)}" is refused. Use 127.0.0.1 or localhost.`)
  }
}

/** The name in a `Host` header, without port and brackets. */
function hostName(host: string): string {
  const match = /^\[([0-9a-fA-F:.]+)\](?::\d+)?$/.exec(host) ?? /^([^:]*)(?::\d+)?$/.exec(host)
  return match?.[1] ?? host
}

function denied(message: string): Problem {
  return new Problem('access.denied', message, { hint: 'Call it from a program on this device.' })
}
