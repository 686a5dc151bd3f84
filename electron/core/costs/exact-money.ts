/**
 * Money in whole numbers. A price is a whole number of billionths of the currency, an amount of what it is for is a whole number of its smallest
 * unit; their products are added as whole numbers and become a number of the currency at the very end. So sums do not depend on their order, and
 * the sum over devices is the sum over days.
 */
const NANOS = 1_000_000_000

/** Bytes of a gigabyte of the price sheet, as providers count them. */
const GIGABYTE = 1_000_000_000
/** Microseconds of an hour. */
const HOUR_MICROS = 3_600_000_000
/** A common multiple of the lengths of months: a day is a whole number of such parts of its month, in each month. */
const MONTH_PARTS = 377_580

/** A price as a whole number of billionths. */
export function exactPrice(price: number): bigint {
  return BigInt(Math.round(price * NANOS))
}

/** Money for bytes x price per gigabyte. @param nanoBytes the sum of such products */
export function moneyOfTransfer(nanoBytes: bigint): number {
  return quotient(nanoBytes, BigInt(GIGABYTE) * BigInt(NANOS))
}

/** Money for CPU time. */
export function moneyOfCompute(micros: bigint, pricePerHour: number): number {
  return quotient(micros * exactPrice(pricePerHour), BigInt(HOUR_MICROS) * BigInt(NANOS))
}

/** Money for stored bytes over time. @param parts bytes x parts of a month, as `monthParts` gives them per day */
export function moneyOfStorage(parts: bigint, pricePerGigabyteMonth: number): number {
  return quotient(parts * exactPrice(pricePerGigabyteMonth), BigInt(MONTH_PARTS) * BigInt(GIGABYTE) * BigInt(NANOS))
}

/** What a day is of its month, in whole parts; all days of a month add up to the same. @param day days since 1970, UTC */
export function monthParts(day: number): number {
  const at = new Date(day * 86_400_000)
  const daysOfMonth = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate()
  return MONTH_PARTS / daysOfMonth
}

/** CPU seconds of an entry as whole microseconds: what devices measure. */
export function microsOf(cpuSeconds: number): number {
  return Math.round(cpuSeconds * 1e6)
}

/** A quotient as the nearest number, also where the parts are beyond what a number holds. */
function quotient(dividend: bigint, divisor: bigint): number {
  const whole = dividend / divisor
  return Number(whole) + Number(dividend - whole * divisor) / Number(divisor)
}
