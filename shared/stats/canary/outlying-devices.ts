import type { RateCell } from './design-effect.ts'

/** With fewer devices in an arm nobody can say which of them is the odd one. */
const LEAST_DEVICES = 3
/** With fewer cells of a device its own spread is not known, only that of independent events. */
const LEAST_CELLS = 3
/** Standard errors of a device, and robust standard deviations of the devices of its arm, that it must be above the median. */
const STANDARD_ERRORS = 4
const DEVIATIONS = 8
/** Standard deviations of a normal distribution per median absolute deviation. */
const PER_MAD = 1.4826

/** What an arm's devices show of each other. */
export interface OutlyingDevices {
  devices: ReadonlySet<string>
  /** Shares from here on are nearer to the lowest of them than to the median of the arm; infinite without any. */
  from: number
}

/**
 * Devices of one arm that stay far above the others of the same arm: above their median share by more than four of its own standard errors, which are
 * taken over its cells, so that one burst never is enough, and by more than eight robust standard deviations of the shares (1.4826 x median absolute
 * deviation; Huber, "Robust Statistics", 1981). Fewer than half of an arm: where half of it fails, that is how the arm is. None below the median is looked
 * for: a design effect that comes from there is small beside the events of the others.
 */
export function outlyingDevices(cells: readonly RateCell[]): OutlyingDevices {
  const shares = deviceShares(cells)
  if (shares.length < LEAST_DEVICES) return { devices: new Set(), from: Number.POSITIVE_INFINITY }
  const centre = median(shares.map(({ share }) => share))
  const spread = PER_MAD * median(shares.map(({ share }) => Math.abs(share - centre)))
  const out = shares.filter(
    ({ own, share }) => share - centre > Math.max(DEVIATIONS * spread, STANDARD_ERRORS * standardError(own, share, centre)),
  )
  return { devices: new Set(out.map(({ device }) => device)), from: (centre + Math.min(...out.map(({ share }) => share))) / 2 }
}

/** What each device did, as a share of its trials. */
export function deviceShares(cells: readonly RateCell[]): { device: string; own: readonly RateCell[]; share: number }[] {
  const devices = new Map<string, RateCell[]>()
  for (const cell of cells) {
    if (cell.trials === 0) continue
    const own = devices.get(cell.device)
    if (own === undefined) devices.set(cell.device, [cell])
    else own.push(cell)
  }
  return [...devices].map(([device, own]) => ({ device, own, share: shareOf(own) }))
}

function shareOf(cells: readonly RateCell[]): number {
  const trials = cells.reduce((sum, cell) => sum + cell.trials, 0)
  return cells.reduce((sum, { events }) => sum + events, 0) / trials
}

/** The larger one of that of independent events at the share of the others, and that of its cells as clusters. */
function standardError(cells: readonly RateCell[], share: number, centre: number): number {
  const n = cells.reduce((sum, { trials }) => sum + trials, 0)
  const p = (centre * n + 1) / (n + 2)
  const independent = (p * (1 - p)) / n
  if (cells.length < LEAST_CELLS) return Math.sqrt(independent)
  const squares = cells.reduce((sum, { events, trials }) => sum + (events - trials * share) ** 2, 0)
  return Math.sqrt(Math.max(independent, ((squares / n ** 2) * cells.length) / (cells.length - 1)))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
