import { Problem } from '../../../shared/domain/problem.ts'
import type { ReportQuestion } from '../../../shared/domain/report/kinds.ts'
import { periodText } from '../../../shared/domain/report/value-text.ts'
import type { ReportSources } from './sources.ts'

const MINUTES_MS = 300_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** A shorter period may begin and end within an hour; sums as fine as that are kept for some weeks only. */
const FINE_SPAN_MS = 6 * HOUR_MS

/** A period with the word on why it is another one than was asked for; null: it is that one. */
export interface ReadPeriod {
  from: number
  through: number
  note: string | null
}

/**
 * The period that is asked for when somebody says one: on whole hours, which are kept for more than a year, or on five minutes where it is short.
 * @throws Problem `input.invalid`
 */
export function periodOnGrid({ from, through }: { from: number; through: number }, now: number): { from: number; through: number } {
  const end = Math.min(through, now)
  const on = (gridMs: number) => ({ from: Math.floor(from / gridMs) * gridMs, through: Math.floor(end / gridMs) * gridMs })
  const period = on(end - from >= FINE_SPAN_MS ? HOUR_MS : MINUTES_MS)
  if (period.through <= period.from)
    throw new Problem('input.invalid', 'The period is shorter than five minutes, ends before it begins, or has not begun yet.')
  return period
}

/**
 * The period that can be read now. A report names this one: figures of other hours than its header says would be wrong, however right they are.
 * @throws Problem `input.invalid` where nothing as fine as the question is left
 */
export function readPeriod(sources: Pick<ReportSources, 'telemetry' | 'now'>, question: ReportQuestion): ReadPeriod {
  const { kind } = question
  if (kind === 'cost') return daysOfCosts(question, sources.now())
  if (kind !== 'fleet' && kind !== 'model') return { from: question.from, through: question.through, note: null }
  const from = readBorder(sources, kind, question.from)
  const through = readBorder(sources, kind, question.through)
  if (through <= from)
    throw new Problem('input.invalid', 'Of this time only sums of whole days (UTC) are left.', { hint: 'Ask for whole days.' })
  if (from === question.from && through === question.through) return { from, through, note: null }
  return {
    from,
    through,
    note: `Asked for was ${periodText(question)}. Sums as fine as that are not kept any more, so other hours were read.`,
  }
}

/** The finest sums that are whole from a time on, ms. */
export function finestAt({ telemetry }: Pick<ReportSources, 'telemetry'>, at: number): number {
  const since = (name: Parameters<typeof telemetry.wholeSince>[0]): number => telemetry.wholeSince(name)
  if (at >= since(`traffic ${MINUTES_MS}`)) return MINUTES_MS
  return at >= Math.max(since(`traffic ${HOUR_MS}`), since(`quality ${HOUR_MS}`)) ? HOUR_MS : DAY_MS
}

/** A border moves on to where the sums begin that are left, as a question of the store does: periods side by side never count twice. */
function readBorder(sources: Pick<ReportSources, 'telemetry'>, kind: 'fleet' | 'model', at: number): number {
  // Within a day the time that agents ran is read from entries of ledgers.
  const isWithoutEntries = kind === 'fleet' && at < sources.telemetry.wholeSince('ledger 0')
  const finest = isWithoutEntries ? DAY_MS : finestAt(sources, at)
  return finest === MINUTES_MS ? at : ceilTo(at, finest)
}

/** Costs are kept by the day. A border goes to the nearest day, so that the days of any zone are counted once each. */
function daysOfCosts(question: ReportQuestion, now: number): ReadPeriod {
  const today = Math.floor(now / DAY_MS) * DAY_MS
  const nearest = (at: number): number => Math.floor(at / DAY_MS + 0.5) * DAY_MS
  const isToday = question.from >= today
  const through = isToday ? today + DAY_MS : Math.min(nearest(question.through), today)
  const from = isToday ? today : Math.min(nearest(question.from), through - DAY_MS)
  const isOver = isToday ? ' This one is not over: it is told up to the moment.' : ''
  if (from === question.from && through === question.through) return { from, through, note: isToday ? isOver.trim() : null }
  return { from, through, note: `Asked for was ${periodText(question)}. Costs are kept by whole days (UTC), so these were read.${isOver}` }
}

function ceilTo(at: number, unit: number): number {
  return Math.ceil(at / unit) * unit
}
