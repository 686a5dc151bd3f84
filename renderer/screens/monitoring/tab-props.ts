import type { Monitored, VersionView } from './monitoring-view.ts'

/** How often what is on screen is asked again, besides when its period moves on: these answers cost more than a look. */
export const EVERY_MS = 15_000

/** What every tab of the page of a version works with. */
export interface TabProps {
  of: Monitored
  view: VersionView
  span: { from: number; through: number }
  onView(change: Partial<VersionView>, options?: { push?: boolean }): void
}
