/** Units that a length of time is written with. */
const units: Record<string, number> = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }

/** A length of time as it is written in a field: the largest unit that takes it whole, such as `90 s`, `15 min`, `2 h`, `30 d`. */
export function lengthText(ms: number): string {
  if (ms === 0) return '0 s'
  const [unit, size] = Object.entries(units).findLast(([, one]) => ms % one === 0) ?? ['s', 1000]
  return `${ms / size} ${unit}`
}

/** Reads such a length; `null` if it is none. A number alone is minutes. */
export function parseLength(text: string): number | null {
  const found = /^\s*(\d+(?:\.\d+)?)\s*(s|min|m|h|d)?\s*$/.exec(text)
  if (found === null) return null
  const unit = found[2] === 'm' || found[2] === undefined ? 'min' : found[2]
  return Math.round(Number(found[1]) * units[unit]!)
}
