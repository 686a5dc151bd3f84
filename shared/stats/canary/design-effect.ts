import { errorEvidence, type ErrorEProcess } from './error-e-process.ts'

/** What one device did in one span of time. */
export interface RateCell {
  device: string
  trials: number
  /** Of these, those that count against it. */
  events: number
}

/** Both arms over the same span of time. A window without trials on one side says nothing. */
export interface RateWindow {
  canary: readonly RateCell[]
  baseline: readonly RateCell[]
}

/** Fewer cells than this cannot tell a burst from a rate: each counts as one event. */
const LEAST_CELLS = 3

/**
 * How many events of one arm are worth one independent event, at least 1: Pearson's dispersion, sum (k - n p)^2 / (n p (1 - p)) / (m - 1), of the
 * cells and of the devices, whichever is larger (McCullagh, Nelder, "Generalized Linear Models", 1989, 4.5). Independent events give 1; a burst of 30 in
 * one of many cells gives 30; a device that always fails more than the others shows in the second. p is that of the arm, so that a difference
 * between the arms does not hide itself. One standard deviation of what chance alone makes of it, sqrt((2 + 1 / (n p (1 - p))) / (m - 1)) for independent
 * events, is taken off: without that, chance would cost power wherever there are no clusters.
 * @param options.areTotals cells are sums over all of the time: a burst cannot be told from a rate, and is not looked for
 */
export function designEffect(cells: readonly RateCell[], { areTotals = false }: { areTotals?: boolean } = {}): number {
  const used = cells.filter(({ trials }) => trials > 0)
  const devices = new Map<string, RateCell>()
  for (const { device, trials, events } of used) {
    const sum = devices.get(device) ?? { device, trials: 0, events: 0 }
    devices.set(device, { device, trials: sum.trials + trials, events: sum.events + events })
  }
  return Math.max(1, areTotals ? 1 : fewCells(used), dispersion(used), dispersion([...devices.values()]))
}

function fewCells(cells: readonly RateCell[]): number {
  const hit = cells.filter(({ events }) => events > 0)
  return cells.length >= LEAST_CELLS || hit.length === 0 ? 1 : hit.reduce((sum, { events }) => sum + events, 0) / hit.length
}

function dispersion(cells: readonly RateCell[]): number {
  const trials = cells.reduce((sum, cell) => sum + cell.trials, 0)
  const p = cells.reduce((sum, cell) => sum + cell.events, 0) / trials
  if (cells.length < 2 || !(p > 0 && p < 1)) return 1
  const sum = cells.reduce((total, cell) => total + (cell.events - cell.trials * p) ** 2 / (cell.trials * p * (1 - p)), 0)
  const df = cells.length - 1
  const perCell = (trials * p * (1 - p)) / cells.length
  return sum / df - Math.sqrt((2 + 1 / perCell) / df)
}

/**
 * The evidence of a process whose events come in clusters: mean of exp(log e_R / effect). With clusters of one size it is the evidence of their
 * number; by Jensen its expectation without a difference is at most 1 wherever that of the process is.
 */
export function clusteredEvidence({ v, logs }: ErrorEProcess, effect: number): number {
  return errorEvidence({ v, logs: logs.map((log) => log / effect) })
}
