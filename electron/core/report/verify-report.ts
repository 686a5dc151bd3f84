import { createHash } from 'node:crypto'
import { createReadStream, openSync, readFileSync, readSync, closeSync, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../../../shared/domain/problem.ts'
import type { ReportFormat } from '../../../shared/domain/report/kinds.ts'
import type { ReportVerification } from '../../../shared/rpc/contract/reports.ts'
import { compareWithStore } from './compare-with-store.ts'
import { readSigned, type SignedReading } from './signed-report.ts'
import type { ReportSources, ReportWork } from './sources.ts'

/** JSON of a report is read whole; the largest that Muster writes is a small part of this. */
const MOST_JSON_BYTES = 64 * 1024 ** 2

/** What verifying needs besides the store. */
export interface VerifyParts extends ReportSources {
  /** Raw public keys (base64) that signed, or sign, for this console; the first is the one that signs now. */
  trusted(): readonly string[]
  /** The signed JSON of a report of this console, and what is wrong with it. @throws Problem `report.not-found`, `report.not-made` */
  own(report: number, trusted: readonly string[]): { reading: SignedReading; fault: string | null }
}

/** The report that a file is of: by the hash that was noted when it was written, else by what it carries. */
interface FoundReport {
  reading: SignedReading
  format: ReportFormat
  /** The console's own copy is not what it made. */
  fault: string | null
}

async function reportOfFile(parts: VerifyParts, path: string, { signal }: ReportWork): Promise<FoundReport> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash, { signal })
  const known = parts.store.reports.fileByHash(hash.digest('hex'))
  if (known !== null) return { ...parts.own(known.report, parts.trusted()), format: known.format }
  // `{` is how JSON begins; every other format rests on the console that wrote it.
  if (firstByteOf(path) !== 0x7b)
    throw new Problem(
      'report.invalid',
      'This console has written no such file: it was changed after it was written, or another console wrote it. Only JSON carries a signature that can be checked anywhere.',
    )
  if (statSync(path).size > MOST_JSON_BYTES)
    throw new Problem('report.invalid', `This is no report: JSON of a report has at most ${MOST_JSON_BYTES / 1024 ** 2} MB.`)
  return { reading: readSigned(readFileSync(path), parts.trusted()), format: 'json', fault: null }
}

function firstByteOf(path: string): number | undefined {
  const file = openSync(path, 'r')
  try {
    const first = Buffer.alloc(1)
    return readSync(file, first, 0, 1, 0) === 1 ? first[0] : undefined
  } finally {
    closeSync(file)
  }
}

/**
 * Checks who signed a report and whether it is whole, then makes it anew from the store and compares value by value.
 * @param of a file, or the number of a report of this console
 * @throws Problem `report.invalid`, `report.not-found`, `report.not-made`
 */
export async function verifyReport(parts: VerifyParts, of: { path: string } | number, work: ReportWork): Promise<ReportVerification> {
  const { reading, format, fault } =
    typeof of === 'number' ? { ...parts.own(of, parts.trusted()), format: 'json' as const } : await reportOfFile(parts, of.path, work)
  const { signed, statement, signer, keyId, isWhole } = reading
  const { document } = signed
  const base = {
    ...{ report: statement.report, format, title: document.title, fleet: document.fleet, madeAt: statement.madeAt },
    ...{ signer, keyId, isCurrentKey: signed.publicKey === parts.trusted()[0], isWhole: isWhole && fault === null },
    dataHash: statement.dataHash,
  }
  const problem = fault ?? doubtOf(reading)
  if (problem === null) return { ...base, ...(await compareWithStore(parts, document, { report: statement.report, work })) }
  const nothing = { compared: 0, ofThen: 0, gone: 0, differing: 0, differences: [], moves: [] }
  const verdict = fault === null && isWhole && signer === 'other' ? 'other-console' : 'changed'
  return { ...base, ...nothing, isGood: false, verdict, sentence: problem }
}

/** Why a report is not compared; null: it is as this console signed it. */
function doubtOf({ statement: { report }, signer, isWhole }: SignedReading): string | null {
  if (signer === 'bad') return `The signature of report ${report} does not fit: it was changed, or signed with another key than it names.`
  if (!isWhole) return `Report ${report} is not what was signed: its content was changed, or something was added to the file.`
  if (signer === 'ours') return null
  return `Report ${report} is as it was signed, with a key that is none of this console: only the console that made it can compare its values.`
}
