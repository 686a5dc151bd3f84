import type { X509Certificate } from 'node:crypto'
import { X509Certificate as Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { Problem } from '../../shared/domain/problem.ts'

/** What a broker showed while a device enrolled. */
export interface ShownBroker {
  certificate: X509Certificate
  /** An authority that the system knows vouches for it. */
  isTrusted: boolean
}

/**
 * Whom a device trusts as its broker from then on. The certificate of the authority came in an answer that only the console can have made, so a
 * broker that somebody put in between, whose certificate is not of that authority, is found out here.
 * @param shown null: the connection was without TLS
 * @throws Problem `certificate.untrusted-broker`
 */
export function brokerTrust(url: string, shown: ShownBroker | null, ca: string | null): { trustsSystem: boolean } | null {
  if (shown === null) return null
  const { certificate, isTrusted } = shown
  if (ca !== null && isOf(certificate, new Certificate(ca))) {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
    const isNamed = (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined
    if (isNamed) return { trustsSystem: false }
    throw new Problem('certificate.untrusted-broker', `The certificate of the broker does not name ${host}.`, {
      hint: 'Add the name in the console: muster console --broker-name NAME, or in the settings of the broker.',
    })
  }
  if (isTrusted) return { trustsSystem: true }
  throw new Problem('certificate.untrusted-broker', `The broker at ${url} shows a certificate that is not of this fleet.`)
}

function isOf(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
}
