import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { PriceSheet } from '../../../shared/rpc/contract/costs.ts'
import type { RolloutForecast } from '../../../shared/rpc/contract/rollouts.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'

export type CostReport = ResultOf<'costs.report'>
export type CostQuestion = ParsedInputOf<'costs.report'>

/** What sending a bundle to one device takes. */
export interface OfferForecast {
  link: string
  /** Bytes of blocks that the device lacks. */
  bytes: number
  money: number
  /** At the usual speed of its link; null: not known. */
  seconds: number | null
}

/** Forecasts and their prices: the wizard, the engine and the reports ask here. */
export interface Costs {
  sheet(): PriceSheet
  linkOf(entry: RosterEntry): string
  /** A reader for one bundle; devices that hold the same bundles are reckoned once. */
  offersOf(digest: string): (entry: RosterEntry) => OfferForecast
  /** Over all of these devices. @param of.seconds from the pacing, where it is known */
  forecast(of: {
    digest: string
    entries: readonly RosterEntry[]
    seconds: number | null
    budget: { bytes: number | null; money: number | null }
    now: number
  }): RolloutForecast
  /** When the quiet hours of the device's link end; null: it has none now. */
  quietUntil(entry: RosterEntry, now: number): number | null
  /** True if the budget of this month is spent: no offers are made. */
  isMonthSpent(now: number): boolean
  /** Money that the budget of this month has left; null: there is no budget. */
  monthLeft(now: number): number | null
}

/** The whole of it: what the screens and commands of costs ask for besides. */
export interface CostBook extends Costs {
  report(of: CostQuestion): Promise<CostReport>
  /** The same cut in several ways at once, without the budget. @param step called in between; what it throws ends the work */
  reports(
    of: Omit<CostQuestion, 'by'>,
    bys: readonly CostQuestion['by'][],
    step?: () => void,
  ): Promise<Map<CostQuestion['by'], Omit<CostReport, 'budget'>>>
  /** What the fleet has cost this month (UTC), with what is on its way to devices and in no ledger yet. */
  month(now: number): MonthSpend
  /** Keeps another price sheet. Call `forget` once it is committed. @throws Problem `input.invalid` with the place */
  keepSheet(sheet: PriceSheet): void
  /** Reads the stored price sheet again. */
  forget(): void
}

/** A month of a fleet against its budget. */
export interface MonthSpend {
  monthly: number | null
  /** By the ledgers of devices. */
  spent: number
  /** Forecast of offers that no ledger can have yet. */
  onItsWay: number
  isSpent: boolean
  /** When the next month begins, and a spent budget frees. */
  freesAt: number
}
