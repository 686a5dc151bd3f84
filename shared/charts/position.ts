/** Where one value stands against a band of others, in px from the left. */
export interface PositionScene {
  band: { x: number; width: number } | null
  middle: number | null
  value: number | null
}

/** Room at both ends, so that a value at the edge is seen whole. */
const PAD = 6
/** The axis covers at least this share of the largest value: devices that hardly differ look as if they hardly differ. */
const LEAST_SPREAD = 0.25

/**
 * Lays out a value against the band that most others lie in. The axis holds both.
 * @param band 10 % of the others are below `low`, 10 % above `high`; `middle` is all of them together
 */
export function positionScene(
  value: number | null,
  band: { low: number | null; high: number | null; middle: number | null },
  width: number,
): PositionScene {
  const known = [value, band.low, band.high, band.middle].filter((one): one is number => one !== null && Number.isFinite(one))
  if (known.length === 0) return { band: null, middle: null, value: null }
  const [least, most] = [Math.min(...known), Math.max(...known)]
  const [size, range] = [Math.max(Math.abs(least), Math.abs(most)), most - least]
  const spread = Math.max(range * 1.3, size * LEAST_SPREAD) || 1
  const low = (least + most) / 2 - spread / 2
  const place = (one: number): number => PAD + ((one - low) / spread) * (width - 2 * PAD)
  const there = (one: number | null): number | null => (one === null || !Number.isFinite(one) ? null : place(one))
  const [from, to] = [there(band.low), there(band.high)]
  return {
    band: from === null || to === null ? null : { x: Math.min(from, to), width: Math.max(2, Math.abs(to - from)) },
    middle: there(band.middle),
    value: there(value),
  }
}
