/** Names that a sentence lists; the rest is counted. */
const MOST_NAMES = 5

/** The first names of a list, and how many more there are. */
export function listOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ')
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown
}
