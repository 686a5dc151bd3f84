import { inFlightStates, reachedStates, rolloutDeviceStates, type RolloutDeviceState } from '../../../../shared/domain/rollout/life.ts'
import type { RolloutDevice, RolloutRun } from '../rollout-run.ts'

/** Devices of a wave by what matters to its gate. */
export interface WaveTally {
  /** Devices by state; all states are named. */
  counts: Record<RolloutDeviceState, number>
  /** Devices that wait for an order, in the order in which they get it: by hash at first, who comes again at the end. */
  pending: Set<string>
  /** Of these, those that were never offered the version and are not kept from it by a penalty. */
  unoffered: number
  /** Of these, those that a penalty keeps from their first offer: no gate waits for them. */
  penalized: number
}

/** What would otherwise be counted over every device at every look. It follows from the devices of the run alone: `recount` gives the same. */
export interface Tally {
  waves: WaveTally[]
  byState: Record<RolloutDeviceState, Set<string>>
  /** Failures that somebody saw, by the state that they led to. */
  acknowledged: Record<RolloutDeviceState, number>
  /** Devices on their way by the attribute of the disruption budget. */
  groups: Map<string, number>
  /** Bytes and money of everything that was offered; money in millionths, whole numbers, so that sums are exact. */
  bytes: number
  moneyMillionths: number
  /** Transfers under way: bytes per second of those whose speed is known, and how many are not. */
  bytesPerSecond: number
  unknownTransfers: number
  /** Devices that failed and will be offered the version again by themselves. */
  toRetry: number
}

const failureStates: ReadonlySet<RolloutDeviceState> = new Set(['failed', 'rejected', 'timed-out', 'fell-back'])
const flying: ReadonlySet<RolloutDeviceState> = new Set(inFlightStates)

/** True if the device is on its way, and counts against the pace. */
export function isInFlight(state: RolloutDeviceState): boolean {
  return flying.has(state)
}

/** True if the version did not come to serve there, and nothing more happens by itself. */
export function isFailure(state: RolloutDeviceState): boolean {
  return failureStates.has(state)
}

/** Counts of nothing. */
export function emptyTally(waves: number): Tally {
  return {
    waves: Array.from({ length: waves }, () => ({ counts: zeroes(), pending: new Set<string>(), unoffered: 0, penalized: 0 })),
    byState: Object.fromEntries(rolloutDeviceStates.map((state) => [state, new Set<string>()])) as Tally['byState'],
    ...{ acknowledged: zeroes(), groups: new Map(), bytes: 0, moneyMillionths: 0, bytesPerSecond: 0, unknownTransfers: 0, toRetry: 0 },
  }
}

/** Counts every device of a run anew. The engine never needs it: it is how a test sees that the counts that are kept are right. */
export function recount(run: RolloutRun): Tally {
  const tally = emptyTally(run.waves.length)
  for (const device of run.devices.values()) count(tally, device, 1)
  return tally
}

/** Takes a device into the counts in place of what it was before. */
export function recountDevice(tally: Tally, before: RolloutDevice | undefined, after: RolloutDevice): void {
  if (before !== undefined) count(tally, before, -1)
  count(tally, after, 1)
}

/** A copy that can be changed without the original. */
export function copyTally(tally: Tally): Tally {
  return {
    ...tally,
    waves: tally.waves.map((wave) => ({ ...wave, counts: { ...wave.counts }, pending: new Set(wave.pending) })),
    byState: Object.fromEntries(Object.entries(tally.byState).map(([state, set]) => [state, new Set(set)])) as Tally['byState'],
    acknowledged: { ...tally.acknowledged },
    groups: new Map(tally.groups),
  }
}

/** Devices on their way. */
export function inFlight(tally: Tally): number {
  return inFlightStates.reduce((sum, state) => sum + tally.byState[state].size, 0)
}

/** Devices that have answered. */
export function reached(tally: Tally): number {
  return reachedStates.reduce((sum, state) => sum + tally.byState[state].size, 0)
}

/** Devices that are not out of the rollout. */
export function targeted(tally: Tally): number {
  return rolloutDeviceStates.reduce(
    (sum, state) => sum + (state === 'skipped' || state === 'superseded' ? 0 : tally.byState[state].size),
    0,
  )
}

/** Devices of a wave that nobody and nothing took out of it. */
export function devicesLeft({ counts }: Pick<WaveTally, 'counts'>): number {
  return rolloutDeviceStates.reduce((sum, state) => sum + (state === 'skipped' || state === 'superseded' ? 0 : counts[state]), 0)
}

function zeroes(): Record<RolloutDeviceState, number> {
  return Object.fromEntries(rolloutDeviceStates.map((state) => [state, 0])) as Record<RolloutDeviceState, number>
}

function count(tally: Tally, device: RolloutDevice, sign: 1 | -1): void {
  const { state, device: id } = device
  if (sign === 1) tally.byState[state].add(id)
  else tally.byState[state].delete(id)
  const wave = tally.waves[device.wave]
  if (wave !== undefined) countInWave(wave, device, sign)
  if (device.isAcknowledged) tally.acknowledged[state] += sign
  if (isFailure(state) && device.notBefore !== null) tally.toRetry += sign
  tally.bytes += sign * device.bytes
  tally.moneyMillionths += sign * Math.round(device.money * 1e6)
  if (device.last !== null) countTransfer(tally, device, sign)
}

function countInWave(wave: WaveTally, { state, device, attempts, notBefore }: RolloutDevice, sign: 1 | -1): void {
  wave.counts[state] += sign
  if (state !== 'pending') return
  if (sign === 1) wave.pending.add(device)
  else wave.pending.delete(device)
  if (attempts > 0) return
  if (notBefore === null) wave.unoffered += sign
  else wave.penalized += sign
}

function countTransfer(tally: Tally, { state, last }: RolloutDevice, sign: 1 | -1): void {
  if (last === null || !isInFlight(state)) return
  if (last.group !== null) {
    const now = (tally.groups.get(last.group) ?? 0) + sign
    if (now === 0) tally.groups.delete(last.group)
    else tally.groups.set(last.group, now)
  }
  if ((state !== 'offered' && state !== 'fetching') || last.bytes === 0) return
  if (last.seconds === null) tally.unknownTransfers += sign
  else tally.bytesPerSecond += sign * Math.round(last.bytes / Math.max(last.seconds, 1))
}
