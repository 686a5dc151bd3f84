import type Database from 'better-sqlite3'

/** What a fleet.db can be told by: its fleet, and with what its log began. */
export interface Origin {
  fleet: string | null
  beganAt: number | null
  beganWith: string | null
}

/** Reads it from a fleet.db of any schema. */
export function originOf(db: Database.Database): Origin {
  const fleet = db.prepare<[], string>(`SELECT value FROM setting WHERE key = 'fleet'`).pluck().get() ?? null
  const first = db.prepare<[], { at: number; action: string }>('SELECT at, action FROM audit ORDER BY seq LIMIT 1').get()
  return { fleet, beganAt: first?.at ?? null, beganWith: first?.action ?? null }
}

/**
 * True if a store that is replaced is of the fleet that a backup is of. A console that was started once on a new machine is not, though its fleet
 * may have the same name: what its store lacks was taken out by nobody.
 */
export function isSameFleet(old: Origin, backup: Origin): boolean {
  if (old.beganAt === null) return false
  if (backup.beganAt === null) return old.fleet === backup.fleet
  return old.beganAt === backup.beganAt && old.beganWith === backup.beganWith
}
