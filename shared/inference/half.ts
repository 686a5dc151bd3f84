// IEEE 754 binary16, as FP16 tensors carry it: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits.
const single = new Float32Array(1)
const singleBits = new Uint32Array(single.buffer)

/** The nearest binary16 of a number as 16 bits, ties to even; beyond 65504 it becomes infinite. */
export function halfFromNumber(value: number): number {
  single[0] = value
  const bits = singleBits[0]!
  const sign = (bits >>> 16) & 0x8000
  if (Number.isNaN(value)) return sign | 0x7e00
  const magnitude = Math.abs(value)
  // 65520 is half way between the largest binary16 and the next step, and ties go to even: up.
  if (magnitude >= 65520) return sign | 0x7c00
  // Below 2^-14 the steps are 2^-24 wide, whatever the exponent.
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24)
  const exponent = Math.floor(Math.log2(magnitude))
  const power = magnitude < 2 ** exponent ? exponent - 1 : magnitude >= 2 ** (exponent + 1) ? exponent + 1 : exponent
  // A fraction that rounds up to 1024 carries into the exponent, which is what adding does.
  return sign | (((power + 15) << 10) + roundToEven((magnitude / 2 ** power - 1) * 1024))
}

/** The number that 16 bits of binary16 stand for. */
export function numberFromHalf(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

function roundToEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest > 0.5) return floor + 1
  if (rest < 0.5) return floor
  return floor % 2 === 0 ? floor : floor + 1
}
