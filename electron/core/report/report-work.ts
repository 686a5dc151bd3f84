import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { ReportFormat } from '../../../shared/domain/report/kinds.ts'
import type { JobWork } from '../jobs/jobs.ts'
import type { ReportRow } from '../store/fleet/reports.ts'
import { makeReport, scopeOf } from './make-report.ts'
import type { ReportDeskParts } from './report-desk.ts'
import type { ReportFiles } from './report-files.ts'
import { readSigned, sealOf, sha256Of, signReport, writeSigned, type SignedReading } from './signed-report.ts'
import { writeReport } from './write-report.ts'

/** Who asks for the reports of a schedule, and takes away what is kept no longer. */
export const SCHEDULE_ACTOR = 'muster'

/** Makes a report: the signed JSON first, then the other formats; it counts when all of them are on the disk. */
async function workOnReport(
  parts: ReportDeskParts,
  files: ReportFiles,
  { report, formats }: { report: number; formats: readonly ReportFormat[] },
  work: Parameters<JobWork>[0],
): Promise<{ report: number }> {
  const { store, now } = parts
  work.signal.throwIfAborted()
  const { question, schedule } = store.reports.find(report)!
  const document = await makeReport(parts, scopeOf(parts, question), work)
  const signed = signReport(parts.keyring, report, document)
  const { facts, dataHash } = sealOf(signed).statement
  const written = new Map<ReportFormat, Uint8Array>([['json', writeSigned(signed)]])
  for (const format of formats) {
    work.signal.throwIfAborted()
    work.progress(null, `writing ${format}`)
    if (format !== 'json') written.set(format, await writeReport(signed, format))
  }
  work.signal.throwIfAborted()
  for (const [format, bytes] of written) files.write(report, format, bytes)
  store.transact(() => {
    const { title, sentence, madeAt } = document
    store.reports.made({ id: report, title, sentence, facts, madeAt, dataHash })
    for (const [format, bytes] of written) store.reports.putFile({ report, format, ...sizeOf(bytes), writtenAt: now() })
    // What people ask for stands in the log as their command; this is nobody's.
    if (schedule !== null)
      store.audit.append({ at: now(), actor: SCHEDULE_ACTOR, action: 'reports.made', detail: { report, schedule, dataHash } })
  })
  return { report }
}

/** Makes a report, and says how it ended: whoever waits for the end is told, whatever went wrong. */
export async function attempt(
  parts: ReportDeskParts,
  files: ReportFiles,
  order: { report: number; formats: readonly ReportFormat[] },
  work: Parameters<JobWork>[0],
): Promise<{ made: { report: number } | null; problem: string | null; error: unknown }> {
  try {
    return { made: await workOnReport(parts, files, order, work), problem: null, error: null }
  } catch (error) {
    return { made: null, problem: work.signal.aborted ? 'It was cancelled.' : messageOf(error), error }
  }
}

/** The signed JSON of a report of this console as it lies on the disk, and what is wrong with it. @throws Problem `report.not-found`, `report.invalid` */
export function readOwn(files: ReportFiles, row: ReportRow, trusted: readonly string[]): { reading: SignedReading; fault: string | null } {
  const reading = readSigned(files.read(row.id, 'json'), trusted)
  const { signer, isWhole, statement } = reading
  const isItself = statement.report === row.id && statement.dataHash === row.dataHash
  const isAsSigned = signer === 'ours' && isWhole && isItself
  return {
    reading,
    fault: isAsSigned
      ? null
      : `The signed file of report ${row.id} on the console is not the one that was made: it was changed or damaged.`,
  }
}

/** Writes a report in a format, from the signed JSON, which is checked first. @throws Problem `report.invalid` */
export async function writeFormat(
  { store, now, changed }: ReportDeskParts,
  files: ReportFiles,
  { row, format, trusted }: { row: ReportRow; format: ReportFormat; trusted: readonly string[] },
): Promise<{ report: number }> {
  const { reading, fault } = readOwn(files, row, trusted)
  if (fault !== null) throw new Problem('report.invalid', fault, { hint: 'Create the report again.' })
  const bytes = await writeReport(reading.signed, format)
  const report = row.id
  // The hash first: a file that nobody noted would be refused as a forgery, and one that was noted and never written harms nothing.
  store.transact(() => store.reports.putFile({ report, format, ...sizeOf(bytes), writtenAt: now() }))
  files.write(report, format, bytes)
  changed()
  return { report }
}

function sizeOf(bytes: Uint8Array): { bytes: number; sha256: string } {
  return { bytes: bytes.length, sha256: sha256Of(bytes) }
}
