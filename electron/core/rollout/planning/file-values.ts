import { decimalTimes, parseBytes } from '../../../../shared/domain/query/values.ts'
import type { FieldForm } from './file-fields.ts'

/** Lengths of time that a file may write, from the longest; each in seconds. */
const spans: readonly { unit: string; seconds: number; also: readonly string[] }[] = [
  { unit: 'day', seconds: 86_400, also: ['d', 'days'] },
  { unit: 'h', seconds: 3600, also: ['hour', 'hours'] },
  { unit: 'min', seconds: 60, also: ['m', 'minute', 'minutes'] },
  { unit: 's', seconds: 1, also: ['sec', 'second', 'seconds'] },
]
const sizes: readonly [string, number][] = [
  ['GB', 1e9],
  ['MB', 1e6],
  ['kB', 1e3],
]

const examples: Record<FieldForm, string> = {
  text: 'text',
  seconds: 'a length of time such as 30 s, 15 min, 2 h or 1 day',
  minutes: 'a length of time such as 30 min or 2 h',
  bytes: 'a size such as 500 kB, 5 MB or 2 GB',
  share: 'a share such as 80% or 0.8',
  percent: 'percent such as 10%',
  time: 'a time such as 2026-03-01T02:00:00Z',
}

/** What is to be written there, for people. */
export function exampleOf(form: FieldForm): string {
  return examples[form]
}

/** Reads what a file writes for a field of the plan. @returns undefined if it cannot be read */
export function readValue(form: FieldForm, written: string | number): string | number | undefined {
  if (form === 'text') return String(written)
  if (typeof written === 'number') return written
  const text = written.trim()
  switch (form) {
    case 'seconds':
      return secondsOf(text)
    case 'minutes': {
      const seconds = secondsOf(text)
      return seconds === undefined ? undefined : seconds / 60
    }
    case 'bytes':
      return parseBytes(text.replace(/\s+/g, '').replace(/\/s$/, '')) ?? undefined
    case 'share':
      return percentOf(text, 2)
    case 'percent':
      return percentOf(text, 0)
    case 'time':
      return timeOf(text)
  }
}

/** Writes a value of the plan as people would. What it gives is read back as the same value: what has no such form stays a number. */
export function writeValue(form: FieldForm, value: unknown): unknown {
  if (typeof value !== 'number') return value
  const text = textOf(form, value)
  if (form === 'text') return text
  return readValue(form, text) === value && text !== String(value) ? text : value
}

function textOf(form: FieldForm, value: number): string {
  switch (form) {
    case 'text':
      return String(value)
    case 'seconds':
      return spanText(value)
    case 'minutes':
      return spanText(value * 60)
    case 'bytes':
      return sizeText(value)
    case 'share':
      return `${Number((value * 100).toPrecision(12))}%`
    case 'percent':
      return `${value}%`
    case 'time':
      return new Date(value).toISOString()
  }
}

function secondsOf(text: string): number | undefined {
  const parts = /^(\d{1,40}(?:\.\d{1,40})?)\s*([a-z]+)$/i.exec(text)
  if (parts === null) return undefined
  const unit = parts[2]!.toLowerCase()
  const span = spans.find((one) => one.unit === unit || one.also.includes(unit))
  return span === undefined ? undefined : decimalTimes(parts[1]!, span.seconds)
}

/** @param places by how many the point moves to the left: 14 % is 0.14, not 0.14000000000000001 */
function percentOf(text: string, places: number): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)(?:e([+-]?\d{1,3}))?\s*%$/i.exec(text)
  if (parts === null) return undefined
  const percent = Number(`${parts[1]}e${Number(parts[2] ?? 0) - places}`)
  return Number.isFinite(percent) ? percent : undefined
}

const timePattern =
  /^(\d{4}|[+]\d{6})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})0*)?)?\s*(?:Z|([+-])([01]\d|2[0-3]):?([0-5]\d))$/i

/** A day that the calendar does not have is refused: Date.parse takes 30 February for 2 March. Without a zone a time means another moment on every computer. */
function timeOf(text: string): number | undefined {
  const parts = timePattern.exec(text)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second = '00', part = '', sign, zoneHour = '0', zoneMinute = '0'] = parts
  const written = `${year!}-${month!}-${day!}T${hour!}:${minute!}:${second}.${part.padEnd(3, '0')}Z`
  const local = Date.parse(written)
  if (Number.isNaN(local) || new Date(local).toISOString() !== written) return undefined
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000
  return sign === '-' ? local + offset : local - offset
}

/** A length of time in the largest unit that is a whole number. */
export function spanText(seconds: number): string {
  const span = spans.find((one) => seconds >= one.seconds && seconds % one.seconds === 0) ?? spans.at(-1)!
  const n = seconds / span.seconds
  return `${n} ${span.unit === 'day' && n !== 1 ? 'days' : span.unit}`
}

/** A size in the largest unit that needs no more than three places; a bare number where none does. */
function sizeText(bytes: number): string {
  for (const [unit, size] of sizes) {
    const text = `${Number((bytes / size).toFixed(3))} ${unit}`
    if (bytes >= size && readValue('bytes', text) === bytes) return text
  }
  return String(bytes)
}
