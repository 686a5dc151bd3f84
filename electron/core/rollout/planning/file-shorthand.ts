import { judgedMetricNames } from '../../../../shared/domain/rollout/judge.ts'
import type { PlanPath } from './file-fields.ts'
import { readValue } from './file-values.ts'

/**
 * What a short form stands for: `waves: [1, 10%, rest]`, a wave with a bare size or query, `perMinute: 50`, `errors: off`.
 * @returns the value itself if it is no short form
 */
export function longhand(path: PlanPath, value: unknown): unknown {
  const [first, second, third] = path
  if (first === 'waves') return wavesLonghand(path, value)
  if (first === 'pacing' && second === 'perMinute' && path.length === 2 && typeof value === 'number') return { base: value }
  const isMetric = first === 'judge' && third === undefined && judgedMetricNames.some((name) => name === second)
  if (isMetric && typeof value === 'string') return { role: value }
  return value
}

function wavesLonghand(path: PlanPath, value: unknown): unknown {
  const isBare = typeof value === 'string' || typeof value === 'number'
  if (path.length === 1) return isBare ? [{ size: sizeOf(value) }] : value
  if (path.length === 2) return isBare ? { size: sizeOf(value) } : withQuery(value)
  if (path.length === 3 && path[2] === 'size') return isBare ? sizeOf(value) : withKind(value)
  return value
}

/** `query: …` of a wave is its size. */
function withQuery(value: unknown): unknown {
  if (!isObject(value) || !Object.hasOwn(value, 'query') || Object.hasOwn(value, 'size')) return value
  const { query, ...rest } = value
  return { ...rest, size: { kind: 'query', query } }
}

function withKind(value: unknown): unknown {
  if (!isObject(value) || Object.hasOwn(value, 'kind')) return value
  const kinds = { devices: 'count', percent: 'percent', query: 'query' } as const
  const name = (Object.keys(kinds) as (keyof typeof kinds)[]).find((key) => Object.hasOwn(value, key))
  return name === undefined ? value : { kind: kinds[name], ...value }
}

/** `5`, `5 devices`, `10%`, `rest` or `all`. What is none of these is left to the rules of the plan, which refuse it. */
function sizeOf(value: string | number): unknown {
  if (typeof value === 'number') return { kind: 'count', devices: value }
  const text = value.trim()
  if (text === 'rest' || text === 'all') return { kind: 'rest' }
  const devices = /^(\d+) devices?$/.exec(text)
  if (devices !== null) return { kind: 'count', devices: Number(devices[1]) }
  const percent = readValue('percent', text)
  return percent === undefined ? { kind: text } : { kind: 'percent', percent }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
