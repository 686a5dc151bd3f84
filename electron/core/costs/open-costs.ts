import type { LinkClass, PriceSheet } from '../../../shared/rpc/contract/costs.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { selectEntries } from '../devices/summary.ts'
import type { Registry } from '../registry/registry.ts'
import type { Windows } from '../rollout/planning/windows.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'
import { DAY_MS } from '../store/telemetry/ledger-days.ts'
import type { DayUse } from '../store/telemetry/ledger-uses.ts'
import { wholeDays } from '../store/telemetry/usage.ts'
import type { CostBook, CostQuestion, CostReport, MonthSpend } from './costs.ts'
import { monthParts } from './exact-money.ts'
import { forecastOver, offerReader, type ForecastSources } from './forecast.ts'
import { monthOf, openMonthUse, type MonthUse, type SpendSource } from './month-spend.ts'
import { checkSheet, openPriceBook } from './price-sheet.ts'
import { openQuietHours } from './quiet-hours.ts'
import { reportOfCosts } from './report.ts'
import { MODEL_CAUSE, sentByRollouts, type OfferSpan } from './rollout-bytes.ts'
import { UseSum } from './use-sum.ts'

/** What costs are reckoned from. */
export interface CostParts {
  store: Pick<FleetStore, 'settings' | 'roster'>
  registry: Pick<Registry, 'travelOf'>
  telemetry: SpendSource & Pick<TelemetryQueries, 'nextDay' | 'someDayUse' | 'receivedWithin'>
  windows: Windows
  now(): number
  /** Times in which devices were on their way in rollouts, as far as they overlap a period. */
  offerSpans(period: { from: number; through: number }): OfferSpan[]
  /** Forecast of offers that no ledger can have yet. */
  onItsWay(now: number): number
}

/** Opens forecasts, reports and the budget of the month over one price sheet. */
export function openCosts(parts: CostParts): CostBook {
  const prices = openPriceBook(parts.store.settings)
  const quiet = openQuietHours(parts.windows)
  const useOf = openMonthUse(parts.telemetry)
  const linkOfDevice = (device: string): LinkClass => prices.linkOf(parts.store.roster.entry(device))
  const quietUntil = (entry: RosterEntry, now: number): number | null => quiet.quietUntil(prices.linkOf(entry), entry.row.labels, now)
  const sourcesOf = (digest: string): ForecastSources => ({
    digest,
    blocksOf: (one) => parts.registry.travelOf(one),
    currency: prices.sheet().currency,
    linkOf: (entry) => prices.linkOf(entry),
    isQuiet: (entry, now) => quietUntil(entry, now) !== null,
  })
  let known: { of: MonthUse; sheet: PriceSheet; money: number } | null = null
  const spentBy = (of: MonthUse): number => {
    const sheet = prices.sheet()
    if (known?.of !== of || known.sheet !== sheet) known = { of, sheet, money: moneyOf(of, sheet, linkOfDevice) }
    return known.money
  }
  const month = (now: number): MonthSpend => {
    const { monthlyBudget: monthly } = prices.sheet()
    const spent = spentBy(useOf(now))
    const onItsWay = parts.onItsWay(now)
    return { monthly, spent, onItsWay, isSpent: monthly !== null && spent + onItsWay >= monthly, freesAt: monthOf(now).through }
  }
  return {
    sheet: () => prices.sheet(),
    linkOf: (entry) => prices.linkOf(entry).name,
    offersOf: (digest) => offerReader(sourcesOf(digest)),
    forecast: ({ digest, ...over }) => forecastOver(sourcesOf(digest), over),
    quietUntil,
    isMonthSpent: (now) => prices.sheet().monthlyBudget !== null && month(now).isSpent,
    monthLeft(now) {
      if (prices.sheet().monthlyBudget === null) return null
      const { monthly, spent, onItsWay } = month(now)
      return Math.max(0, monthly! - spent - onItsWay)
    },
    month,
    async report({ by, ...question }) {
      const reports = await reportsFor(parts, { question, bys: [by], sheet: prices.sheet(), linkOf: linkOfDevice })
      return { ...reports.get(by)!, budget: budgetOf(month(parts.now())) }
    },
    async reports(question, bys, step) {
      return reportsFor(parts, { question, bys, sheet: prices.sheet(), linkOf: linkOfDevice, step })
    },
    keepSheet(sheet) {
      checkSheet(sheet, parts.windows, parts.now())
      parts.store.settings.set('priceSheet', sheet)
    },
    forget: () => prices.forget(),
  }
}

/** What the use of a month cost, over the whole fleet. */
function moneyOf({ flows, stored }: MonthUse, sheet: PriceSheet, linkOf: (device: string) => LinkClass): number {
  const sum = new UseSum()
  for (const { device, bytes, cpuSeconds } of flows.values()) {
    sum.addBytes(linkOf(device), { in: bytes, out: 0 })
    sum.addCompute({ cpuSeconds, inferences: 0 })
  }
  for (const { day, bytes } of stored) sum.addStored(monthParts(day), bytes)
  return sum.amounts(sheet).total
}

function budgetOf({ monthly, spent, onItsWay, isSpent, freesAt }: MonthSpend): CostReport['budget'] {
  return { monthly, spentThisMonth: spent, onItsWay, isSpent, freesAt }
}

interface ReportOf {
  question: Omit<CostQuestion, 'by'>
  bys: readonly CostQuestion['by'][]
  sheet: PriceSheet
  linkOf(device: string): LinkClass
  step?: (() => void) | undefined
}

async function reportsFor(
  parts: CostParts,
  { question, bys, sheet, linkOf, step }: ReportOf,
): Promise<Map<CostQuestion['by'], Omit<CostReport, 'budget'>>> {
  const { store, telemetry, now } = parts
  if (question.through <= question.from) throw new Problem('input.invalid', 'The period ends before it begins.')
  const period = wholeDays(question)
  const { query, limit } = question
  const devices = query === '' ? null : new Set(selectEntries(store, query).map(({ row }) => row.device))
  const sources = {
    ...{ sheet, limit, devices, linkOf: remembered(linkOf) },
    siteOf: remembered((device: string) => store.roster.entry(device)?.row.labels['site'] ?? ''),
    nextDay: (after: number) => telemetry.nextDay({ from: Math.max(period.from, (after + 1) * DAY_MS), through: period.through }),
    someUses: (day: number, after: string, visit: (use: DayUse) => void) => telemetry.someDayUse({ day, after }, visit),
    sent: () =>
      sentByRollouts(parts.offerSpans(period), { ...period, now: now() }, (device, span) =>
        telemetry.receivedWithin({ ...span, device, cause: MODEL_CAUSE }),
      ),
  }
  const cuts = await reportOfCosts(sources, bys, step)
  return new Map([...cuts].map(([by, rows]) => [by, { ...period, ...rows }]))
}

/** Of each device asked once: a device has one link and one site in a report, however many days it has. */
function remembered<Answer>(ask: (device: string) => Answer): (device: string) => Answer {
  const known = new Map<string, Answer>()
  return (device) => {
    const before = known.get(device)
    if (before !== undefined) return before
    const answer = ask(device)
    known.set(device, answer)
    return answer
  }
}
