/** How a field of an entry stands to the same field of the entry before. */
export type ChangeKind = 'same' | 'added' | 'removed' | 'changed'

/** One field of what was asked for, beside what was asked for the time before. */
export interface ChangeLine {
  /** Such as `labels.site`. */
  path: string
  kind: ChangeKind
  before: string | null
  now: string | null
}

/** Deeper than people look, and longer than they read. */
const MOST_LINES = 300
const MOST_TEXT = 500

/** The fields of a value beside those of an earlier one, by their paths. @param before null: there is nothing to compare with */
export function changeLines(before: unknown, now: unknown): ChangeLine[] {
  const [old, fresh] = [fieldsOf(before), fieldsOf(now)]
  const paths = [...new Set([...fresh.keys(), ...old.keys()])].slice(0, MOST_LINES)
  return paths.map((path) => {
    const [was, is] = [old.get(path) ?? null, fresh.get(path) ?? null]
    const kind = was === null ? (old.size === 0 ? 'same' : 'added') : is === null ? 'removed' : was === is ? 'same' : 'changed'
    return { path, kind, before: was, now: is }
  })
}

function fieldsOf(value: unknown, path = '', fields = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null) {
    if (value !== undefined && !(path === '' && value === null)) fields.set(path, textOf(value))
    return fields
  }
  const entries = Object.entries(value)
  if (entries.length === 0 && path !== '') fields.set(path, Array.isArray(value) ? '[]' : '{}')
  for (const [key, one] of entries) fieldsOf(one, path === '' ? key : `${path}.${key}`, fields)
  return fields
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text
}
