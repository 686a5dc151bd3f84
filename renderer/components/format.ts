/** A count with thin groups: 12 345. */
export function formatCount(value: number): string {
  return counts.format(value)
}
const counts = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })

/** Bytes with a unit of 1000: 1.2 MB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${Number(value.toPrecision(4)) >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${units[unit]}`
}

/** A share as percent; tiny and nearly-whole shares are not rounded away: <0.1 %, 99.98 %. */
export function formatPercent(share: number, digits = 1): string {
  if (share > 0 && share < 0.001) return '<0.1 %'
  if (share < 1 && share > 0.999) return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`
  return `${(share * 100).toFixed(share === 1 || share === 0 ? 0 : digits)} %`
}

/** Milliseconds with a fitting unit: 0.42 ms, 12 ms, 3.1 s. */
export function formatMs(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(0)} s`
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)} ms`
}

/** A rate or measure with three significant digits. */
export function formatNumber(value: number, significant = 3): string {
  if (value === 0) return '0'
  if (Math.abs(value) >= 1000) return formatCount(value)
  return String(Number(value.toPrecision(significant)))
}

/** A length of time in words: 12 s, 5 min, 3 h, 2 days. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}

/** A moment against now: "just now", "5 min ago", "in 3 h". */
export function formatAgo(at: number, now: number): string {
  const ms = now - at
  if (Math.abs(ms) < 3000) return 'just now'
  return ms > 0 ? `${formatDuration(ms)} ago` : `in ${formatDuration(-ms)}`
}

/** A moment exactly, in the zone of this machine, which is named. */
export function formatExact(at: number): string {
  return exact.format(at)
}
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })

/** A moment on an axis or in a log: 14:05:09, with the day where it is not today. */
export function formatClock(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`
}
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const day = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' })

/** A sentence of the core with its exact moments as a person reads them, in the zone of this machine. */
export function withClocks(sentence: string, now: number): string {
  return sentence.replace(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z/g, (moment) => formatClock(Date.parse(moment), now))
}

/** The first characters of a digest: enough to tell two apart by eye. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12)
}

/** `1 device`, `2 devices`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}
