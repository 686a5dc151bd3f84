import { setImmediate } from 'node:timers/promises'
import type { LinkClass, PriceSheet } from '../../../shared/rpc/contract/costs.ts'
import type { DayUse } from '../store/telemetry/ledger-uses.ts'
import { DAY_MS } from '../store/telemetry/ledger-days.ts'
import { addCounts, type Causes } from '../store/telemetry/minute-sums.ts'
import type { CostQuestion, CostReport } from './costs.ts'
import type { SentOfRollouts } from './rollout-bytes.ts'
import { monthParts } from './exact-money.ts'
import { UseSum } from './use-sum.ts'

type Rows = Omit<CostReport, 'budget' | 'from' | 'through'>

/** Rows of the causes that are no traffic. */
export const COMPUTING = 'computing'
export const STORAGE = 'storage'
/** The row of what has no such key: a device without a site, bytes that no rollout sent. */
const NO_KEY = ''

type By = CostQuestion['by']

/** What a report is made of. */
export interface ReportSources {
  sheet: PriceSheet
  limit: number
  /** null: all, also those that have left the fleet. */
  devices: ReadonlySet<string> | null
  linkOf(device: string): LinkClass
  siteOf(device: string): string
  /** The next day with any use; null: there is none. @param after days since 1970 */
  nextDay(after: number): number | null
  /** Some devices of a day, behind one of them. @returns the last of them; null: there are no more */
  someUses(day: number, after: string, visit: (use: DayUse) => void): string | null
  /** What rollouts sent to these devices in the period; asked for by rollout alone. */
  sent(): SentOfRollouts[]
}

/**
 * What a period cost, cut in several ways at once: days are read once. Every row is a part of the total, and all rows together are the total. Some devices
 * of a day are read at a time, so that others have their turn.
 * @param step called in between; what it throws ends the work
 */
export async function reportOfCosts(of: ReportSources, bys: readonly By[], step: () => void = () => undefined): Promise<Map<By, Rows>> {
  const cuts = bys.map((by) => ({ by, rows: openRows(of, by) }))
  const stored = new Map<string, { lastAt: number; bytes: number }>()
  for (let day = of.nextDay(-1); day !== null; day = of.nextDay(day)) {
    const on = { name: new Date(day * DAY_MS).toISOString().slice(0, 10), parts: monthParts(day) }
    for (let after: string | null = ''; after !== null;) {
      after = of.someUses(day, after, (use) => {
        if (of.devices?.has(use.device) === false) return
        const where = { link: of.linkOf(use.device), on }
        for (const { rows } of cuts) rows.add(use, where)
        const before = stored.get(use.device)
        if (before === undefined || use.lastAt >= before.lastAt) stored.set(use.device, { lastAt: use.lastAt, bytes: use.storedBytes })
      })
      await setImmediate()
      step()
    }
  }
  const storedBytes = [...stored.values()].reduce((sum, { bytes }) => addCounts(sum, bytes), 0)
  const made = new Map<By, Rows>()
  for (const { by, rows } of cuts) {
    made.set(by, rows.finish(storedBytes))
    await setImmediate()
  }
  return made
}

/** The rows of one cut. */
function openRows(of: ReportSources, by: By) {
  const rows = new Map<string, UseSum>()
  const rowOf = (key: string): UseSum => {
    const row = rows.get(key) ?? new UseSum()
    rows.set(key, row)
    return row
  }
  return {
    add(use: DayUse, where: Where): void {
      if (by === 'cause') addByCause(rowOf, use, where)
      else addWhole(rowOf(keyOf(of, by, use, where)), use, where)
    },
    finish(storedBytes: number): Rows {
      if (by === 'rollout') moveSent(of, rowOf)
      const total = new UseSum()
      for (const row of rows.values()) total.merge(row)
      const amounts = total.amounts(of.sheet)
      const made = [...rows].map(([key, row]) => ({ key, devices: row.devices, ...plain(row), ...row.amounts(of.sheet) }))
      return {
        currency: of.sheet.currency,
        total: { ...amounts, ...plain(total), storedBytes },
        perThousandInferences: total.inferences === 0 ? null : (amounts.total * 1000) / total.inferences,
        rows: made.sort(by === 'day' ? byKey : byMoney).slice(0, of.limit),
        totalRows: made.length,
      }
    },
  }
}

type Row = Rows['rows'][number]

function byKey(a: Row, b: Row): number {
  return a.key < b.key ? -1 : 1
}

function byMoney(a: Row, b: Row): number {
  return b.total - a.total || b.bytesIn + b.bytesOut - (a.bytesIn + a.bytesOut) || byKey(a, b)
}

function plain({ bytesIn, bytesOut, cpuSeconds, inferences }: UseSum) {
  return { bytesIn, bytesOut, cpuSeconds, inferences }
}

/** A day of the report: its name, and what it is of its month. */
interface Day {
  name: string
  parts: number
}

/** What is the same for many uses. */
interface Where {
  link: LinkClass
  on: Day
}

function keyOf(of: ReportSources, by: By, use: DayUse, { link, on }: Where): string {
  switch (by) {
    case 'device':
      return use.device
    case 'link':
      return link.name
    case 'site':
      return of.siteOf(use.device)
    case 'day':
      return on.name
    case 'rollout':
    case 'cause':
      return NO_KEY
  }
}

function addWhole(sum: UseSum, use: DayUse, { link, on }: Where): void {
  sum.note(use.device)
  sum.addBytes(link, { in: bytesOf(use.bytesIn), out: bytesOf(use.bytesOut) })
  sum.addCompute(use)
  sum.addStored(on.parts, use.storedBytes)
}

function addByCause(rowOf: (key: string) => UseSum, use: DayUse, { link, on }: Where): void {
  for (const cause of new Set([...Object.keys(use.bytesIn), ...Object.keys(use.bytesOut)])) {
    const row = rowOf(cause)
    row.note(use.device)
    row.addBytes(link, { in: use.bytesIn[cause] ?? 0, out: use.bytesOut[cause] ?? 0 })
  }
  const computing = rowOf(COMPUTING)
  computing.note(use.device)
  computing.addCompute(use)
  const storage = rowOf(STORAGE)
  storage.note(use.device)
  storage.addStored(on.parts, use.storedBytes)
}

/** Moves what rollouts sent out of the row of what no rollout sent. */
function moveSent(of: ReportSources, rowOf: (key: string) => UseSum): void {
  for (const { rollout, device, bytes } of of.sent()) {
    if (of.devices?.has(device) === false) continue
    const link = of.linkOf(device)
    const row = rowOf(String(rollout))
    row.note(device)
    row.addBytes(link, { in: rowOf(NO_KEY).takeBytesIn(link, bytes), out: 0 })
  }
}

function bytesOf(causes: Causes): number {
  return Object.values(causes).reduce(addCounts, 0)
}
