import { z } from 'zod'
import { timeWindow } from '../../domain/rollout/plan.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'
import { rolloutForecast } from './rollouts.ts'

const price = z.number().nonnegative().max(1_000_000_000)

/** A kind of link: the label `link` of a device names it. */
export const linkClass = z.strictObject({
  name: text(64).min(1).describe('ethernet, wifi, cellular, satellite, …'),
  pricePerGigabyte: price.default(0),
  megabitsPerSecond: z
    .number()
    .gt(0)
    .max(1_000_000)
    .nullable()
    .default(null)
    .describe('Usual speed of one device, for forecasts; null: not known.'),
  quiet: z.array(timeWindow).max(10).default([]).describe('Hours in which no download begins.'),
})
export type LinkClass = z.infer<typeof linkClass>

export const priceSheet = z.strictObject({
  currency: text(8).default('EUR'),
  links: z
    .array(linkClass)
    .min(1)
    .max(50)
    .default([{ name: 'ethernet', pricePerGigabyte: 0, megabitsPerSecond: 100, quiet: [] }]),
  defaultLink: text(64).default('ethernet').describe('Of devices without the label `link`, or with one that is not here.'),
  computePerHour: price.default(0).describe('One hour of CPU on a device.'),
  storagePerGigabyteMonth: price.default(0),
  monthlyBudget: price.nullable().default(null).describe('Over all devices; beyond it rollouts hold their offers.'),
  valuePerThousandInferences: price
    .nullable()
    .default(null)
    .describe('What a thousand answers are worth to whoever runs the fleet, for reports of cost and return; null: nobody has said.'),
})
export type PriceSheet = z.infer<typeof priceSheet>

const money = z.number().nonnegative()
const amounts = { transfer: money, compute: money, storage: money, total: money }

export const costsMethods = {
  'costs.sheet': query('The price sheet.', z.strictObject({}), priceSheet),
  'costs.setSheet': command('Replaces the price sheet.', priceSheet, priceSheet, 'admin'),
  'costs.report': query(
    'What a period cost by compute, storage and transfer; per device, cause, link, site, day or rollout. From the ledger of what devices used, in whole days (UTC), at the prices of now.',
    z.strictObject({
      from: epochMs,
      through: epochMs.describe('Exclusive.'),
      query: text(4000).default(''),
      by: z.enum(['device', 'cause', 'link', 'site', 'day', 'rollout']).default('device'),
      limit: z.int().min(1).max(10_000).default(100),
    }),
    z.object({
      currency: text(8),
      from: epochMs,
      through: epochMs,
      total: z.object({
        ...amounts,
        bytesIn: count,
        bytesOut: count,
        cpuSeconds: z.number().nonnegative(),
        inferences: count,
        storedBytes: count,
      }),
      perThousandInferences: money.nullable(),
      rows: z.array(
        z.object({
          key: text(200).describe('Empty: of no site, or of no rollout.'),
          devices: count,
          ...amounts,
          bytesIn: count,
          bytesOut: count,
          cpuSeconds: z.number().nonnegative(),
          inferences: count,
        }),
      ),
      totalRows: count,
      budget: z.object({
        monthly: money.nullable(),
        spentThisMonth: money.describe('By the ledgers, of the whole fleet, since the month began (UTC).'),
        onItsWay: money.describe('Forecast of offers that no ledger can have yet.'),
        isSpent: z.boolean(),
        freesAt: epochMs.describe('When the next month begins, and a spent budget frees.'),
      }),
    }),
  ),
  'costs.forecast': query(
    'What sending a version to the devices of a query takes: bytes that they lack, money and time per link. Nothing is sent.',
    z.strictObject({
      model: text(64),
      version: text(64).describe('A version, or an alias.'),
      query: text(4000).default(''),
    }),
    rolloutForecast,
  ),
} as const
