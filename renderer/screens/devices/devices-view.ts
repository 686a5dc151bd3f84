import { z } from 'zod'
import type { Sort } from '../../components/grid/column.ts'
import { sortOrder } from '../../../shared/rpc/contract/device-views.ts'

/** What the address of the table of devices holds. A minus in front of the column turns the order around. */
export const devicesView = z.object({
  query: z.string().max(4000).default(''),
  sort: z
    .string()
    .refine((text) => sortFrom(text) !== null)
    .default('device'),
  device: z.string().max(64).default(''),
})

/** An order that the core can sort the table by. */
export type TableSort = z.output<typeof sortOrder>

/** Reads a sort from the address; `null` if the table cannot be sorted by it. */
export function sortFrom(text: string): TableSort | null {
  const descending = text.startsWith('-')
  return sortOrder.safeParse({ column: descending ? text.slice(1) : text, descending }).data ?? null
}

/** A sort as it stands in the address. */
export function sortText({ column, descending }: Sort): string {
  return descending ? `-${column}` : column
}
