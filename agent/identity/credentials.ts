import { createPrivateKey, sign, X509Certificate } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { errorCodeOf, messageOf, Problem } from '../../shared/domain/problem.ts'
import { renewalDueAt } from '../../shared/protocol/certificate.ts'
import { firstIssue } from '../../shared/protocol/decode.ts'
import { certificatePem } from '../../shared/protocol/pem.ts'
import { replaceFile } from '../../shared/store/durable-file.ts'
import { storeProblem } from '../../shared/store/sqlite-rules.ts'
import { fingerprintOf, rawPublicKey } from './device-key.ts'

const keyPem = z.string().startsWith('-----BEGIN PRIVATE KEY-----').max(4096)

/** A key with its certificate, and the authority that issued it. */
export const credential = z.looseObject({ key: keyPem, certificate: certificatePem, ca: certificatePem })
export type Credential = z.infer<typeof credential>

/** The keys of a device, in a file that its owner alone reads. */
export const credentials = z.looseObject({
  v: z.literal(1),
  signingKey: keyPem.describe('Ed25519: signs receipts.'),
  current: credential.nullable(),
  next: credential.nullable().describe('Issued and not used yet; the current one stays until a connection with this one has worked.'),
})
export type Credentials = z.infer<typeof credentials>

const FILE = 'credentials.json'

/** The keys in a directory; `null`: the agent has none, as one from before certificates. @throws Problem `store.corrupt` */
export function readCredentials(directory: string): Credentials | null {
  const file = join(directory, FILE)
  try {
    const parsed = credentials.safeParse(JSON.parse(fs.readFileSync(file, 'utf8')))
    if (parsed.success) return parsed.data
    throw damaged(file, firstIssue(parsed.error))
  } catch (error) {
    if (error instanceof Problem) throw error
    if (errorCodeOf(error) === 'ENOENT') return null
    throw damaged(file, messageOf(error))
  }
}

function damaged(file: string, why: string): Problem {
  return new Problem('store.corrupt', `${file} is damaged: ${why}`, { hint: 'Enrol this agent again with --force.' })
}

/** Writes the keys durably, readable by their owner only. @throws Problem `data-directory.read-only`, `store.disk-full` */
export function writeCredentials(directory: string, value: Credentials): void {
  try {
    replaceFile(fs, { directory, name: FILE, mode: 0o600 }, Buffer.from(`${JSON.stringify(value, null, 2)}\n`))
  } catch (error) {
    throw storeProblem(error, join(directory, FILE))
  }
}

/** From when to when a certificate counts, and when it is due for renewal, epoch ms. */
export function lifeOf({ certificate }: Credential): { notBefore: number; notAfter: number; renewAt: number } {
  const parsed = new X509Certificate(certificate)
  const life = { notBefore: Date.parse(parsed.validFrom), notAfter: Date.parse(parsed.validTo) }
  return { ...life, renewAt: renewalDueAt(life) }
}

/** Serial number of a certificate, hex, lower case. */
export function serialOf({ certificate }: Credential): string {
  return new X509Certificate(certificate).serialNumber.toLowerCase()
}

/** What a person, or a program, is told of the certificate that counts; `null`: none yet. */
export function certificateSummary(
  held: Credentials | null,
  { tls }: { tls?: unknown },
): { fingerprint: string; notAfter: number; renewAt: number; isUsed: boolean } | null {
  const current = held?.current ?? null
  if (current === null) return null
  const { notAfter, renewAt } = lifeOf(current)
  return { fingerprint: fingerprintOf(current.key), notAfter, renewAt, isUsed: tls !== undefined }
}

/**
 * Checks a certificate that came: it is for this key and this device, and the authority beside it signed it.
 * @throws Problem `certificate.request-invalid`
 */
export function checkCredential({ key, certificate, ca }: Credential, device: string): void {
  const own = new X509Certificate(certificate)
  const authority = new X509Certificate(ca)
  const isSound =
    own.subject === `CN=${device}` &&
    own.checkPrivateKey(createPrivateKey(key)) &&
    authority.ca &&
    own.checkIssued(authority) &&
    own.verify(authority.publicKey)
  if (!isSound) throw new Problem('certificate.request-invalid', 'The certificate that came is not one for the key of this device.')
}

/** Signs what a device answers for, such as receipts. */
export interface DeviceSigner {
  /** Raw Ed25519 public key, base64: the console got it at the enrolment, or with the first certificate. */
  publicKey: string
  sign(bytes: Uint8Array): Buffer
}

/** The signer of a directory; `null`: the agent has no keys yet. */
export function openDeviceSigner(directory: string): DeviceSigner | null {
  const held = readCredentials(directory)
  if (held === null) return null
  const key = createPrivateKey(held.signingKey)
  return { publicKey: rawPublicKey(held.signingKey), sign: (bytes) => sign(null, bytes, key) }
}
