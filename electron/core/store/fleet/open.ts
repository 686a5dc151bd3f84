import { openForWriting, type WriteDb } from '../open.ts'
import { fleet0010 } from './migrations/0010-fleet.ts'

export const fleetMigrations = [fleet0010] as const

/** Opens fleet.db. The core is its only writer. */
export function openFleet(file: string): WriteDb {
  return openForWriting(file, fleetMigrations)
}
