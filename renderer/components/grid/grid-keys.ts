/** Where a key press leads in a list. */
export type GridMove = { move: number } | { does: 'open' | 'toggle' | 'all' | 'none' }

/**
 * What a key means in a list of `total` rows whose row `at` is active (-1: none).
 * @param perScreen rows that fit on the screen
 */
export function gridMove(
  event: { key: string; isMod: boolean },
  { at, total, perScreen }: { at: number; total: number; perScreen: number },
): GridMove {
  const to = (row: number): GridMove => ({ move: Math.max(0, Math.min(total - 1, row)) })
  if (total === 0) return { does: 'none' }
  switch (event.key) {
    case 'ArrowDown':
    case 'j':
      return to(at + 1)
    case 'ArrowUp':
    case 'k':
      return event.isMod ? { does: 'none' } : to(at < 0 ? 0 : at - 1)
    case 'Home':
      return to(0)
    case 'End':
      return to(total - 1)
    case 'PageDown':
      return to(Math.max(0, at) + perScreen)
    case 'PageUp':
      return to(at - perScreen)
    case 'Enter':
      return at < 0 ? { does: 'none' } : { does: 'open' }
    case ' ':
      return at < 0 ? { does: 'none' } : { does: 'toggle' }
    case 'a':
      return event.isMod ? { does: 'all' } : { does: 'none' }
    default:
      return { does: 'none' }
  }
}
