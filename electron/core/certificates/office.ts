import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { renewalDueAt } from '../../../shared/protocol/certificate.ts'
import type { BrokerOptions, HubTls } from '../hub/messages.ts'
import { lifeDays, openAuthority, type Authority, type Issued } from './authority.ts'
import { CONSOLE_NAME } from './console-name.ts'
import { fingerprintOf, type KeyPair } from './crypto.ts'
import { openKeyPair, openKeyNames, readText, sealOpenKeys, writeText } from './key-file.ts'
import { serverNames } from './server-names.ts'
import { openSecretBox, type SecretBox } from '../trust/secret-box.ts'

/**
 * The certificates of a fleet as the console keeps them.
 *
 * INVARIANTS
 * 1. The authority is made at the first need, never for a console that nobody asked for certificates.
 * 2. `hubTls` is what was prepared last: a hub that crashed starts again with it, without waiting.
 */
export interface CertificateOffice {
  authority(): Promise<Authority>
  /** Somebody has needed the authority before. */
  isMade(): boolean
  /** Names of keys that lie open on the disk. */
  openKeys(): string[]
  /** Makes the certificate with which the console comes to an external broker that knows it by that. */
  makeConsole(): Promise<void>
  /** Makes ready what a broker of these options needs; call it before the hub starts with them. */
  prepare(broker: BrokerOptions): Promise<void>
  /** Certificate and key of the console as a client of an external broker; null: nobody has made one. */
  consoleTls(): Promise<HubTls | null>
  /** Certificate and key of the hub for the prepared broker; null: it needs none. */
  hubTls(): HubTls | null
  /** What the broker shows to devices; null: no TLS. */
  server(): { names: string[]; notAfter: number; fingerprint: string } | null
}

export interface OfficeOptions {
  directory: string
  /** Seals the keys, where the console has a passphrase. */
  box?: SecretBox
  fleet(): string
  now(): number
}

interface Paper {
  key: string
  certificate: string
  names: string[]
}

/** Opens the office; files are read and made at the first need. */
export function openCertificateOffice({ directory, fleet, now, box = openSecretBox(null) }: OfficeOptions): CertificateOffice {
  const place = { directory, box }
  sealOpenKeys(place)
  let opened: Promise<Authority> | null = null
  let tls: HubTls | null = null
  let server: ReturnType<CertificateOffice['server']> = null

  const authority = (): Promise<Authority> => {
    opened ??= openAuthority(directory, fleet(), now(), box).catch((error: unknown) => {
      // A key whose rights were put in order is read at the next try.
      opened = null
      throw error
    })
    return opened
  }
  const paper = async (name: string, names: readonly string[], issue: Issue): Promise<Paper> => {
    const { pair, pem: key } = await openKeyPair(place, `${name}.key.pem`, true)
    const by = await authority()
    const kept = readText(directory, `${name}.pem`)
    if (kept !== null && isGood(kept, { key, names, authority: by.certificate, now: now() }))
      return { key, certificate: kept, names: [...names] }
    const { certificate } = await issue(by, pair.publicKey)
    writeText(directory, `${name}.pem`, certificate)
    return { key, certificate, names: [...names] }
  }
  const consolePaper = (): Promise<Paper> => paper('console', [], (by, key) => by.issueClient(key, CONSOLE_NAME, now()))
  const consoleTls = async (): Promise<HubTls | null> => {
    if (readText(directory, 'console.pem') === null) return null
    const { key, certificate } = await consolePaper()
    return { key, certificate, ca: (await authority()).certificate }
  }
  return {
    authority,
    makeConsole: async () => void (await consolePaper()),
    openKeys: () => openKeyNames(directory),
    isMade: () => opened !== null || readText(directory, 'ca.pem') !== null,
    consoleTls,
    async prepare(broker) {
      if (broker.kind === 'embedded' && broker.tls !== undefined) {
        const names = serverNames(broker.host, broker.tls.names)
        const made = await paper('server', names, (by, key) => by.issueServer(key, names, now()))
        const { validTo, publicKey } = new X509Certificate(made.certificate)
        server = { names, notAfter: Date.parse(validTo), fingerprint: fingerprintOf(publicKey.export({ type: 'spki', format: 'der' })) }
        tls = { key: made.key, certificate: made.certificate, ca: (await authority()).certificate }
        return
      }
      server = null
      tls = null
      // An external broker that Muster configured knows the console by its certificate; one that was not asked never sees it.
      if (broker.kind === 'external' && broker.url.startsWith('mqtts:')) tls = await consoleTls()
    },
    hubTls: () => tls,
    server: () => server,
  }
}

/** Certificates of the broker count since ever; their life is counted back from their end. */
const SERVER_LIFE_MS = lifeDays.server * 86_400_000

type Issue = (by: Authority, key: KeyPair['publicKey']) => Promise<Issued>

/** True if a kept certificate still serves: signed by this authority for this key, with all names, and not due for renewal. */
function isGood(pem: string, want: { key: string; names: readonly string[]; authority: string; now: number }): boolean {
  try {
    const certificate = new X509Certificate(pem)
    const notAfter = Date.parse(certificate.validTo)
    const isDue = want.now >= renewalDueAt({ notBefore: Math.max(Date.parse(certificate.validFrom), notAfter - SERVER_LIFE_MS), notAfter })
    const isOurs = certificate.checkIssued(new X509Certificate(want.authority)) && certificate.checkPrivateKey(createPrivateKey(want.key))
    return isOurs && !isDue && want.names.every((name) => covers(certificate, name))
  } catch {
    return false
  }
}

function covers(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined
}
