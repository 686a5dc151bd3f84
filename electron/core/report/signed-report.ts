import { createHash } from 'node:crypto'
import { z } from 'zod'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { reportDocument, reportStatement, type ReportDocument, type ReportStatement } from '../../../shared/domain/report/document.ts'
import { factsOf } from '../../../shared/domain/report/facts.ts'
import type { ReportSeal } from '../../../shared/domain/report/seal.ts'
import { envelope, payloadTypes, signature, type Envelope } from '../../../shared/protocol/envelope.ts'
import { keyIdOf, verifySignatures, type Keyring } from '../trust/keys.ts'

/** A report with its signature: what its JSON file holds, and all that another console needs to check it. */
export interface SignedReport {
  envelope: Envelope
  publicKey: string
  document: ReportDocument
}

/** Whose signature a report carries. `ours`: of a key of this console, now or before. */
export type ReportSigner = 'ours' | 'other' | 'bad'

/** A file as it was read. */
export interface SignedReading {
  signed: SignedReport
  statement: ReportStatement
  signer: ReportSigner
  keyId: string
  /** The file is, byte for byte, what was written when the report was signed. */
  isWhole: boolean
}

// Strict, and without what envelopes of later versions may hold: a field that is not signed is nobody's word.
const stored = z.strictObject({
  envelope: z.strictObject({ ...envelope.shape, signatures: z.array(z.strictObject(signature.shape)).length(1) }),
  publicKey: z.string().max(64),
  document: z.unknown(),
})

/** Signs that are hashed at once. */
const HASHED_AT_ONCE = 65_536

/** The data hash: SHA-256 over the values in their order, each as a line of JSON. */
export function dataHashOf(document: ReportDocument): { dataHash: string; facts: number } {
  const hash = createHash('sha256')
  let facts = 0
  let lines = ''
  for (const { place, value } of factsOf(document)) {
    lines += `${JSON.stringify([place, value])}\n`
    facts += 1
    // Handing over each line by itself costs more than hashing it.
    if (lines.length > HASHED_AT_ONCE) {
      hash.update(lines)
      lines = ''
    }
  }
  hash.update(lines)
  return { dataHash: hash.digest('hex'), facts }
}

/** Signs a document. The statement is what is signed; it names the document by its hash. */
export function signReport(keyring: Pick<Keyring, 'sign' | 'onlinePublic'>, report: number, document: ReportDocument): SignedReport {
  const { fleet, kind, question, madeAt, madeBy } = document
  const statement: ReportStatement = {
    ...{ v: 1, report, fleet, kind, question, madeAt, madeBy, ...dataHashOf(document) },
    documentHash: sha256Of(JSON.stringify(document)),
  }
  const payload = Buffer.from(JSON.stringify(statement))
  return {
    envelope: {
      payloadType: payloadTypes.report,
      payload: payload.toString('base64'),
      signatures: keyring.sign(payloadTypes.report, payload),
    },
    publicKey: keyring.onlinePublic('assignment').publicKey,
    document,
  }
}

/** The bytes of the JSON file. */
export function writeSigned(signed: SignedReport): Buffer {
  return Buffer.from(`${JSON.stringify(signed)}\n`)
}

/** What was signed. @throws Problem `report.invalid` */
export function statementOf({ envelope: signed }: Pick<SignedReport, 'envelope'>): ReportStatement {
  const text = Buffer.from(signed.payload, 'base64').toString('utf8')
  return parsed(reportStatement, jsonOf(text))
}

/** What readers of the other formats are told. */
export function sealOf(signed: SignedReport): ReportSeal {
  const { keyid, sig } = signed.envelope.signatures[0]!
  return { statement: statementOf(signed), keyId: keyid, signature: sig }
}

/**
 * Reads the JSON file of a report, and says whether it is as it was signed.
 * @param trusted raw public keys (base64) of this console
 * @throws Problem `report.invalid`
 */
export function readSigned(bytes: Uint8Array, trusted: readonly string[]): SignedReading {
  const { envelope: sealed, publicKey, document: raw } = parsed(stored, jsonOf(Buffer.from(bytes).toString('utf8')))
  const document = parsed(reportDocument, raw)
  const signed: SignedReport = { envelope: sealed, publicKey, document }
  const statement = statementOf(signed)
  const payload = Buffer.from(sealed.payload, 'base64')
  const isSigned =
    sealed.payloadType === payloadTypes.report && verifySignatures(payloadTypes.report, payload, sealed.signatures, [publicKey])
  // The order of the names within the file is part of what was signed, so what was read is hashed, not what was made of it.
  const isDocument = sha256Of(JSON.stringify(raw)) === statement.documentHash && dataHashOf(document).dataHash === statement.dataHash
  // JSON allows a name twice, and a browser reads a page out of the text before it: what is not written as we write it is another file.
  const isExact = writeSigned({ ...signed, document: raw as ReportDocument }).equals(bytes)
  return {
    ...{ signed, statement, isWhole: isDocument && isExact, keyId: keyIdOf(Buffer.from(publicKey, 'base64')) },
    signer: !isSigned ? 'bad' : trusted.includes(publicKey) ? 'ours' : 'other',
  }
}

export function sha256Of(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Problem('report.invalid', `This is no report: ${messageOf(error)}`, { cause: error })
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  // The names of foreign fields are the text of a stranger, and may be a whole page.
  const what = issue?.code === 'unrecognized_keys' ? 'it holds fields that no report has' : `${issue?.path.join('.')} ${issue?.message}`
  throw new Problem('report.invalid', `This is no report: ${what}`)
}
