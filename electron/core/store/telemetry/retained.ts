import type { ReadDb, WriteDb } from '../open.ts'
import type { Kept, Level } from './levels.ts'

/** What may be removed up to a time: records (0) or sums of a level, of a kind. */
export type RetainedName =
  | 'minute'
  | `${'traffic' | 'distribution' | 'quality'} ${Level}`
  | 'window 0'
  | 'distribution 0'
  | 'event 0'
  | 'ledger 0'

/** The table `retained`: from when on what is left is whole. */
export function openRetained(db: WriteDb) {
  const raise = db.prepare(
    'INSERT INTO retained (name, since) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET since = max(since, excluded.since)',
  )
  return { raise: (name: RetainedName, since: number): void => void raise.run(name, since) }
}

/** From when on each kind is whole; a kind that is not named is whole from the beginning. */
export function retainedSince(db: ReadDb | WriteDb): Map<RetainedName, number> {
  const rows = db.prepare<[], { name: RetainedName; since: number }>('SELECT name, since FROM retained').all()
  return new Map(rows.map(({ name, since }) => [name, since]))
}

/** The same for the records and sums that answer questions about a kind. */
export function keptOf(since: ReadonlyMap<RetainedName, number>, kind: 'traffic' | 'distribution' | 'quality'): Kept {
  const kept = new Map<Level | 0, number>()
  for (const [name, at] of since) {
    const [of, level] = name.split(' ')
    if (of === kind || (kind === 'traffic' && of === 'window')) kept.set(Number(level) as Level | 0, at)
  }
  return kept
}
