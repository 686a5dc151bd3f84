import { labelsInUse } from '../devices/summary.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'

/** An entry that took the place of another one of the same device. */
interface Change {
  before: RosterEntry
  after: RosterEntry
}

/** Entries that are others than before; null: devices came or went. Entries are shared, so that most of them are compared and no more. */
export function changesBetween(before: readonly RosterEntry[], after: readonly RosterEntry[]): Change[] | null {
  if (before.length !== after.length) return null
  const changes: Change[] = []
  for (const [at, entry] of after.entries()) {
    const known = before[at]!
    if (known === entry) continue
    if (known.row.device !== entry.row.device) return null
    changes.push({ before: known, after: entry })
  }
  return changes
}

/** Names of labels in use, with one text that is the same for the same names. */
export interface LabelNames {
  readonly names: ReadonlySet<string>
  readonly key: string
}

/** The labels of a fleet and its entries by device, kept from one list of entries to the next. */
export function keepFleet(): (entries: readonly RosterEntry[]) => { labels: LabelNames; byDevice: ReadonlyMap<string, RosterEntry> } {
  let known: { entries: readonly RosterEntry[]; labels: LabelNames; byDevice: Map<string, RosterEntry> } | null = null
  return (entries) => {
    if (known?.entries === entries) return known
    const changes = known === null ? null : changesBetween(known.entries, entries)
    if (known === null || changes === null) {
      known = { entries, labels: namesOf(entries), byDevice: new Map(entries.map((entry) => [entry.row.device, entry])) }
      return known
    }
    for (const { after } of changes) known.byDevice.set(after.row.device, after)
    known = { ...known, entries, labels: changes.every(hasSameLabels) ? known.labels : namesOf(entries) }
    return known
  }
}

function namesOf(entries: readonly RosterEntry[]): LabelNames {
  const names = labelsInUse(entries)
  return { names, key: JSON.stringify([...names].sort()) }
}

function hasSameLabels({ before, after }: Change): boolean {
  const names = Object.keys(before.row.labels)
  return names.length === Object.keys(after.row.labels).length && names.every((name) => Object.hasOwn(after.row.labels, name))
}
