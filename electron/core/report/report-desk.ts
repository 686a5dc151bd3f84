import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { ReportFormat, ReportQuestion } from '../../../shared/domain/report/kinds.ts'
import { knownKeys } from '../backup/trusted-keys.ts'
import type { Jobs, JobWork } from '../jobs/jobs.ts'
import type { Log } from '../log.ts'
import type { ReportRow } from '../store/fleet/reports.ts'
import type { Keyring } from '../trust/keys.ts'
import { makeReport, scopeOf } from './make-report.ts'
import { openReportFiles, type ReportFiles } from './report-files.ts'
import { readSigned, sha256Of, sealOf, signReport, writeSigned } from './signed-report.ts'
import type { ReportSources } from './sources.ts'
import { verifyReport, type VerifyParts } from './verify-report.ts'
import { writeReport } from './write-report.ts'

/** What reports are made with. */
export interface ReportDeskParts extends ReportSources {
  keyring: Pick<Keyring, 'sign' | 'onlinePublic'>
  jobs: Jobs
  dataDirectory: string
  log: Log
  changed(): void
}

/** What somebody, or a schedule, asks for. */
export interface ReportOrder {
  question: ReportQuestion
  formats: readonly ReportFormat[]
  schedule: string | null
  by: string
}

/** Makes, writes, verifies and removes reports. */
export interface ReportDesk {
  readonly files: ReportFiles
  /** Notes an order in the caller's transaction. Call `start` after its commit. @throws Problem `input.invalid`, QueryProblem */
  order(order: ReportOrder): { report: number; start(job: string): void }
  /** Begins the job that writes a report in a format. */
  write(job: string, report: number, format: ReportFormat): void
  /** Begins the job that verifies a file, or a report of this console. @param of path of a file, or a number */
  verify(job: string, of: { path: string; name: string; done(): void } | number): void
  /** A report that was made. @throws Problem `report.not-found`, `report.not-made` */
  made(report: number): ReportRow
  /** Call `removeFiles` after the commit. @throws Problem `report.not-found`, `report.busy` */
  remove(report: number): void
  removeFiles(report: number): void
  /** Told when a report of a schedule is made (null), or why it was not. */
  onEnd: ((row: ReportRow, problem: string | null) => void) | null
}

/** Opens the desk; the files of reports lie in the folder `reports` of the data directory. */
export function openReportDesk(parts: ReportDeskParts): ReportDesk {
  const files = openReportFiles(join(parts.dataDirectory, 'reports'))
  const { store, jobs } = parts
  const find = (report: number): ReportRow => {
    const row = store.reports.find(report)
    if (row === null) throw new Problem('report.not-found', `There is no report ${report}.`)
    return row
  }
  const made = (report: number): ReportRow => {
    const row = find(report)
    if (row.state === 'made') return row
    throw new Problem(
      'report.not-made',
      row.state === 'making' ? `Report ${report} is being made.` : `Report ${report} was not made: ${row.problem}`,
    )
  }
  const verifying: VerifyParts = {
    ...parts,
    trusted: () => knownKeys(parts.dataDirectory, parts.keyring),
    signedText: (report) => files.read(made(report).id, 'json').toString('utf8'),
  }
  const desk: ReportDesk = {
    files,
    made,
    onEnd: null,
    order({ question, formats, schedule, by }) {
      // A query that cannot be read is refused at once, and not by a job.
      scopeOf(parts, question)
      const title = `${question.kind[0]!.toUpperCase()}${question.kind.slice(1)} report`
      const report = store.reports.add({ kind: question.kind, question, schedule, askedAt: parts.now(), askedBy: by, title })
      const work: JobWork = (context) => make(parts, { desk, report, formats }, context)
      return { report, start: (job) => jobs.run(job, { kind: 'reports.create', title: `${title} ${report}` }, work) }
    },
    write(job, report, format) {
      jobs.run(job, { kind: 'reports.write', title: `Write report ${report} as ${format}` }, () =>
        writeOne(parts, files, { report, format }),
      )
    },
    verify(job, of) {
      const title = typeof of === 'number' ? `Verify report ${of}` : `Verify ${of.name}`
      jobs.run(job, { kind: 'reports.verify', title }, async (work) => {
        if (typeof of === 'number') return verifyReport(verifying, of, work)
        try {
          return await verifyReport(verifying, readFileSync(of.path), work)
        } finally {
          of.done()
        }
      })
    },
    remove(report) {
      if (find(report).state === 'making') throw new Problem('report.busy', `Report ${report} is being made.`)
      store.reports.remove(report)
    },
    removeFiles: (report) => files.remove(report),
  }
  return desk
}

/** Makes a report: the signed JSON first, then the other formats; it counts when all of them are on the disk. */
async function make(
  parts: ReportDeskParts,
  { desk, report, formats }: { desk: ReportDesk; report: number; formats: readonly ReportFormat[] },
  work: Parameters<JobWork>[0],
): Promise<{ report: number }> {
  const { store, now } = parts
  try {
    work.signal.throwIfAborted()
    const { question } = store.reports.find(report)!
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
    for (const [format, bytes] of written) desk.files.write(report, format, bytes)
    store.transact(() => {
      const { title, sentence, madeAt } = document
      store.reports.made({ id: report, title, sentence, facts, madeAt, dataHash })
      for (const [format, bytes] of written) store.reports.putFile({ report, format, ...sizeOf(bytes), writtenAt: now() })
    })
    desk.onEnd?.(store.reports.find(report)!, null)
    return { report }
  } catch (error) {
    fail(parts, { desk, report, problem: work.signal.aborted ? 'It was cancelled.' : messageOf(error) })
    throw error
  } finally {
    parts.changed()
  }
}

function fail({ store, log }: ReportDeskParts, { desk, report, problem }: { desk: ReportDesk; report: number; problem: string }): void {
  desk.removeFiles(report)
  try {
    store.transact(() => store.reports.failed(report, problem.slice(0, 2000)))
    const row = store.reports.find(report)
    if (row !== null) desk.onEnd?.(row, problem)
  } catch (error) {
    // The job itself fails visibly; a disk without space has none for this word either.
    log('error', 'that a report could not be made was not noted', { report, reason: messageOf(error) })
  }
}

async function writeOne(
  { store, now, changed }: ReportDeskParts,
  files: ReportFiles,
  { report, format }: { report: number; format: ReportFormat },
): Promise<{ report: number }> {
  // The keys do not matter: whoever wants to know who signed it verifies it.
  const { signed } = readSigned(files.read(report, 'json').toString('utf8'), [])
  const bytes = await writeReport(signed, format)
  files.write(report, format, bytes)
  store.transact(() => store.reports.putFile({ report, format, ...sizeOf(bytes), writtenAt: now() }))
  changed()
  return { report }
}

function sizeOf(bytes: Uint8Array): { bytes: number; sha256: string } {
  return { bytes: bytes.length, sha256: sha256Of(bytes) }
}
