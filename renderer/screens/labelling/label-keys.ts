/** Letters that other things of the console are under: going somewhere, making something, theme, skip, undo. */
const taken = new Set(['c', 'g', 's', 't', 'u'])
/** With more classes nobody remembers which key is which. */
const MOST_KEYS = 26

/** A class and the key that gives it. */
export interface LabelKey {
  key: string
  label: string
}

/**
 * The key of each class: classes of one letter or digit have their own, up to ten others have 1 to 9 and 0, some more go on with letters.
 * `null`: there are too many, and the label is typed.
 */
export function labelKeys(labels: readonly string[]): LabelKey[] | null {
  if (labels.length === 0 || labels.length > MOST_KEYS) return null
  const own = labels.map((label) => label.toLowerCase())
  const areKeys = own.every((key) => /^[0-9a-z]$/.test(key) && !taken.has(key)) && new Set(own).size === own.length
  if (areKeys) return labels.map((label, i) => ({ key: own[i]!, label }))
  const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', ...'abdefhijklmnopqrvwxyz'.split('')]
  return labels.map((label, i) => ({ key: keys[i]!, label }))
}

/** Labels that a text finds, those that begin with it first. */
export function findLabels(labels: readonly string[], text: string): string[] {
  const wanted = text.trim().toLowerCase()
  const beginning = labels.filter((label) => label.toLowerCase().startsWith(wanted))
  const within = labels.filter((label) => !label.toLowerCase().startsWith(wanted) && label.toLowerCase().includes(wanted))
  return [...beginning, ...within]
}
