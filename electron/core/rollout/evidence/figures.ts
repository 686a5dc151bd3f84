const groups = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })

/** A share as people read it: 4.2 %, 0.05 %. */
export function percent(share: number): string {
  return `${scaled(share)} %`
}

/** A difference of shares, in percentage points. */
export function points(difference: number): string {
  return `${scaled(difference)} points`
}

/** A number of things. */
export function counted(n: number): string {
  return groups.format(n)
}

/** Beyond this a number is only large. */
const LARGE = 1e6

/** A plain number with about three digits. */
export function figure(value: number): string {
  if (value > LARGE) return 'more than a million'
  return Math.abs(value) >= 1000 ? groups.format(value) : String(Number(value.toPrecision(3)))
}

function scaled(share: number): string {
  const value = 100 * share
  return String(Number(value.toFixed(value !== 0 && Math.abs(value) < 1 ? 2 : 1)))
}
