import { parseBytes } from '../../../../shared/domain/query/values.ts'
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
    case 'share': {
      const percent = percentOf(text)
      // 14 % is 0.14, not 0.14000000000000001.
      return percent === undefined ? undefined : Number((percent / 100).toPrecision(12))
    }
    case 'percent':
      return percentOf(text)
    case 'time': {
      // Without a zone a time means another moment on every computer.
      const time = /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? Date.parse(text) : Number.NaN
      return Number.isNaN(time) ? undefined : time
    }
  }
}

/** Writes a value of the plan as people would. What it gives is read back as the same value. */
export function writeValue(form: FieldForm, value: unknown): unknown {
  if (typeof value !== 'number') return value
  switch (form) {
    case 'text':
      return String(value)
    case 'seconds':
      return spanText(value)
    case 'minutes':
      return Number.isInteger(value) ? spanText(value * 60) : value
    case 'bytes':
      return sizeText(value)
    case 'share': {
      const text = `${Number((value * 100).toPrecision(12))}%`
      return readValue('share', text) === value ? text : value
    }
    case 'percent':
      return `${value}%`
    case 'time':
      return new Date(value).toISOString()
  }
}

function secondsOf(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text)
  if (parts === null) return undefined
  const unit = parts[2]!.toLowerCase()
  const span = spans.find((one) => one.unit === unit || one.also.includes(unit))
  return span === undefined ? undefined : Number(parts[1]) * span.seconds
}

function percentOf(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)\s*%$/.exec(text)
  return parts === null ? undefined : Number(parts[1])
}

/** A length of time in the largest unit that is a whole number. */
export function spanText(seconds: number): string {
  const span = spans.find((one) => seconds >= one.seconds && seconds % one.seconds === 0) ?? spans.at(-1)!
  const n = seconds / span.seconds
  return `${n} ${span.unit === 'day' && n !== 1 ? 'days' : span.unit}`
}

function sizeText(bytes: number): string | number {
  const [unit, size] = sizes.find(([, one]) => bytes >= one && Number.isInteger((bytes / one) * 10)) ?? ['', 1]
  return unit === '' ? bytes : `${bytes / size} ${unit}`
}
