import type { PictureShape } from '../../../../shared/domain/picture-shape.ts'

/** How dark a value is, 0 to 1. A value that is no number is white. */
export function levelOf({ low, high }: PictureShape, text: string): number {
  const value = Number(text)
  return text.trim() === '' || !Number.isFinite(value) ? 0 : Math.max(0, Math.min(1, (value - low) / (high - low)))
}

/** The point that a key leads to from another one. */
export function pointAfter(key: string, index: number, side: number): number | null {
  const column = index % side
  switch (key) {
    case 'ArrowRight':
      return column === side - 1 ? index : index + 1
    case 'ArrowLeft':
      return column === 0 ? index : index - 1
    case 'ArrowDown':
      return index + side >= side * side ? index : index + side
    case 'ArrowUp':
      return index - side < 0 ? index : index - side
    case 'Home':
      return index - column
    case 'End':
      return index - column + side - 1
    default:
      return null
  }
}
