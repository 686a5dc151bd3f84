import { rootCertificates } from 'node:tls'
import type { Credential, Credentials } from '../identity/credentials.ts'
import type { Identity } from '../identity.ts'
import type { DialOptions } from './dial.ts'

/** The usual port of MQTT over TLS. */
const TLS_PORT = 8883
/** The usual port of MQTT without. */
const PLAIN_PORT = 1883

/** One way to the broker. */
export interface Way {
  url: string
  login: { username: string; password: string | null }
  tls: NonNullable<DialOptions['tls']> | null
  /** The certificate that it is tried with. */
  uses: Credential | null
}

/**
 * The ways that lead to the broker, the likeliest first.
 *
 * A device whose connection is by certificate tries a new certificate before the one that it has. One that came in without TLS tries its
 * certificate where the broker no longer answers there: its console may have switched TLS on. On the machine of the broker the way without TLS stays
 * the last one: its console may have switched it off again.
 */
export function waysOf(identity: Identity, held: Credentials | null): Way[] {
  const { brokerUrl, username, secret, device } = identity
  const certificates = held === null ? [] : [held.next, held.current].filter((one) => one !== null)
  const byCertificate = (url: string, uses: Credential): Way => ({
    url,
    login: { username: device, password: null },
    tls: { key: uses.key, cert: uses.certificate, ca: [uses.ca, ...(identity.tls?.trustsSystem === true ? rootCertificates : [])] },
    uses,
  })
  if (identity.tls !== undefined && certificates.length > 0)
    return [...certificates.map((uses) => byCertificate(brokerUrl, uses)), ...byPassword(identity)]
  const asBefore: Way = { url: brokerUrl, login: { username, password: secret }, tls: null, uses: null }
  const [newest] = certificates
  if (newest === undefined || !brokerUrl.startsWith('mqtt:') || username !== device) return [asBefore]
  const host = new URL(brokerUrl).hostname
  const ports = new Set([String(TLS_PORT), new URL(brokerUrl).port || '1883'])
  return [asBefore, ...[...ports].map((port) => byCertificate(`mqtts://${host}:${port}`, newest))]
}

/** The last way of a device on the machine of its broker: with TLS switched off again, it comes in by its password there. */
function byPassword({ brokerUrl, plainUrl, username, secret, device }: Identity): Way[] {
  const { hostname } = new URL(brokerUrl)
  const url = plainUrl ?? `mqtt://${hostname}:${PLAIN_PORT}`
  return username === device && isLoopback(hostname) && isLoopback(new URL(url).hostname)
    ? [{ url, login: { username, password: secret }, tls: null, uses: null }]
    : []
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
