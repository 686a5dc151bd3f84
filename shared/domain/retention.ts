import { z } from 'zod'

/** Kinds of telemetry that are kept for a time, with the days they are kept unless somebody says otherwise. */
export const usualRetention = {
  windows: 7,
  distributions: 7,
  samples: 30,
  events: 90,
  resources: 7,
  minutes: 14,
  fiveMinutes: 30,
  hours: 400,
  labels: 400,
  usage: 400,
} as const
export type RetentionKind = keyof typeof usualRetention
export const retentionKinds = Object.keys(usualRetention) as RetentionKind[]

/** Days that each kind is kept. Sums per day are kept for ever. */
export type Retention = Record<RetentionKind, number>

/** Shorter than a day would take away what still travels; longer than a hundred years is for ever. */
export const retentionDays = z.int().min(1).max(36_500)

/** What each kind is, for people. */
export const retentionWords: Record<RetentionKind, string> = {
  windows: 'Windows of single devices, second by second, and comparisons of shadows',
  distributions: 'Distributions of features and answers, as they came',
  samples: 'Samples of inputs and outputs',
  events: 'Events of devices, records that were dropped or could not be read',
  resources: 'Readings of processor, memory, disk and temperature',
  minutes: 'Sums of the fleet per minute',
  fiveMinutes: 'Sums per 5 minutes',
  hours: 'Sums per hour',
  labels: 'Labels that devices sent, and their sums per hour',
  usage: 'Ledgers of what devices used, per entry',
}

/** The days that count: those that were chosen, else the usual ones. */
export function retentionOf(chosen: Partial<Retention> | undefined): Retention {
  return { ...usualRetention, ...chosen }
}
