import type { LinkClass } from '../../../shared/rpc/contract/costs.ts'
import type { RolloutForecast } from '../../../shared/rpc/contract/rollouts.ts'
import { lackingReader, unionBytes, type Lacking, type LackingSources } from '../deployments/lacking.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import type { Costs, OfferForecast } from './costs.ts'
import { exactPrice, moneyOfTransfer } from './exact-money.ts'

/** What a forecast is made of. */
export interface ForecastSources extends LackingSources {
  currency: string
  linkOf(entry: RosterEntry): LinkClass
  isQuiet(entry: RosterEntry, now: number): boolean
}

/** What sending the bundle to each device takes. */
export function offerReader(of: ForecastSources): (entry: RosterEntry) => OfferForecast {
  const lackingOf = lackingReader(of)
  return (entry) => offerOf(lackingOf(entry), of.linkOf(entry))
}

/** What sending the bundle to all of these devices takes. */
export function forecastOver(of: ForecastSources, over: Omit<Parameters<Costs['forecast']>[0], 'digest'>): RolloutForecast {
  const lackingOf = lackingReader(of)
  const groups = new Set<Lacking>()
  const links = new Map<string, { link: LinkClass; devices: number; bytes: number; slowest: number | null; isQuietNow: boolean }>()
  for (const entry of over.entries) {
    const lacking = lackingOf(entry)
    groups.add(lacking)
    const link = of.linkOf(entry)
    const sum = links.get(link.name) ?? { link, devices: 0, bytes: 0, slowest: 0, isQuietNow: false }
    links.set(link.name, sum)
    const { bytes, seconds } = offerOf(lacking, link)
    sum.devices += 1
    sum.bytes += bytes
    sum.slowest = seconds === null || sum.slowest === null ? null : Math.max(sum.slowest, seconds)
    sum.isQuietNow ||= of.isQuiet(entry, over.now)
  }
  const sums = [...links.values()].sort((a, b) => b.bytes - a.bytes || a.link.name.localeCompare(b.link.name))
  const bytes = sums.reduce((sum, link) => sum + link.bytes, 0)
  const money = moneyOfTransfer(sums.reduce((sum, one) => sum + BigInt(one.bytes) * exactPrice(one.link.pricePerGigabyte), 0n))
  return {
    ...{ devices: over.entries.length, bytes, money, currency: of.currency, seconds: over.seconds },
    published: unionBytes(groups),
    byLink: sums.map(({ link, devices, bytes: ofLink, slowest, isQuietNow }) => ({
      ...{ link: link.name, devices, bytes: ofLink, isQuietNow },
      money: moneyOf(ofLink, link),
      secondsPerDevice: slowest,
    })),
    budget: {
      ...over.budget,
      isWithin: bytes <= (over.budget.bytes ?? Infinity) && money <= (over.budget.money ?? Infinity),
    },
  }
}

function offerOf({ bytes }: Lacking, link: LinkClass): OfferForecast {
  return { link: link.name, bytes, money: moneyOf(bytes, link), seconds: secondsOf(bytes, link) }
}

function moneyOf(bytes: number, { pricePerGigabyte }: LinkClass): number {
  return moneyOfTransfer(BigInt(bytes) * exactPrice(pricePerGigabyte))
}

function secondsOf(bytes: number, { megabitsPerSecond }: LinkClass): number | null {
  if (bytes === 0) return 0
  return megabitsPerSecond === null ? null : (bytes * 8) / (megabitsPerSecond * 1e6)
}
