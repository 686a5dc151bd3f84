const MINUTE = 60_000
const DAY = 1440 * MINUTE
/** The last moment that a date can say, and with a minus the first. */
const LAST = 8_640_000_000_000_000

/** The clock on the wall in one zone. */
export interface WallClock {
  /** By how much it is ahead of UTC, ms. */
  offsetAt(moment: number): number
  /**
   * When it shows so much more than at a moment. A time that comes twice counts the first time; one that it skips comes as much later as is skipped.
   * Later than the moment in any case.
   */
  later(from: number, ms: number): number
}

/** Opens the clock of a zone that is known to be one. */
export function wallClock(zone: string): WallClock {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
  const offsetAt = (moment: number): number => {
    const name = format.formatToParts(Math.max(-LAST, Math.min(moment, LAST))).find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name) ?? []
    const ahead = (Number(hours) * 60 + Number(minutes)) * MINUTE + Number(seconds) * 1000
    return sign === '-' ? -ahead : ahead
  }
  return {
    offsetAt,
    later(from, ms) {
      const shown = from + offsetAt(from) + ms
      const before = offsetAt(shown - DAY)
      const fitting = [before, offsetAt(shown + DAY)].map((offset) => ({ offset, moment: shown - offset }))
      const times = fitting.filter(({ offset, moment }) => moment > from && offsetAt(moment) === offset).map(({ moment }) => moment)
      return times.length > 0 ? Math.min(...times) : Math.max(shown - before, from + Math.min(ms, MINUTE))
    },
  }
}
