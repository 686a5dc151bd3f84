import { Problem } from '../../../shared/domain/problem.ts'
import { formatEndings, type ReportFormat } from '../../../shared/domain/report/kinds.ts'
import { lastPeriod, nextReportAt } from '../../../shared/domain/report/schedule.ts'
import type { ParsedInputOf } from '../../../shared/rpc/contract.ts'
import type { ReportScheduleShown, ReportShown } from '../../../shared/rpc/contract/reports.ts'
import type { CommandContext, Handlers } from '../../../shared/rpc/dispatch.ts'
import { selectEntries } from '../devices/summary.ts'
import { newJobId } from '../jobs/jobs.ts'
import { periodOnGrid } from '../report/borders.ts'
import { checkSubject } from '../report/check-subject.ts'
import { settledEnd } from '../report/settled-end.ts'
import type { ReportRow, ReportScheduleRow } from '../store/fleet/reports.ts'
import type { ApiParts } from './parts.ts'
import { templatesHandlers } from './report-templates.ts'

type Names = Extract<keyof Handlers, `reports.${string}`>
export type ReportsHandlerParts = Pick<ApiParts, 'store' | 'uploads' | 'now' | 'changed'> & { reports: Pick<ApiParts['reports'], 'desk'> }

/** A piece of a file, small enough for a frame. */
const PIECE_BYTES = 262_144

/** Handlers of `reports.*`. */
export function reportsHandlers(parts: ReportsHandlerParts): Pick<Handlers, Names> {
  const { store, reports, changed } = parts
  return {
    'reports.list': ({ before, limit }) => ({
      reports: store.reports.page(before ?? Number.MAX_SAFE_INTEGER, limit).map((row) => shown(parts, row)),
      total: store.reports.total(),
    }),
    'reports.show': ({ report }) => shown(parts, requireReport(parts, report)),
    'reports.create': (input, context) => create(parts, input, context),
    'reports.write': ({ report, format }, context) => {
      reports.desk.made(report)
      const job = newJobId()
      context.afterCommit(() => reports.desk.write(job, report, format))
      return { report, job }
    },
    'reports.file': ({ report, format, offset }) => {
      const row = reports.desk.made(report)
      const sha256 = hashOnDisk(parts, report, format)
      const { piece, size } = reports.desk.files.piece(report, format, { offset, bytes: PIECE_BYTES })
      const end = offset + piece.length
      return {
        ...{ name: `${row.kind}-report-${report}.${formatEndings[format]}`, bytes: size, sha256 },
        ...{ piece: piece.toString('base64'), next: end < size && piece.length > 0 ? end : null },
      }
    },
    'reports.beginUpload': ({ fileName, sizeBytes }) => parts.uploads.begin(fileName, sizeBytes, 'reports.beginUpload'),
    'reports.verify': (input, context) => verify(parts, input, context),
    'reports.remove': ({ report }, context) => {
      reports.desk.remove(report)
      context.afterCommit(() => {
        reports.desk.settle()
        changed('reports')
      })
      return { report }
    },
    'reports.schedules': () => ({ schedules: store.reports.schedules().map((row) => shownSchedule(parts, row)) }),
    'reports.setSchedule': (input, context) => setSchedule(parts, input, context),
    ...templatesHandlers(parts),
    'reports.removeSchedule': ({ name }, context) => {
      if (!store.reports.removeSchedule(name)) throw new Problem('report.schedule-not-found', `There is no schedule '${name}'.`)
      store.reports.release(name, `schedule:${name}`)
      context.afterCommit(() => changed('reports'))
      return { name }
    },
  }
}

/** What a file is, and not what it was when it was noted: the last writing may have failed. @throws Problem `report.not-found`, `report.invalid` */
function hashOnDisk({ store, reports }: ReportsHandlerParts, report: number, format: ReportFormat): string {
  const noted = store.reports.filesOf(report).filter((file) => file.format === format)
  const hint = `muster report open ${report} --format ${format}`
  if (noted.length === 0 || !reports.desk.files.has(report, format))
    throw new Problem('report.not-found', `Report ${report} was not written as ${format} yet.`, { hint })
  const sha256 = reports.desk.files.sha256(report, format)
  if (noted.some((file) => file.sha256 === sha256)) return sha256
  throw new Problem('report.invalid', `The file of report ${report} as ${format} is not the one that was written.`, { hint })
}

function requireReport({ store }: ReportsHandlerParts, report: number): ReportRow {
  const row = store.reports.find(report)
  if (row === null) throw new Problem('report.not-found', `There is no report ${report}.`)
  return row
}

function create(
  parts: ReportsHandlerParts,
  input: ParsedInputOf<'reports.create'>,
  context: CommandContext,
): { report: number; job: string } {
  const { reports, now, changed } = parts
  const { formats, zone = zoneOfConsole(), from, through = settledEnd(from, now()), ...subject } = input
  const question = { ...subject, zone, ...periodOnGrid({ from, through }, now()) }
  const job = newJobId()
  const { report, start } = reports.desk.order({ question, formats, schedule: null, by: context.caller.actor })
  context.afterCommit(() => {
    start(job)
    changed('reports')
  })
  return { report, job }
}

function zoneOfConsole(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

function verify(
  { reports, uploads }: ReportsHandlerParts,
  input: ParsedInputOf<'reports.verify'>,
  context: CommandContext,
): { job: string } {
  const { report, upload } = input
  if ((report === undefined) === (upload === undefined)) throw new Problem('input.invalid', 'Name either a report or an upload.')
  const job = newJobId()
  if (report !== undefined) {
    reports.desk.made(report)
    context.afterCommit(() => reports.desk.verify(job, report))
  } else {
    const { path, fileName } = uploads.take(upload!)
    context.afterCommit(() => reports.desk.verify(job, { path, name: fileName, done: () => uploads.discard([upload!]) }))
  }
  return { job }
}

function setSchedule(
  parts: ReportsHandlerParts,
  input: ParsedInputOf<'reports.setSchedule'>,
  context: CommandContext,
): ReportScheduleShown {
  const { store, now, changed } = parts
  const { name, subject, plan, isOn } = input
  checkSubject(subject)
  selectEntries(store, subject.query)
  const before = store.reports.schedules().find((one) => one.name === name)
  // One that is changed goes on where it was; of another rhythm the period that runs now is the first.
  const isSameRhythm = before !== undefined && before.plan.every === plan.every && before.plan.zone === plan.zone
  const row: ReportScheduleRow = {
    ...{ name, subject, plan, isOn, setAt: now(), setBy: context.caller.actor, failedAt: null, problem: null },
    doneThrough: isSameRhythm ? before.doneThrough : lastPeriod(plan, now()).through,
  }
  store.reports.putSchedule(row)
  context.afterCommit(() => changed('reports'))
  return shownSchedule(parts, row)
}

function shown({ store, reports }: ReportsHandlerParts, { id, ...row }: ReportRow): ReportShown {
  const files = store.reports.filesOf(id)
  // Written twice, a format stands once: as it is on the disk now.
  const newest = new Map(files.map(({ format, bytes, sha256, writtenAt }) => [format, { format, bytes, sha256, writtenAt }]))
  const job = row.state === 'making' ? reports.desk.jobOf(id) : null
  return { report: id, ...row, job, files: [...newest.values()] }
}

function shownSchedule({ store, now }: ReportsHandlerParts, row: ReportScheduleRow): ReportScheduleShown {
  const { name, subject, plan, isOn, setAt, setBy, doneThrough, failedAt, problem } = row
  return {
    ...{ name, subject, plan, isOn, setAt, setBy },
    nextAt: isOn ? nextReportAt(plan, doneThrough, now()) : null,
    reports: store.reports.ofSchedule(name).length,
    failure: failedAt === null ? null : { at: failedAt, problem: problem ?? '' },
  }
}
