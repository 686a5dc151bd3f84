import { Problem } from '../domain/problem.ts'

/** The refusal of a state that cannot be one of ours. */
export function malformedState(what: string): Problem {
  return new Problem('message.malformed', `Statistics state: ${what}.`)
}

/**
 * The fields of a plain object that has exactly the given ones.
 * @throws Problem `message.malformed` for anything else, an own `__proto__` included
 */
export function readFields<Name extends string>(value: unknown, what: string, names: readonly Name[]): Record<Name, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformedState(`${what} is no object`)
  const keys = Object.keys(value)
  if (keys.length !== names.length || !names.every((name) => Object.hasOwn(value, name))) {
    throw malformedState(`${what} does not have the fields ${names.join(', ')}`)
  }
  return value as Record<Name, unknown>
}

/** @throws Problem `message.malformed` unless the value is `expected`: a version or a fixed setting */
export function readConstant(value: unknown, what: string, expected: number | string): void {
  if (value !== expected) throw malformedState(`${what} is not ${expected}`)
}

/** @throws Problem `message.malformed` unless it is a whole number from 0 to 2^53 - 1 */
export function readCount(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || Object.is(value, -0)) throw malformedState(`${what} is no count`)
  return value as number
}

/** @throws Problem `message.malformed` unless it is a finite number within the range */
export function readNumber(value: unknown, what: string, range: { min?: number; max?: number } = {}): number {
  const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = range
  if (typeof value !== 'number' || !(value >= min && value <= max)) throw malformedState(`${what} is no number within its range`)
  return value
}

/** @throws Problem `message.malformed` unless it is text of at most so many UTF-16 units */
export function readText(value: unknown, what: string, longest: number): string {
  if (typeof value !== 'string' || value.length > longest) throw malformedState(`${what} is no text of at most ${longest} characters`)
  return value
}

/** @throws Problem `message.malformed` unless it is an array of `min` to `max` entries without holes */
export function readArray(value: unknown, what: string, length: { min?: number; max: number }): unknown[] {
  if (!Array.isArray(value) || value.length < (length.min ?? 0) || value.length > length.max) {
    throw malformedState(`${what} is no list of at most ${length.max} entries`)
  }
  return Array.from(value as unknown[])
}

/** @throws Problem `message.malformed` unless it is a list of exactly `length` counts */
export function readCounts(value: unknown, what: string, length: { min?: number; max: number }): number[] {
  return readArray(value, what, length).map((count) => readCount(count, `an entry of ${what}`))
}
