import { Cron } from 'croner'
import { messageOf, Problem } from '../../../../shared/domain/problem.ts'
import type { TimeWindow } from '../../../../shared/domain/rollout/plan.ts'
import { wallClock, type WallClock } from './wall-clock.ts'

/** Where a device stands to a recurring window. */
export interface WindowPlace {
  isOpen: boolean
  /** When the device may begin, or may next: spread over the window by its hash. */
  opensAt: number
  /** When the window that is open, or the next one, ends. */
  closesAt: number
}

/** Reads windows; a window of the zone `site` is in the zone that is given with the device. */
export interface Windows {
  /**
   * @param of.hash share of the window, from 0 to below 1: see `shareOfHash`
   * @throws Problem `rollout.invalid` for a cron expression or a zone that cannot be read
   */
  placeIn(window: TimeWindow, of: { zone: string; hash: number; isSpread: boolean }, now: number): WindowPlace
  /** The zone of a device: its label `tz` if that is one, else the zone of the console. */
  zoneOf(labels: Readonly<Record<string, string>>): string
}

/** A moment that never comes, as of a window on the 30th of February: the last one that a date can say. */
export const NEVER = 8_640_000_000_000_000

/** Spread devices begin within this share of the window, so that the last one still has time. */
const SPREAD_OVER = 0.9
const MINUTE = 60_000
/** No clock is changed by more at once. */
const MOST_CHANGE = 180 * MINUTE
/** Windows in use are few; a hostile stream of edits must not fill the memory. */
const MOST_KEPT = 1000

/** A share of a window from a hash of hexadecimal digits. */
export function shareOfHash(hash: string): number {
  return Number.parseInt(hash.slice(0, 8), 16) / 2 ** 32
}

/** One window in one zone. What was found last answers for every moment until it ends. */
interface Recurring {
  cron: Cron
  clock: WallClock
  length: number
  /** The first of those that end after each moment from `from` on, and before its end. */
  found: { from: number; start: number; end: number }
}

/** Opens windows. @param consoleZone where the console is: the zone of devices without one */
export function openWindows(consoleZone: string = Intl.DateTimeFormat().resolvedOptions().timeZone): Windows {
  const kept = new Map<string, Recurring>()
  const zones = new Map<string, boolean>()

  const isKnown = (zone: string): boolean => {
    const known = zones.get(zone) ?? isZone(zone)
    if (zones.size >= MOST_KEPT) zones.clear()
    zones.set(zone, known)
    return known
  }
  const recurring = ({ cron, minutes }: TimeWindow, zone: string): Recurring => {
    const key = `${zone} ${minutes} ${cron}`
    const known = kept.get(key)
    if (known !== undefined) return known
    if (kept.size >= MOST_KEPT) kept.clear()
    const found = { from: Number.POSITIVE_INFINITY, start: NEVER, end: Number.NEGATIVE_INFINITY }
    const made = { cron: cronOf(cron, zone), clock: wallClock(zone), length: minutes * MINUTE, found }
    kept.set(key, made)
    return made
  }

  return {
    placeIn(window, { zone, hash, isSpread }, now) {
      if (window.timeZone !== 'site' && !isKnown(window.timeZone))
        throw new Problem('rollout.invalid', `'${window.timeZone}' is no time zone; write one such as Europe/Paris, or site.`)
      const own = recurring(window, window.timeZone === 'site' ? (isKnown(zone) ? zone : consoleZone) : window.timeZone)
      const { start, end } = firstEndingAfter(own, now)
      if (start === NEVER) return { isOpen: false, opensAt: NEVER, closesAt: NEVER }
      const opensAt = isSpread ? start + Math.floor((end - start) * SPREAD_OVER * hash) : start
      return { isOpen: opensAt <= now, opensAt, closesAt: end }
    },
    zoneOf: (labels) => {
      const zone = labels['tz']
      return zone !== undefined && isKnown(zone) ? zone : consoleZone
    },
  }
}

/** The first that ends after now, open or not. With windows that overlap, one that began earlier still counts. */
function firstEndingAfter(own: Recurring, now: number): Recurring['found'] {
  const { clock, length, found } = own
  if (now >= found.from && now < found.end) return found
  const earliest = now - length - MOST_CHANGE
  // Where the clock goes back, a window lasts longer than its minutes.
  let before = clock.offsetAt(earliest) === clock.offsetAt(now) ? now - length : earliest
  let start: number
  let end: number
  do {
    start = startAfter(own.cron, before)
    end = start === NEVER ? NEVER : clock.later(start, length)
    before = start
  } while (start !== NEVER && end <= now)
  own.found = { from: now, start, end }
  return own.found
}

function startAfter(cron: Cron, moment: number): number {
  // croner counts whole seconds; starts are whole minutes, so the part of a second that is cut off cannot hide one.
  return moment >= NEVER ? NEVER : (cron.nextRun(new Date(moment))?.getTime() ?? NEVER)
}

function cronOf(pattern: string, timezone: string): Cron {
  try {
    // Without a function nothing is scheduled: it only reckons. A fixed time that a change of the clock skips comes right after the gap.
    return new Cron(pattern, { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard' })
  } catch (error) {
    const reason = messageOf(error)
      .replace(/^CronPattern: /, '')
      .replace(/\.+$/, '')
    const message = `'${pattern}' is no cron expression (${reason}). Write minute hour day month weekday, such as 0 2 * * *`
    throw new Problem('rollout.invalid', message, { cause: error })
  }
}

function isZone(zone: string): boolean {
  try {
    // An offset such as +02:00 is no zone of a site: it does not know summer time, and engines differ in taking it.
    return /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
