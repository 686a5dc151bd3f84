import type { z } from 'zod'
import { Problem } from '../domain/problem.ts'
import { WIRE_VERSION } from './message.ts'
import { parseStrictJson } from './strict-json.ts'

/** JSON deeper than this is refused before it is parsed: a hostile sender must not exhaust the stack. */
const MAX_DEPTH = 32

/**
 * Bytes to a typed message, once, at the edge.
 * @throws Problem `message.malformed` (not UTF-8 JSON, too deep, or not of the schema), `message.unsupported-version` (a higher major).
 */
export function decodeMessage<Schema extends z.ZodType>(schema: Schema, json: string, what: string): z.infer<Schema> {
  return checkMessage(schema, parseJson(json, what), what)
}

/** Like `decodeMessage`, for what a signature covers: bytes that two readers could understand in two ways are refused. */
export function decodeSigned<Schema extends z.ZodType>(
  schema: Schema,
  json: string,
  what: string,
  { hasMeasures = false }: { hasMeasures?: boolean } = {},
): z.infer<Schema> {
  return checkMessage(schema, parseStrictJson(json, what, hasMeasures), what)
}

function checkMessage<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.infer<Schema> {
  const version = isRecord(value) ? value['v'] : undefined
  if (typeof version === 'number' && version > WIRE_VERSION) {
    throw new Problem('message.unsupported-version', `${what} is of wire version ${version}; this side speaks ${WIRE_VERSION}.`)
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new Problem('message.malformed', `${what}: ${firstIssue(parsed.error)}`)
  return parsed.data
}

/** `JSON.parse` with a bound on depth, refusing keys that touch prototypes. */
export function parseJson(json: string, what: string): unknown {
  if (depthOf(json) > MAX_DEPTH) throw new Problem('message.malformed', `${what}: JSON is nested deeper than ${MAX_DEPTH} levels.`)
  try {
    return JSON.parse(json, (key, value: unknown) => {
      if (key === '__proto__') throw new SyntaxError('the key __proto__ is not allowed')
      return value
    })
  } catch (error) {
    throw new Problem('message.malformed', `${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The first issue of a zod error as `path: message`. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'does not fit the schema'
  const path = issue.path.map(String).join('.')
  return path === '' ? issue.message : `${path}: ${issue.message}`
}

function depthOf(json: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let i = 0; i < json.length; i += 1) {
    const c = json.charCodeAt(i)
    if (inString) {
      if (c === 0x5c) i += 1
      else if (c === 0x22) inString = false
    } else if (c === 0x22) inString = true
    else if (c === 0x7b || c === 0x5b) {
      depth += 1
      if (depth > deepest) deepest = depth
    } else if (c === 0x7d || c === 0x5d) depth -= 1
  }
  return deepest
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
