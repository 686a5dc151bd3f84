import { hostname, networkInterfaces } from 'node:os'
import { isIP } from 'node:net'

/** Names that stand for every address of the machine. */
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]'])
/** A certificate with more names than devices will ever use is a mistake. */
const MOST = 64

/**
 * The names and addresses under which devices may reach the broker: what a person named, the address that it listens on (or each of this
 * machine), the name of the machine, and loopback.
 */
export function serverNames(host: string, named: readonly string[]): string[] {
  const own = EVERYWHERE.has(host)
    ? Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address))
    : [host.replace(/^\[|\]$/g, '')]
  const all = [...named, ...own, hostname(), 'localhost', '127.0.0.1', '::1']
  return [...new Set(all.map((name) => name.toLowerCase().replace(/%.*$/, '')))].filter(isName).slice(0, MOST)
}

function isName(name: string): boolean {
  return isIP(name) !== 0 || /^[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*\.?$/.test(name)
}
