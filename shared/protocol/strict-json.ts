import { Problem } from '../domain/problem.ts'

/** Deeper than this nothing that is signed ever is. */
const MAX_DEPTH = 32

/**
 * `JSON.parse` for what is signed: two readers must never understand the same bytes in two ways. Refused are a key twice in one object, keys that
 * touch prototypes, whole numbers that a double cannot hold, lone surrogates, and nesting deeper than anything of ours.
 * @param hasMeasures it holds measured values, which may be of any size: then whole numbers are not looked at
 * @throws Problem `message.malformed`
 */
export function parseStrictJson(json: string, what: string, hasMeasures = false): unknown {
  const found = keyFault(json)
  if (found !== null) throw new Problem('message.malformed', `${what}: ${found}.`)
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    throw new Problem('message.malformed', `${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  const fault = valueFault(value, hasMeasures)
  if (fault !== null) throw new Problem('message.malformed', `${what}: ${fault}.`)
  return value
}

/** One pass over the text, before anything is built from it: depth, and the keys of each open object. */
function keyFault(json: string): string | null {
  const open: (Set<string> | null)[] = []
  for (let i = 0; i < json.length; i += 1) {
    const c = json.charCodeAt(i)
    if (c === 0x7b || c === 0x5b) {
      open.push(c === 0x7b ? new Set() : null)
      if (open.length > MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH} levels`
    } else if (c === 0x7d || c === 0x5d) open.pop()
    else if (c === 0x22) {
      const end = endOfString(json, i)
      const keys = open.at(-1)
      if (keys !== undefined && keys !== null && isKey(json, end)) {
        const key = decodedKey(json.slice(i, end + 1))
        if (key === '__proto__') return 'the key __proto__ is not allowed'
        if (keys.has(key)) return `the key '${key.slice(0, 64)}' stands twice in one object`
        keys.add(key)
      }
      i = end
    }
  }
  return null
}

/** Place of the closing quote; the end of the text if there is none. */
function endOfString(json: string, start: number): number {
  for (let i = start + 1; i < json.length; i += 1) {
    const c = json.charCodeAt(i)
    if (c === 0x5c) i += 1
    else if (c === 0x22) return i
  }
  return json.length
}

function isKey(json: string, end: number): boolean {
  let next = end + 1
  while (' \t\n\r'.includes(json[next] ?? 'x')) next += 1
  return json[next] === ':'
}

/** A key may be written with escapes: what counts is what it says. */
function decodedKey(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return String(JSON.parse(quoted))
  } catch {
    // It is no JSON; the parser says so.
    return quoted
  }
}

function valueFault(value: unknown, hasMeasures: boolean): string | null {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return 'a number is beyond what can be held'
    return !hasMeasures && Number.isInteger(value) && !Number.isSafeInteger(value)
      ? 'a whole number is beyond what can be held exactly'
      : null
  }
  if (typeof value === 'string') return value.isWellFormed() ? null : 'a text holds half a character'
  if (typeof value !== 'object' || value === null) return null
  const parts: unknown[] = Array.isArray(value) ? value : Object.entries(value).flat()
  for (const part of parts) {
    const fault = valueFault(part, hasMeasures)
    if (fault !== null) return fault
  }
  return null
}
