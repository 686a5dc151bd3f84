import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import { epochOf } from '../../deployments/epoch.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import { isSameFleet, originOf } from './same-fleet.ts'

const MINUTE_MS = 60_000
/** Where the numbers of then are not known: they follow the clock, and one a minute more than that for a day is not given. */
const MARGIN = 24 * 60
/** A number that is so far ahead was driven there: it is left behind with the root that its keys lose. */
const MOST_AHEAD = 365 * 24 * 60

/** A store that is replaced, as far as it can be read. */
export interface OldNumbers {
  epoch: number
  /** Highest number of the trust metadata. */
  metadata: number
  /** Highest number that a report has had. */
  report: number
}

/**
 * Takes over the numbers that devices have seen from the store that is replaced: what is signed from now on has higher ones. Call it in a transaction.
 * @param oldFile fleet.db as it was moved aside; null: there was none, or of another fleet
 */
export function carryOverNumbers(store: FleetStore, oldFile: string | null, at: number): void {
  const { settings } = store
  const old = oldFile === null ? null : readNumbers(oldFile)
  if (old !== null) {
    settings.set('epoch', Math.max(old.epoch, epochOf(store)))
    // Signed files name a report by its number: two reports must never have the same.
    store.reports.countFrom(old.report)
  }
  const minute = Math.floor(at / MINUTE_MS)
  const floor = old !== null && old.metadata <= minute + MOST_AHEAD ? old.metadata : minute + MARGIN
  settings.set('trustFloor', Math.max(floor, settings.get('trustFloor') ?? 0))
}

/** True if the store that is replaced can be read, and is of the same fleet as the one that is there now. */
export function isOfSameFleet({ db }: Pick<FleetStore, 'db'>, oldFile: string): boolean {
  return reading(oldFile, (old) => isSameFleet(originOf(old), originOf(db))) === true
}

function readNumbers(file: string): OldNumbers | null {
  return reading(file, (db) => {
    const setting = db.prepare<[string], string>('SELECT value FROM setting WHERE key = ?').pluck()
    const numberOf = (name: string): number => {
      const value: unknown = JSON.parse(setting.get(name) ?? '0')
      return typeof value === 'number' ? value : 0
    }
    const has = db.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'trust_metadata'`).get() !== undefined
    const newest = has
      ? db
          .prepare<[], number | null>(`SELECT max(version) FROM trust_metadata WHERE role IN ('targets', 'snapshot', 'timestamp')`)
          .pluck()
          .get()
      : null
    return { epoch: numberOf('epoch'), metadata: Math.max(newest ?? 0, numberOf('trustFloor')), report: lastReport(db) }
  })
}

function lastReport(db: Database.Database): number {
  const has = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'`).get() !== undefined
  return has ? (db.prepare<[], number>(`SELECT seq FROM sqlite_sequence WHERE name = 'report'`).pluck().get() ?? 0) : 0
}

/** A file that is gone or damaged tells nothing. */
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
