import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { isSameFleet, originOf, type Origin } from './same-fleet.ts'
import { countAccounts, peopleAfterRestore, type PeopleAfterRestore } from './carry-over-people.ts'

/** What a restore goes back behind, as far as the files that stood there can still be read, and are of the same fleet. */
export interface Loss {
  /** Records that devices delivered after the backup: they deleted them and cannot send them again. null: it cannot be told from what is left. */
  records: number | null
  /** Devices that came after the backup: they must be enrolled anew. null: it cannot be told. */
  devicesGone: string[] | null
  /** Devices that were taken out after the backup: they may connect again. null: it cannot be told. */
  devicesBack: string[] | null
  /** Acts of people and programs after the backup. */
  acts: number | null
  /** Who may come in. */
  people: PeopleAfterRestore
}

/** Compares what stands there with what is restored. @param staged folder of the restored stores */
export function lossOf(dataDirectory: string, staged: string, stores: readonly string[]): Loss {
  const loss: Loss = { records: 0, devicesGone: [], devicesBack: [], acts: 0, people: 'kept' }
  if (stores.includes('telemetry.db')) loss.records = recordsLost(join(dataDirectory, 'telemetry.db'), join(staged, 'telemetry.db'))
  if (stores.includes('fleet.db')) {
    const there = readFleet(join(dataDirectory, 'fleet.db'))
    const then = readFleet(join(staged, 'fleet.db'))
    // What a console on a new machine has, or lacks, says nothing of the fleet that comes there.
    const now = there !== null && then !== null && isSameFleet(there.origin, then.origin) ? there : null
    if (there !== null && now === null) loss.records = null
    loss.devicesGone = now === null || then === null ? null : now.devices.filter((device) => !then.devices.includes(device))
    loss.devicesBack = now === null || then === null ? null : then.devices.filter((device) => !now.devices.includes(device))
    loss.people = peopleAfterRestore({ before: there?.accounts ?? null, backup: then?.accounts ?? 0 })
    loss.acts = now === null || then === null ? null : Math.max(0, now.acts - then.acts)
  }
  return loss
}

/** Numbers of each spool that the newer store had settled and the older has not. */
function recordsLost(now: string, then: string): number | null {
  const newer = throughOf(now)
  const older = throughOf(then)
  if (newer === null || older === null) return null
  let lost = 0
  for (const [spool, through] of newer) lost += Math.max(0, through - (older.get(spool) ?? 0))
  return lost
}

function throughOf(file: string): Map<string, number> | null {
  return reading(file, (db) => {
    const rows = db.prepare<[], { device: string; spool: string; through: number }>('SELECT device, spool, through FROM spool').all()
    return new Map(rows.map(({ device, spool, through }) => [`${device} ${spool}`, through]))
  })
}

function readFleet(file: string): { origin: Origin; devices: string[]; acts: number; accounts: number } | null {
  return reading(file, (db) => ({
    origin: originOf(db),
    devices: db.prepare<[], string>('SELECT device FROM device ORDER BY device').pluck().all(),
    acts: db.prepare<[], number>('SELECT COALESCE(max(seq), 0) FROM audit').pluck().get() ?? 0,
    accounts: countAccounts(db),
  }))
}

/** Reads what can be read; a file that is gone or damaged tells nothing. */
function reading<Found>(file: string, read: (db: Database.Database) => Found): Found | null {
  if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return null
  let db: Database.Database | null = null
  try {
    db = new Database(file, { readonly: true, fileMustExist: true })
    return read(db)
  } catch {
    return null
  } finally {
    db?.close()
  }
}
