import type { LinkClass } from '../../../shared/rpc/contract/costs.ts'
import { NEVER, type Windows } from '../rollout/planning/windows.ts'

/** Windows that overlap or follow at once are followed so often; who is always quiet is told a moment, and asks again then. */
const MOST_WINDOWS = 32

/** What was found for a link in a zone: the same until `until`. */
interface Found {
  link: LinkClass
  from: number
  until: number
  isQuiet: boolean
}

/** Reads quiet hours; devices with the same link and zone are reckoned once until the answer changes. */
export function openQuietHours(windows: Windows) {
  const found = new Map<string, Found>()
  return {
    /** When the quiet hours end; null: it is not quiet. */
    quietUntil(link: LinkClass, labels: Readonly<Record<string, string>>, now: number): number | null {
      if (link.quiet.length === 0) return null
      const zone = windows.zoneOf(labels)
      const key = JSON.stringify([link.name, zone])
      const before = found.get(key)
      const known = before !== undefined && before.link === link && now >= before.from && now < before.until ? before : null
      const answer = known ?? read(link, zone, now)
      if (known === null) found.set(key, answer)
      return answer.isQuiet ? answer.until : null
    },
  }

  function read(link: LinkClass, zone: string, now: number): Found {
    const placesAt = (at: number) => link.quiet.map((window) => windows.placeIn(window, { zone, hash: 0, isSpread: false }, at))
    let end = now
    for (let step = 0; step < MOST_WINDOWS; step += 1) {
      const open = placesAt(end).filter(({ isOpen }) => isOpen)
      if (open.length === 0) break
      end = Math.max(...open.map(({ closesAt }) => closesAt))
    }
    if (end > now) return { link, from: now, until: end, isQuiet: true }
    return { link, from: now, until: Math.min(NEVER, ...placesAt(now).map(({ opensAt }) => opensAt)), isQuiet: false }
  }
}
