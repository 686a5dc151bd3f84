import { selectEntries } from '../../devices/summary.ts'
import type { AlertRow } from '../../store/fleet/alerts.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { SilenceRow } from '../../store/fleet/silences.ts'

/** Tells which silence, of those in force, keeps an alert quiet the longest; null: none does. */
export function silencer(
  store: FleetStore,
  silences: readonly SilenceRow[],
  now: number,
): (alert: Pick<AlertRow, 'rule' | 'subject'>) => SilenceRow | null {
  const inForce = silences.filter(({ from, until }) => from <= now && now < until)
  const devices = new Map<string, ReadonlySet<string>>()
  const selected = (query: string): ReadonlySet<string> => {
    const known = devices.get(query)
    if (known !== undefined) return known
    const made = new Set(selectEntries(store, query).map(({ row }) => row.device))
    devices.set(query, made)
    return made
  }
  return ({ rule, subject }) =>
    inForce
      .filter(
        (one) =>
          (one.rule === null || one.rule === rule) &&
          (one.deployment === null || one.deployment === subject.deployment) &&
          (one.query.trim() === '' || (subject.device !== null && selected(one.query).has(subject.device))),
      )
      .reduce<SilenceRow | null>((longest, one) => (longest === null || one.until > longest.until ? one : longest), null)
}
