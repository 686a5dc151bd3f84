const byteUnits: Record<string, number> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/** Reads `2GB`, `512MiB` or plain bytes; null if it is no size. GB is 10^9, GiB is 2^30. */
export function parseBytes(text: string): number | null {
  const match = /^(\d{1,40}(?:\.\d{1,40})?)\s*([a-zA-Z]*)$/.exec(text)
  if (match === null) return null
  const unit = match[2] === '' ? 1 : byteUnits[match[2]!.toLowerCase()]
  return unit === undefined ? null : decimalTimes(match[1]!, unit)
}

/** A decimal text times a whole number, rounded once: `8.3` MB are 8,300,000 bytes, which 8.3 * 1e6 in floating point is not. */
export function decimalTimes(decimal: string, factor: number): number {
  const [whole, part = ''] = decimal.split('.')
  return Number(`${BigInt(`${whole}${part}`) * BigInt(factor)}e-${part.length}`)
}

/** Reads a finite decimal number; null if it is none. */
export function parseDecimal(text: string): number | null {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : null
}

/** True for texts such as `1`, `1.2`, `1.2.3`, `1.2.3-beta.1`. */
export function isVersion(text: string): boolean {
  return /^v?\d+(?:\.\d+)*(?:[-+][0-9A-Za-z.-]+)?$/.test(text)
}

/**
 * Orders versions: numeric parts from the left, missing parts are 0, a pre-release is before its release
 * (semver 2.0.0 §11, extended to any number of parts). Negative, zero or positive.
 */
export function compareVersions(a: string, b: string): number {
  const left = splitVersion(a)
  const right = splitVersion(b)
  for (let i = 0; i < Math.max(left.numbers.length, right.numbers.length); i += 1) {
    const difference = (left.numbers[i] ?? 0) - (right.numbers[i] ?? 0)
    if (difference !== 0) return difference
  }
  if (left.pre === right.pre) return 0
  if (left.pre === '') return 1
  if (right.pre === '') return -1
  return comparePreReleases(left.pre.split('.'), right.pre.split('.'))
}

function splitVersion(text: string): { numbers: number[]; pre: string } {
  const [core, ...rest] = text.replace(/^v/, '').split('+')[0]!.split('-')
  return { numbers: core!.split('.').map(Number), pre: rest.join('-') }
}

function comparePreReleases(left: string[], right: string[]): number {
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const a = left[i]
    const b = right[i]
    if (a === undefined) return -1
    if (b === undefined) return 1
    if (a === b) continue
    const numeric = [a, b].map((part) => /^\d+$/.test(part))
    if (numeric[0] && numeric[1]) return Number(a) - Number(b)
    if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1
    return a < b ? -1 : 1
  }
  return 0
}
