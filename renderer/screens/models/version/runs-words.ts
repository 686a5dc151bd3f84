import { formatCount, plural } from '../../../components/format.ts'
import type { State } from '../../../components/state-mark.tsx'

interface Runs {
  desired: { count: number }
  active: { count: number }
}

/** Where a version runs, in one sentence. */
export function runsSentence({ desired, active }: Runs): string {
  if (desired.count === 0 && active.count === 0) return 'It runs nowhere and is not ordered.'
  if (desired.count === 0)
    return `${plural(active.count, 'device')} still ${active.count === 1 ? 'reports' : 'report'} it; it is ordered nowhere.`
  if (active.count >= desired.count)
    return desired.count === 1
      ? 'The device that is ordered to run it reports it.'
      : `All ${formatCount(desired.count)} devices that are ordered to run it report it.`
  return `${formatCount(active.count)} of ${plural(desired.count, 'device')} that ${desired.count === 1 ? 'is' : 'are'} ordered to run it report it.`
}

/** The state that goes with the sentence. */
export function runsState({ desired, active }: Runs): State {
  if (desired.count === 0) return active.count === 0 ? 'offline' : 'attention'
  return active.count >= desired.count ? 'ok' : 'working'
}

/** A device of a version: whether it is ordered to run it, and whether it reports it. */
export interface RunningDevice {
  device: string
  isOrdered: boolean
  isReported: boolean
}

interface SomeDevices {
  count: number
  /** The first ones, by id. */
  devices: readonly string[]
}

/** Devices of a version as far as both lists reach: of what lies behind the end of a cut list nothing is known. */
export function runningDevices({ desired, active }: { desired: SomeDevices; active: SomeDevices }): RunningDevice[] {
  const ends = [desired, active].flatMap(({ count, devices }) => (count > devices.length ? [devices.at(-1) ?? ''] : []))
  const ordered = new Set(desired.devices)
  const reported = new Set(active.devices)
  return [...new Set([...desired.devices, ...active.devices])]
    .filter((device) => ends.every((end) => device <= end))
    .sort()
    .map((device) => ({ device, isOrdered: ordered.has(device), isReported: reported.has(device) }))
}
