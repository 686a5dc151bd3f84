import type { StoreName } from '../snapshot.ts'

/** A restore as fleet.db remembers it. */
export interface RestoredFrom {
  /** Random per restore. */
  id: string
  /** Name of the backup. */
  backup: string
  madeAt: number
  at: number
  actor: string
  stores: StoreName[]
  /** Folder of the files that stood there before; null: there were none. */
  aside: string | null
  /** The orders of all devices were signed anew, in a higher epoch. */
  isSettled: boolean
}
