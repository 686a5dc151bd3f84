import type { PacingRules, RolloutPlan, TimeWindow } from '../../../../shared/domain/rollout/plan.ts'
import { NEVER, type Windows } from './windows.ts'

/** A device of a wave, as far as it takes time. */
export interface TimedDevice {
  zone: string
  /** Share of a window at which it begins. */
  hash: number
  group: string | null
  bytes: number
  /** Transfer at the usual speed of its link; null: not known, and reckoned as none. */
  seconds: number | null
}

/** Bounds of a wave; null: never, or not known. */
export interface WaveTime {
  earliestStart: number | null
  earliestEnd: number | null
}

/** Further windows than this are not looked through: the plan takes years, or forever. */
const MOST_WINDOWS = 2000

/**
 * When each wave begins and ends at the earliest: by start, windows, pacing and transfers, if nothing fails and all devices are there. How long a
 * version is on probation depends on requests and is not in it. After a gate that a person or a verdict decides, no end is known.
 */
export function waveTimes(
  plan: RolloutPlan,
  waves: readonly (readonly TimedDevice[])[],
  of: { windows: Windows; now: number },
): WaveTime[] {
  let from: number | null = Math.max(of.now, plan.windows.startAt ?? 0)
  let isKnown = true
  let committed = 0
  return plan.waves.map(({ gate }, i) => {
    const devices = waves[i] ?? []
    const time = oneWave(plan, devices, { windows: of.windows, from, committed })
    committed += devices.length
    const known = { earliestStart: wholeMs(time.start), earliestEnd: isKnown ? wholeMs(time.end) : null }
    isKnown &&= gate.verdict !== 'pass' && !gate.byPerson
    from = time.end === null || !(time.end < NEVER) ? null : time.end + gate.afterSeconds * 1000
    return known
  })
}

/** What is later than a date can say is never. */
function wholeMs(at: number | null): number | null {
  return at === null || !(at < NEVER) ? null : Math.ceil(at)
}

function oneWave(
  plan: RolloutPlan,
  devices: readonly TimedDevice[],
  of: { windows: Windows; from: number | null; committed: number },
): { start: number | null; end: number | null } {
  if (of.from === null || devices.length === 0) return { start: of.from, end: of.from }
  const { download, activation, isSpread } = plan.windows
  const begun = beginsOf(of.windows, download, { devices, isSpread, from: of.from })
  if (begun === null) return { start: null, end: null }
  const slowest = devices.reduce((most, { seconds }) => Math.max(most, seconds ?? 0), 0) * 1000
  const paced = workSeconds(plan.pacing, devices, of.committed) * 1000
  const zone = devices[0]!.zone
  const worked = download === null ? begun.first + paced : through(of.windows, download, { zone, from: begun.first, work: paced })
  if (worked === null) return { start: begun.first, end: null }
  const fetched = Math.max(worked, begun.last + slowest)
  const active = beginsOf(of.windows, activation, { devices, isSpread, from: fetched })
  return { start: begun.first, end: active === null ? null : active.last }
}

/** When the first and the last device may begin in a window; null: one never may. */
function beginsOf(
  windows: Windows,
  window: TimeWindow | null,
  of: { devices: readonly TimedDevice[]; isSpread: boolean; from: number },
): { first: number; last: number } | null {
  if (window === null) return { first: of.from, last: of.from }
  let first = NEVER
  let last = 0
  for (const { zone, hash } of of.devices) {
    const { opensAt } = windows.placeIn(window, { zone, hash, isSpread: of.isSpread }, of.from)
    const at = Math.max(opensAt, of.from)
    first = Math.min(first, at)
    last = Math.max(last, at)
  }
  return last >= NEVER ? null : { first, last }
}

/** When work is done that goes on only while the window is open; null: never. */
function through(windows: Windows, window: TimeWindow, of: { zone: string; from: number; work: number }): number | null {
  let at = of.from
  let left = of.work
  for (let n = 0; n < MOST_WINDOWS; n += 1) {
    const place = windows.placeIn(window, { zone: of.zone, hash: 0, isSpread: false }, at)
    if (place.opensAt >= NEVER) return null
    const begin = Math.max(at, place.opensAt)
    if (begin + left <= place.closesAt) return begin + left
    left -= place.closesAt - begin
    at = place.closesAt
  }
  return null
}

/** Seconds that the pace needs for all devices of a wave: the slowest of its limits. */
function workSeconds(pacing: PacingRules, devices: readonly TimedDevice[], committed: number): number {
  const seconds = devices.reduce((sum, one) => sum + (one.seconds ?? 0), 0)
  const bytes = devices.reduce((sum, one) => sum + one.bytes, 0)
  return Math.max(
    pacing.maxInFlight === null ? 0 : seconds / pacing.maxInFlight,
    pacing.bytesPerSecond === null ? 0 : bytes / pacing.bytesPerSecond,
    pacing.perGroup === null ? 0 : slowestGroup(devices) / pacing.perGroup.atOnce,
    pacing.perMinute === null ? 0 : 60 * rampMinutes(pacing.perMinute, { from: committed, devices: devices.length }),
  )
}

function slowestGroup(devices: readonly TimedDevice[]): number {
  const groups = new Map<string, number>()
  for (const { group, seconds } of devices) if (group !== null) groups.set(group, (groups.get(group) ?? 0) + (seconds ?? 0))
  return [...groups.values()].reduce((most, one) => Math.max(most, one), 0)
}

/** Minutes of so many offers, each step of the ramp at its rate. */
function rampMinutes(ramp: NonNullable<PacingRules['perMinute']>, of: { from: number; devices: number }): number {
  let minutes = 0
  let done = of.from
  const end = of.from + of.devices
  while (done < end) {
    const step = Math.floor(done / ramp.every)
    const rate = Math.min(ramp.max, ramp.base * ramp.factor ** step)
    // At the top, and where it does not grow, the rest goes at one rate.
    const isLast = rate >= ramp.max || ramp.factor === 1
    const next = isLast ? end : Math.min(end, (step + 1) * ramp.every)
    minutes += (next - done) / rate
    done = next
  }
  return minutes
}
