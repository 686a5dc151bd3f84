import { useMemo } from 'react'
import { z } from 'zod'
import { useStoredChoice } from '../../data/stored-choice.ts'
import type { Column } from './column.ts'

const layoutSchema = z.object({ shown: z.array(z.string()), widths: z.record(z.string(), z.number().min(40).max(1200)) })
type Layout = z.infer<typeof layoutSchema>

export interface ColumnLayout<Row> {
  shown: Column<Row>[]
  widthOf(column: Column<Row>): number
  isShown(column: Column<Row>): boolean
  toggle(column: Column<Row>): void
  /** Shows exactly these, as a saved view had them; names that are not there are passed over. */
  choose(ids: readonly string[]): void
  /** Widths while a column is dragged and after it; `null`: as it was made. */
  resize(column: Column<Row>, width: number | null): void
  reset(): void
}

/** Which columns a person sees and how wide; kept per view. */
export function useColumns<Row>(view: string, columns: readonly Column<Row>[]): ColumnLayout<Row> {
  const made = useMemo<Layout>(
    () => ({ shown: columns.filter(({ isHidden }) => isHidden !== true).map(({ id }) => id), widths: {} }),
    [columns],
  )
  const [layout, keep] = useStoredChoice(`columns.${view}`, layoutSchema, made)
  const shown = useMemo(() => {
    const wanted = columns.filter(({ id }) => layout.shown.includes(id))
    return wanted.length === 0 ? [...columns] : wanted
  }, [columns, layout.shown])
  return {
    shown,
    widthOf: (column) => layout.widths[column.id] ?? column.width,
    isShown: ({ id }) => layout.shown.includes(id),
    toggle({ id }) {
      const next = layout.shown.includes(id) ? layout.shown.filter((one) => one !== id) : [...layout.shown, id]
      if (next.length > 0) keep({ ...layout, shown: next })
    },
    choose(ids) {
      const known = ids.filter((id) => columns.some((column) => column.id === id))
      keep({ ...layout, shown: known.length === 0 ? made.shown : known })
    },
    resize({ id }, width) {
      const { [id]: _, ...others } = layout.widths
      keep({ ...layout, widths: width === null ? others : { ...others, [id]: Math.max(40, Math.min(1200, Math.round(width))) } })
    },
    reset: () => keep(made),
  }
}
