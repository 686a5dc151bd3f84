import { severities } from '../../../shared/rpc/contract/devices.ts'

/** What of a timeline is shown: everything at least so severe, or only what people ordered. */
export const timelineFilters = [...severities, 'orders'] as const
export type TimelineFilter = (typeof timelineFilters)[number]

/** The words for each choice. */
export const timelineFilterWords: Record<TimelineFilter, string> = {
  info: 'Everything',
  warning: 'Warnings and errors',
  error: 'Errors',
  orders: 'Orders of people',
}
