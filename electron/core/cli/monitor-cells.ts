import type { Figure } from '../../../shared/rpc/contract/monitoring.ts'

/** A figure with what stands behind it: an estimate never looks like a measurement. */
export function figureText({ state, value, low, high, n }: Figure, digits = 4): string {
  if (value === null) return state
  const interval = low === null || high === null ? '' : ` (95 %: ${low.toFixed(digits)} to ${high.toFixed(digits)})`
  return `${value.toFixed(digits)}${interval}, ${state}, n ${Math.round(n)}`
}

export function intervalText(low: number | null, high: number | null, digits: number): string | null {
  return low === null || high === null ? null : `${low.toFixed(digits)} to ${high.toFixed(digits)}`
}

/** With so many digits behind the point; a cell without a value stays empty. */
export function fixed(value: number | null, digits: number): string | null {
  return value === null ? null : value.toFixed(digits)
}

export function rounded(value: number | null, digits: number): number | null {
  return value === null ? null : Number(value.toFixed(digits))
}
