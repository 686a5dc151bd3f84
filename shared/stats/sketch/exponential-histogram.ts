/** Scales that OpenTelemetry allows. */
const [COARSEST, FINEST] = [-10, 20] as const

/** Base of the buckets of an OpenTelemetry exponential histogram, 2^(2^-scale). */
export function exponentialBase(scale: number): number {
  return 2 ** (2 ** -scale)
}

/** Relative error of the middle of a bucket, (base - 1) / (base + 1): 1.083 % at scale 5. */
export function exponentialAccuracy(scale: number): number {
  const base = exponentialBase(scale)
  return (base - 1) / (base + 1)
}

/**
 * Bucket of a value in an OpenTelemetry exponential histogram, ceil(log2(x) 2^scale) - 1: bucket i is (base^i, base^(i+1)]. Powers of two are exact.
 * @throws RangeError unless the value is above 0 and finite, and the scale a whole number from -10 to 20
 */
export function exponentialIndex(value: number, scale: number): number {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new RangeError(`no bucket for ${value}`)
  if (!Number.isInteger(scale) || scale < COARSEST || scale > FINEST) throw new RangeError(`no scale ${scale}`)
  // log2 of an exact power of two may be off by an ulp; rounding tells.
  const exponent = Math.round(Math.log2(value))
  const log = 2 ** exponent === value ? exponent : Math.log2(value)
  return Math.ceil(log * 2 ** scale) - 1
}
