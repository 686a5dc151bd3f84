import { messageOf } from '../../../shared/domain/problem.ts'
import { duePeriod, spareReports } from '../../../shared/domain/report/schedule.ts'
import { newJobId } from '../jobs/jobs.ts'
import type { ReportScheduleRow } from '../store/fleet/reports.ts'
import type { ReportDesk, ReportDeskParts, ReportEnd } from './report-desk.ts'
import { noteRemoved } from './report-settle.ts'
import { SCHEDULE_ACTOR } from './report-work.ts'

const LOOK_EVERY_MS = 60_000
/** After a failure a schedule tries again; what fails every time is not tried each minute. */
const AGAIN_AFTER_MS = 3_600_000
const DAY_MS = 86_400_000

/** Makes the reports of schedules when they are due, and takes away those that are beyond what is kept. */
export interface ReportClock {
  /** Looks which are due, and begins them. */
  look(): void
  /** Looks from time to time. @returns the end of it */
  start(): () => void
}

/** Opens the clock over a desk. */
export function openReportClock(parts: ReportDeskParts, desk: ReportDesk): ReportClock {
  const { store, now, log } = parts
  const running = new Set<string>()
  /** Ends that the store did not take; each look tries again. */
  const unnoted = new Map<string, ReportEnd & { at: number }>()
  desk.onEnd = (end) => {
    if (end.schedule === null) return
    // First of all: a schedule that is taken for running makes nothing ever again.
    running.delete(end.schedule)
    unnoted.set(end.schedule, { ...end, at: now() })
    noteEnds(parts, unnoted)
    if (end.problem === null) removeUnkept(parts, desk)
  }
  const begin = (schedule: ReportScheduleRow, period: { from: number; through: number }): void => {
    const { name, subject, plan } = schedule
    running.add(name)
    try {
      const question = { ...subject, ...period, zone: plan.zone }
      const { start } = store.transact(() => desk.order({ question, formats: plan.formats, schedule: name, by: SCHEDULE_ACTOR }))
      start(newJobId())
    } catch (error) {
      // A query that names a label which is gone: the schedule says so until somebody changes it.
      running.delete(name)
      log('warn', 'a report of a schedule was not made', { schedule: name, reason: messageOf(error) })
      noteRefused(parts, schedule, messageOf(error))
    }
    parts.changed()
  }
  const look = (): void => {
    desk.settle()
    noteEnds(parts, unnoted)
    for (const schedule of store.reports.schedules()) {
      const { name, isOn, plan, doneThrough, failedAt } = schedule
      if (!isOn || running.has(name) || unnoted.has(name) || (failedAt !== null && now() - failedAt < AGAIN_AFTER_MS)) continue
      const period = duePeriod(plan, doneThrough, now())
      if (period !== null) begin(schedule, period)
    }
    removeUnkept(parts, desk)
  }
  return {
    look,
    start() {
      const timer = setInterval(() => {
        try {
          look()
        } catch (error) {
          log('error', 'it could not be seen which reports are due', { reason: messageOf(error) })
        }
      }, LOOK_EVERY_MS)
      timer.unref()
      return () => clearInterval(timer)
    },
  }
}

function noteRefused({ store, now, log }: ReportDeskParts, schedule: ReportScheduleRow, problem: string): void {
  try {
    store.transact(() => store.reports.putSchedule({ ...schedule, failedAt: now(), problem: problem.slice(0, 2000) }))
  } catch (error) {
    log('error', 'that a schedule cannot make its report was not noted', { schedule: schedule.name, reason: messageOf(error) })
  }
}

/** Writes down how reports of schedules ended; what the store does not take now stays for the next time. */
function noteEnds({ store, log }: ReportDeskParts, ends: Map<string, ReportEnd & { at: number }>): void {
  for (const [name, { report, through, problem, at }] of ends) {
    try {
      const schedule = store.reports.schedules().find((one) => one.name === name)
      // The schedule has ended meanwhile, and another one may have its name.
      if (schedule !== undefined && store.reports.find(report)?.schedule === name) {
        const end = problem === null ? { doneThrough: through, failedAt: null } : { failedAt: at }
        store.transact(() => {
          store.reports.putSchedule({ ...schedule, ...end, problem: problem?.slice(0, 2000) ?? null })
          // One attempt that failed says all that a row an hour would.
          const spent = store.reports.failedOf(name).slice(problem === null ? 0 : 1)
          for (const id of spent) store.reports.remove(id)
          noteRemoved(store, spent)
        })
      }
      ends.delete(name)
      if (problem !== null) log('warn', 'a report of a schedule was not made', { schedule: name, reason: problem })
    } catch (error) {
      log('error', 'the end of a report of a schedule was not noted yet', { schedule: name, reason: messageOf(error) })
    }
  }
}

/** Takes away what is kept no longer: what people asked for long ago, and of each schedule what is beyond its number and its days. */
function removeUnkept({ store, now, changed, log }: ReportDeskParts, desk: ReportDesk): void {
  const keepDays = store.settings.get('reportKeepDays') ?? null
  const unkept = keepDays === null ? [] : store.reports.askedBefore(now() - keepDays * DAY_MS)
  for (const { name, plan } of store.reports.schedules()) {
    const made = store.reports.ofSchedule(name).map(({ id, madeAt }) => ({ id, madeAt: madeAt! }))
    unkept.push(...spareReports(made, plan, now()))
  }
  if (unkept.length === 0) return
  try {
    store.transact(() => {
      for (const id of unkept) store.reports.remove(id)
      noteRemoved(store, unkept)
      store.audit.append({ at: now(), actor: SCHEDULE_ACTOR, action: 'reports.removed', detail: { reports: unkept.slice(0, 1000) } })
    })
    changed()
  } catch (error) {
    log('error', 'reports that are kept no longer were not removed', { reason: messageOf(error) })
  }
  desk.settle()
}
