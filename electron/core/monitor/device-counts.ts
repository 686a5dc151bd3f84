import type { Slice } from '../store/telemetry/slice.ts'

/** How long a number of devices is told again without counting: views ask several times a second, and a fleet has many rows. */
const KEPT_MS = 30_000
const MINUTE_MS = 60_000
const MOST_KEPT = 200

/** Counts the devices of slices. Of the whole fleet a number may be half a minute old; of named devices it is counted each time. */
export function createDeviceCounts(devicesOf: (slice: Slice) => string[], now: () => number): (slice: Slice) => number {
  const kept = new Map<string, { at: number; devices: number }>()
  return (slice) => {
    if (slice.devices !== null) return devicesOf(slice).length
    const { deployment, digests, from, through } = slice
    // A period up to now moves on with every question, and is the same one for this purpose.
    const isLive = through > now() - MINUTE_MS
    const length = Math.round((through - from) / MINUTE_MS)
    const name = JSON.stringify([deployment, digests, length, isLive ? 'now' : through])
    const known = kept.get(name)
    if (known !== undefined && now() - known.at >= 0 && now() - known.at < KEPT_MS) return known.devices
    if (kept.size >= MOST_KEPT) kept.clear()
    const devices = devicesOf(slice).length
    kept.set(name, { at: now(), devices })
    return devices
  }
}
