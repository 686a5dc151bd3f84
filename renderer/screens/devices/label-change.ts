/** A label as it stands in a form. */
export interface LabelRow {
  key: string
  value: string
}

const keyPattern = /^[a-z0-9][a-z0-9_-]{0,63}$/
const MAX_VALUE = 256

/** What is wrong with the name of a label; `null` if nothing. */
export function keyProblem(key: string): string | null {
  if (key.trim() === '') return 'A label needs a name.'
  return keyPattern.test(key.trim()) ? null : 'A name is 1 to 64 of a-z, 0-9, _ and -, and starts with a letter or digit.'
}

/** What is wrong with the rows of a form, the first of it; `null` if nothing. Rows without name and value do not count. */
export function labelsProblem(rows: readonly LabelRow[]): string | null {
  const seen = new Set<string>()
  for (const { key, value } of filled(rows)) {
    const problem = keyProblem(key)
    if (problem !== null) return problem
    if (value.length > MAX_VALUE) return `The value of ${key} is longer than ${MAX_VALUE} characters.`
    if (seen.has(key.trim())) return `The label ${key} stands there twice.`
    seen.add(key.trim())
  }
  return null
}

/** The rows of a form as labels. */
export function labelsOf(rows: readonly LabelRow[]): Record<string, string> {
  return Object.fromEntries(filled(rows).map(({ key, value }) => [key.trim(), value.trim()]))
}

/** What must be set or cleared (null) to get from some labels to others; empty if nothing. */
export function labelChange(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Record<string, string | null> {
  const change: Record<string, string | null> = {}
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) change[key] = null
  for (const [key, value] of Object.entries(after)) if (!Object.hasOwn(before, key) || before[key] !== value) change[key] = value
  return change
}

function filled(rows: readonly LabelRow[]): LabelRow[] {
  return rows.filter(({ key, value }) => key.trim() !== '' || value.trim() !== '')
}
