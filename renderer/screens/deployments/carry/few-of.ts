const MOST = 8

/** The first of many names in one line, and how many more there are. */
export function fewOf(names: readonly string[], separator: string): string {
  const more = names.length - MOST
  return names.slice(0, MOST).join(separator) + (more > 0 ? `${separator}and ${more} more` : '')
}
