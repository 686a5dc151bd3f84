import { z } from 'zod'
import { rolloutDeviceStates } from '../../../../shared/domain/rollout/life.ts'

/** Tabs of the page of a rollout, in their order. */
export const rolloutTabs = ['waves', 'comparison', 'devices', 'events'] as const
export type RolloutTab = (typeof rolloutTabs)[number]

/** Their titles. */
export const rolloutTabTitles: Record<RolloutTab, string> = {
  waves: 'Waves',
  comparison: 'Comparison',
  devices: 'Devices',
  events: 'Events',
}

/** What the address of the page holds. */
export const rolloutView = z.object({
  tab: z.enum(rolloutTabs).default('waves'),
  /** From 1, as people count; 0: the one that is open, or all of them. */
  wave: z.coerce.number().int().min(0).max(50).default(0),
  state: z.enum(['any', ...rolloutDeviceStates]).default('any'),
  query: z.string().max(4000).default(''),
  device: z.string().max(64).default(''),
  /** Events of the rollout as a whole, or of its devices as well. */
  log: z.enum(['rollout', 'all']).default('rollout'),
})
export type RolloutView = z.output<typeof rolloutView>
export type ChangeRolloutView = (change: Partial<RolloutView>, options?: { push?: boolean }) => void
