import { join } from 'node:path'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { ReportFormat, ReportQuestion } from '../../../shared/domain/report/kinds.ts'
import { knownKeys } from '../backup/trusted-keys.ts'
import type { Jobs, JobWork } from '../jobs/jobs.ts'
import type { Log } from '../log.ts'
import type { ReportRow } from '../store/fleet/reports.ts'
import type { Keyring } from '../trust/keys.ts'
import { scopeOf } from './make-report.ts'
import { openReportFiles, type ReportFiles } from './report-files.ts'
import { noteFailed, noteRemoved, settleReports } from './report-settle.ts'
import { attempt, readOwn, writeFormat } from './report-work.ts'
import type { ReportSources } from './sources.ts'
import { verifyReport, type VerifyParts } from './verify-report.ts'

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

/** How the making of a report ended; a problem of null: it was made. */
export interface ReportEnd {
  report: number
  schedule: string | null
  through: number
  problem: string | null
}

/** Makes, writes, verifies and removes reports. */
export interface ReportDesk {
  readonly files: ReportFiles
  /** Notes an order in the caller's transaction. Call `start` after its commit. @throws Problem `input.invalid`, QueryProblem */
  order(order: ReportOrder): { report: number; start(job: string): void }
  /** The job that makes a report just now; null: none does. */
  jobOf(report: number): string | null
  /** Begins the job that writes a report in a format. */
  write(job: string, report: number, format: ReportFormat): void
  /** Begins the job that verifies a file, or a report of this console. @param of path of a file, or a number */
  verify(job: string, of: { path: string; name: string; done(): void } | number): void
  /** A report that was made. @throws Problem `report.not-found`, `report.not-made` */
  made(report: number): ReportRow
  /** Takes a report away in the caller's transaction. Call `settle` after the commit. @throws Problem `report.not-found`, `report.busy` */
  remove(report: number): void
  /** Brings to an end what a full disk, an open file or a kill has left: rows of no job, files of no report. Does not throw. */
  settle(): void
  /** Told of each report that was being made, whatever the store says. */
  onEnd: ((end: ReportEnd) => void) | null
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
  const makingJobs = new Map<number, string>()
  const unnoted = new Map<number, string>()
  const verifying: VerifyParts = {
    ...parts,
    trusted: () => knownKeys(parts.dataDirectory, parts.keyring),
    own: (report, trusted) => readOwn(files, made(report), trusted),
  }
  const tell = (end: ReportEnd): void => {
    try {
      desk.onEnd?.(end)
    } catch (error) {
      parts.log('error', 'the end of a report was not noted', { report: end.report, reason: messageOf(error) })
    }
  }
  const desk: ReportDesk = {
    files,
    made,
    onEnd: null,
    jobOf: (report) => makingJobs.get(report) ?? null,
    order({ question, formats, schedule, by }) {
      // A query that cannot be read is refused at once, and not by a job.
      scopeOf(parts, question)
      const title = `${question.kind[0]!.toUpperCase()}${question.kind.slice(1)} report`
      const report = store.reports.add({ kind: question.kind, question, schedule, askedAt: parts.now(), askedBy: by, title })
      const work: JobWork = async (context) => {
        const { made: done, problem, error } = await attempt(parts, files, { report, formats }, context)
        makingJobs.delete(report)
        if (problem !== null && !noteFailed(parts, files, { report, problem })) unnoted.set(report, problem)
        tell({ report, schedule, through: question.through, problem })
        parts.changed()
        if (problem !== null) throw error
        return done
      }
      return {
        report,
        start(job) {
          makingJobs.set(report, job)
          jobs.run(job, { kind: 'reports.create', title: `${title} ${report}` }, work)
        },
      }
    },
    write(job, report, format) {
      jobs.run(job, { kind: 'reports.write', title: `Write report ${report} as ${format}` }, () =>
        writeFormat(parts, files, { row: made(report), format, trusted: verifying.trusted() }),
      )
    },
    verify(job, of) {
      const title = typeof of === 'number' ? `Verify report ${of}` : `Verify ${of.name}`
      jobs.run(job, { kind: 'reports.verify', title }, async (work) => {
        if (typeof of === 'number') return verifyReport(verifying, of, work)
        try {
          return await verifyReport(verifying, { path: of.path }, work)
        } finally {
          of.done()
        }
      })
    },
    remove(report) {
      if (find(report).state === 'making') throw new Problem('report.busy', `Report ${report} is being made.`)
      store.reports.remove(report)
      noteRemoved(store, [report])
    },
    settle: () => settleReports(parts, files, { isBeingMade: (report) => makingJobs.has(report), unnoted }),
  }
  return desk
}
