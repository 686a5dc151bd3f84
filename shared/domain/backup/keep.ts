import type { KeptBackups } from './schedule.ts'

/**
 * Which backups of a schedule may go: all but the newest of each of the last days, weeks and months that have one. The newest of all always stays.
 * @param backups those that the schedule made, in any order
 * @returns the names that may go
 */
export function spareBackups(backups: readonly { name: string; madeAt: number }[], keep: KeptBackups): string[] {
  const newestFirst = [...backups].sort((a, b) => b.madeAt - a.madeAt)
  const kept = new Set(newestFirst.slice(0, 1).map(({ name }) => name))
  for (const [periodOf, most] of [
    [dayOf, keep.daily],
    [weekOf, keep.weekly],
    [monthOf, keep.monthly],
  ] as const) {
    const seen = new Set<string>()
    for (const { name, madeAt } of newestFirst) {
      const period = periodOf(new Date(madeAt))
      if (seen.has(period) || seen.size >= most) continue
      seen.add(period)
      kept.add(name)
    }
  }
  return newestFirst.filter(({ name }) => !kept.has(name)).map(({ name }) => name)
}

function dayOf(date: Date): string {
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`
}

function monthOf(date: Date): string {
  return `${date.getFullYear()}-${date.getMonth()}`
}

/** The Monday that a week begins with. */
function weekOf(date: Date): string {
  const monday = new Date(date.getFullYear(), date.getMonth(), date.getDate() - ((date.getDay() + 6) % 7))
  return dayOf(monday)
}
