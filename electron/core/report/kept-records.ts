import { ALERTS_KEPT_MS } from '../monitor/alerts/sweep.ts'
import type { ReportScope, ReportSources } from './sources.ts'

/** Which records of a period are not whole any more: what they would say is not known, and is never zero. */
export interface GoneRecords {
  /** What devices reported. */
  events: boolean
  alerts: boolean
}

/** Looks what retention has taken away of a period. */
export function goneOf(
  { telemetry, now }: Pick<ReportSources, 'telemetry' | 'now'>,
  { question }: Pick<ReportScope, 'question'>,
): GoneRecords {
  return { events: question.from < telemetry.wholeSince('event 0'), alerts: question.from < now() - ALERTS_KEPT_MS }
}

/** The word beside a figure or a table that cannot be told any more. */
export const goneNote = {
  events: 'Events of this time are not kept any more, at least not all of them.',
  alerts: 'Alerts of this time are not kept any more, at least not all of them.',
} as const satisfies Record<keyof GoneRecords, string>
