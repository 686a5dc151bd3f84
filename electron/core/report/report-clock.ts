import { messageOf } from '../../../shared/domain/problem.ts'
import { duePeriod, spareReports } from '../../../shared/domain/report/schedule.ts'
import { newJobId } from '../jobs/jobs.ts'
import type { ReportScheduleRow } from '../store/fleet/reports.ts'
import type { ReportDesk, ReportDeskParts } from './report-desk.ts'

const LOOK_EVERY_MS = 60_000
/** After a failure a schedule tries again; what fails every time is not tried each minute. */
const AGAIN_AFTER_MS = 3_600_000

/** Makes the reports of schedules when they are due, and takes away those that are beyond what is kept. */
export interface ReportClock {
  /** Looks which are due, and begins them. */
  look(): void
  /** Looks from time to time. @returns the end of it */
  start(): () => void
}

/** Who asks for the reports of a schedule. */
export const SCHEDULE_ACTOR = 'muster'

/** Opens the clock over a desk. */
export function openReportClock(parts: ReportDeskParts, desk: ReportDesk): ReportClock {
  const { store, now, log } = parts
  const running = new Set<string>()
  const scheduleOf = (name: string | null): ReportScheduleRow | null => store.reports.schedules().find((one) => one.name === name) ?? null
  desk.onEnd = (row, problem) => {
    if (row.schedule === null) return
    running.delete(row.schedule)
    const schedule = scheduleOf(row.schedule)
    if (schedule === null) return
    const end = problem === null ? { doneThrough: row.question.through, failedAt: null } : { failedAt: now() }
    store.transact(() => store.reports.putSchedule({ ...schedule, ...end, problem }))
    if (problem === null) removeSpare(parts, desk, schedule)
    else log('warn', 'a report of a schedule was not made', { schedule: row.schedule, reason: problem })
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
      store.transact(() => store.reports.putSchedule({ ...schedule, failedAt: now(), problem: messageOf(error).slice(0, 2000) }))
      log('warn', 'a report of a schedule was not made', { schedule: name, reason: messageOf(error) })
    }
    parts.changed()
  }
  const look = (): void => {
    for (const schedule of store.reports.schedules()) {
      const { name, isOn, plan, doneThrough, failedAt } = schedule
      if (!isOn || running.has(name) || (failedAt !== null && now() - failedAt < AGAIN_AFTER_MS)) continue
      const period = duePeriod(plan, doneThrough, now())
      if (period !== null) begin(schedule, period)
    }
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

function removeSpare({ store, now }: ReportDeskParts, desk: ReportDesk, { name, plan }: ReportScheduleRow): void {
  const made = store.reports.ofSchedule(name).map(({ id, madeAt }) => ({ id, madeAt: madeAt! }))
  for (const id of spareReports(made, plan, now())) {
    store.transact(() => store.reports.remove(id))
    desk.removeFiles(id)
  }
}
