import 'reflect-metadata'
import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
  type Extension,
  type PublicKey,
} from '@peculiar/x509'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { fingerprintOf, folded, SIGNING, type KeyPair } from './crypto.ts'
import { openSecretBox, type SecretBox } from '../trust/secret-box.ts'
import { openKeyPair, readText, writeText } from './key-file.ts'

const DAY = 86_400_000
/** Lives of certificates, days. The one of the authority outlives what a console is in service for. */
export const lifeDays = { authority: 20 * 365, server: 365, device: 90, list: 400 } as const
/**
 * From when a certificate of the authority and of the broker counts. A device without a battery for its clock starts years in the past and
 * must reach the broker all the same; nothing is won by refusing it, for the authority did not exist then.
 */
const SINCE_EVER = new Date(Date.UTC(2000, 0, 1))
/** What clocks may differ by when a fresh certificate is first used. */
const SKEW_MS = 10 * 60_000

/** A certificate that was just signed. */
export interface Issued {
  /** Hex, lower case. */
  serial: string
  /** PEM. */
  certificate: string
  /** SHA-256 of its public key, hex. */
  fingerprint: string
  notBefore: number
  notAfter: number
}

/** Who signs certificates of a fleet. */
export interface Authority {
  /** Certificate of the authority, PEM: what devices trust. */
  readonly certificate: string
  readonly fingerprint: string
  readonly notAfter: number
  /**
   * Signs the key of a request for a device; nothing else of the request counts.
   * @throws Problem `certificate.request-invalid`
   */
  issueDevice(csr: string, device: string, now: number): Promise<Issued>
  /**
   * For a broker, under every name and address that devices may reach it by; its key, or the request of one that others run.
   * @throws Problem `certificate.request-invalid`
   */
  issueServer(publicKey: KeyPair['publicKey'] | string, names: readonly string[], now: number): Promise<Issued>
  /** For the console as a client of an external broker. */
  issueClient(publicKey: KeyPair['publicKey'], commonName: string, now: number): Promise<Issued>
  /** The list of what was taken back, PEM. */
  revocationList(revoked: readonly { serial: string; revokedAt: number }[], now: number): Promise<string>
}

const FILES = { key: 'ca.key.pem', certificate: 'ca.pem' } as const

/**
 * Opens the authority in its directory; makes it at the first need.
 * @param box seals its key, where the console has a passphrase
 * @throws Problem `trust.key-exposed`, `certificate.key-invalid`, `store.disk-full`, `data-directory.read-only`
 */
export async function openAuthority(
  directory: string,
  fleet: string,
  now: number,
  box: SecretBox = openSecretBox(null),
): Promise<Authority> {
  const kept = readText(directory, FILES.certificate)
  const { pair } = await openKeyPair({ directory, box }, FILES.key, kept === null)
  const pem = kept ?? (await selfSigned(pair, fleet, now))
  if (kept === null) writeText(directory, FILES.certificate, pem)
  const certificate = parseOwn(pem, `${directory}/${FILES.certificate}`)
  const identifier = await AuthorityKeyIdentifierExtension.create(pair.publicKey)
  const sign = async (subject: Subject): Promise<Issued> => {
    const serial = newSerial()
    const made = await X509CertificateGenerator.create({
      serialNumber: serial,
      issuer: certificate.subjectName,
      subject: [{ CN: [subject.commonName] }],
      notBefore: subject.notBefore,
      notAfter: subject.notAfter,
      publicKey: subject.publicKey,
      signingKey: pair.privateKey,
      signingAlgorithm: SIGNING,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        await SubjectKeyIdentifierExtension.create(subject.publicKey),
        identifier,
        ...subject.extensions,
      ],
    })
    return {
      ...{ serial, certificate: pemOf(made), fingerprint: fingerprintOf(made.publicKey.rawData) },
      ...{ notBefore: made.notBefore.getTime(), notAfter: made.notAfter.getTime() },
    }
  }
  const asClient = new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])
  return {
    certificate: pem,
    fingerprint: fingerprintOf(certificate.publicKey.rawData),
    notAfter: certificate.notAfter.getTime(),
    issueDevice: async (csr, device, now) =>
      sign({
        ...{ commonName: device, publicKey: (await readRequest(csr)).key, extensions: [asClient] },
        ...{ notBefore: new Date(now - SKEW_MS), notAfter: new Date(now + lifeDays.device * DAY) },
      }),
    issueServer: async (key, names, now) =>
      sign({
        commonName: 'Muster broker',
        publicKey: typeof key === 'string' ? (await readRequest(key)).key : key,
        notBefore: SINCE_EVER,
        notAfter: new Date(now + lifeDays.server * DAY),
        extensions: [
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          new SubjectAlternativeNameExtension(names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name }))),
        ],
      }),
    issueClient: (publicKey, commonName, now) =>
      sign({
        ...{ commonName, publicKey, extensions: [asClient] },
        ...{ notBefore: new Date(now - SKEW_MS), notAfter: new Date(now + lifeDays.server * DAY) },
      }),
    async revocationList(revoked, now) {
      const list = await X509CrlGenerator.create({
        issuer: certificate.subject,
        thisUpdate: new Date(now - SKEW_MS),
        nextUpdate: new Date(now + lifeDays.list * DAY),
        entries: revoked.map(({ serial, revokedAt }) => ({ serialNumber: serial, revocationDate: new Date(revokedAt) })),
        signingAlgorithm: SIGNING,
        signingKey: pair.privateKey,
      })
      // The library writes another label than the one that tools look for (RFC 7468 §6).
      return `-----BEGIN X509 CRL-----\n${folded(Buffer.from(list.rawData))}\n-----END X509 CRL-----\n`
    },
  }
}

interface Subject {
  commonName: string
  publicKey: KeyPair['publicKey'] | PublicKey
  notBefore: Date
  notAfter: Date
  extensions: Extension[]
}

/**
 * The key that a request is for, with its fingerprint.
 * @throws Problem `certificate.request-invalid` unless it is a P-256 key that signed the request
 */
export async function readRequest(csr: string): Promise<{ key: PublicKey; fingerprint: string }> {
  let key: PublicKey
  let isSigned: boolean
  try {
    const request = new Pkcs10CertificateRequest(Buffer.from(csr, 'base64'))
    key = request.publicKey
    isSigned = isP256(key) && (await request.verify())
  } catch (error) {
    throw new Problem('certificate.request-invalid', `The request for a certificate cannot be read: ${messageOf(error)}`, { cause: error })
  }
  if (!isSigned) throw new Problem('certificate.request-invalid', 'The request is not for a P-256 key, or is not signed with that key.')
  return { key, fingerprint: fingerprintOf(key.rawData) }
}

function isP256(key: PublicKey): boolean {
  const { algorithm } = key as { algorithm: { name?: string; namedCurve?: string } }
  return algorithm.name === 'ECDSA' && algorithm.namedCurve === 'P-256'
}

async function selfSigned(pair: KeyPair, fleet: string, now: number): Promise<string> {
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    // The random part tells two fleets of one name apart in the lists of tools.
    name: [{ CN: [`Muster authority ${fleet} ${randomBytes(4).toString('hex')}`] }],
    notBefore: SINCE_EVER,
    notAfter: new Date(now + lifeDays.authority * DAY),
    keys: pair,
    signingAlgorithm: SIGNING,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(pair.publicKey),
    ],
  })
  return pemOf(made)
}

function parseOwn(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw new Problem('certificate.key-invalid', `${file} holds no certificate: ${messageOf(error)}`, { cause: error })
  }
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem').trim()}\n`
}

/** 127 random bits whose first byte is neither zero nor negative: every tool writes such a number in the same way. */
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = 0x40 | (bytes[0]! & 0x3f)
  return bytes.toString('hex')
}
