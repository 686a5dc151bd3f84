const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** The number that a decimal text stands for; NaN for an empty one, `null` for anything else and for what is beyond a double. */
export function numberOfText(text: string): number | null {
  const trimmed = text.trim()
  if (trimmed === '') return Number.NaN
  if (!decimal.test(trimmed)) return null
  const value = Number(trimmed)
  return Number.isFinite(value) ? value : null
}

/** 1 for `true` and `1`, 0 for `false` and `0`, in any case; NaN for an empty text, `null` for anything else. */
export function booleanOfText(text: string): number | null {
  const word = text.trim().toLowerCase()
  if (word === '') return Number.NaN
  return word === 'true' || word === '1' ? 1 : word === 'false' || word === '0' ? 0 : null
}
