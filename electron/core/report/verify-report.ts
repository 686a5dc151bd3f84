import { Problem } from '../../../shared/domain/problem.ts'
import { compareFacts } from '../../../shared/domain/report/facts.ts'
import type { ReportFormat } from '../../../shared/domain/report/kinds.ts'
import type { ReportVerification } from '../../../shared/rpc/contract/reports.ts'
import { makeReport } from './make-report.ts'
import { readSigned, sha256Of } from './signed-report.ts'
import type { ReportSources, ReportWork } from './sources.ts'

/** Differences that are listed; the number of all is said. */
const MOST_LISTED = 200

/** What verifying needs besides the store. */
export interface VerifyParts extends ReportSources {
  /** Raw public keys (base64) that signed, or sign, for this console. */
  trusted(): readonly string[]
  /** The signed JSON of a report of this console. @throws Problem `report.not-found`, `report.not-made` */
  signedText(report: number): string
}

/** The report that a file is of: by the hash that was noted when it was written, else by what it carries. */
interface FoundReport {
  text: string
  format: ReportFormat
}

function reportOfFile(parts: VerifyParts, bytes: Uint8Array): FoundReport {
  const known = parts.store.reports.fileByHash(sha256Of(bytes))
  if (known !== null) return { text: parts.signedText(known.report), format: known.format }
  // `{` is how JSON begins; every other format rests on the console that wrote it.
  if (bytes[0] === 0x7b) return { text: Buffer.from(bytes).toString('utf8'), format: 'json' }
  throw new Problem(
    'report.invalid',
    'This console has written no such file: it was changed after it was written, or another console wrote it. Only JSON carries a signature that can be checked anywhere.',
  )
}

/**
 * Checks who signed a report and whether it is whole, then makes it anew from the store and compares value by value.
 * @param of a file, or the number of a report of this console
 * @throws Problem `report.invalid`, `report.not-found`, `report.not-made`
 */
export async function verifyReport(parts: VerifyParts, of: Uint8Array | number, work: ReportWork): Promise<ReportVerification> {
  const { text, format } = typeof of === 'number' ? { text: parts.signedText(of), format: 'json' as const } : reportOfFile(parts, of)
  const { signed, statement, signer, keyId, isWhole } = readSigned(text, parts.trusted())
  const { document } = signed
  const base = {
    ...{ report: statement.report, format, title: document.title, fleet: document.fleet, madeAt: statement.madeAt },
    ...{ signer, keyId, isWhole, dataHash: statement.dataHash },
  }
  const nothing = { compared: 0, ofThen: 0, differing: 0, differences: [] }
  if (signer !== 'ours' || !isWhole) return { ...base, ...nothing, isGood: false, sentence: doubt(statement.report, signer, isWhole) }
  const { question, isWhole: isFleet, devices } = document
  const now = await makeReport(parts, { question, isWhole: isFleet, devices }, work)
  const { differences, ...counts } = compareFacts(document, now, MOST_LISTED)
  return {
    ...{ ...base, ...counts, isGood: counts.differing === 0, sentence: verdict(statement.report, counts) },
    differences: differences.map(({ place, reported, now: value }) => ({
      place,
      ...{ reported: reported ?? null, wasReported: reported !== undefined, now: value ?? null, isThereNow: value !== undefined },
    })),
  }
}

function doubt(report: number, signer: string, isWhole: boolean): string {
  if (signer === 'bad') return `The signature of report ${report} does not fit: it was changed, or signed with another key than it names.`
  if (!isWhole) return `Report ${report} is not what was signed: its content was changed.`
  return `Report ${report} is as it was signed, with a key that is none of this console: only the console that made it can compare its values.`
}

function verdict(report: number, { compared, ofThen, differing }: { compared: number; ofThen: number; differing: number }): string {
  const then = ofThen === 0 ? '' : ` ${ofThen} values are of that moment and cannot be found out again.`
  if (differing === 0) return `Report ${report} is as it was signed, and all of its ${compared} values are those of the store.${then}`
  return `Report ${report} is as it was signed, but ${differing} of ${compared} values are others now: records came later, were taken away, or the store was changed.${then}`
}
