import type { ReportScope, ReportSources } from './sources.ts'

interface Span {
  from: number
  through: number
}

/**
 * How long each device belonged to the fleet within a period, ms; one that came, went and came again counts its times together. A device that the
 * store knows nothing of any more is left out: its share of the period is not known.
 */
export function memberTimes(
  { store }: Pick<ReportSources, 'store'>,
  { question, devices }: Omit<ReportScope, 'isWhole'>,
): Map<string, number> {
  const { from, through } = question
  const former = Map.groupBy(store.formerDevices.within({ from, through }), ({ device }) => device)
  const enrolled = new Map(store.roster.all().map(({ row }) => [row.device, row.enrolledAt]))
  const times = new Map<string, number>()
  for (const device of devices) {
    const enrolledAt = enrolled.get(device)
    const spans: Span[] = [
      ...(former.get(device) ?? []).map(({ enrolledAt, leftAt }) => ({ from: enrolledAt, through: leftAt })),
      ...(enrolledAt === undefined ? [] : [{ from: enrolledAt, through }]),
    ]
    if (spans.length > 0)
      times.set(
        device,
        spans.reduce((sum, span) => sum + within(span, { from, through }), 0),
      )
  }
  return times
}

/** Devices that belonged to the fleet in some part of a period, by id. */
export function membersWithin({ store }: Pick<ReportSources, 'store'>, { from, through }: Span): string[] {
  const now = store.roster.all().flatMap(({ row }) => (row.enrolledAt < through ? [row.device] : []))
  return [...new Set([...now, ...store.formerDevices.within({ from, through }).map(({ device }) => device)])].sort()
}

function within(span: Span, period: Span): number {
  return Math.max(0, Math.min(span.through, period.through) - Math.max(span.from, period.from))
}
