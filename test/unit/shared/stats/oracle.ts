import { readFileSync } from 'node:fs'

/** A value of the oracle: it is JSON, and each test knows the form of its case. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export interface OracleCase {
  id: string
  group: string
  fn: string
  params: Record<string, Json>
  input: Record<string, Json>
  expected: Record<string, Json>
  /** Absolute and relative together. */
  tol: number
}
interface OracleFile {
  cases: OracleCase[]
  data: {
    iris: { X: number[][]; y: number[] }
    wine: { X: number[][]; y: number[] }
    breast_cancer: { X: number[][]; y: number[] }
    digits: { X: number[][]; y: number[] }
    diabetes_lr: { y_true: number[]; y_pred: number[] }
    latency_ms: number[]
    auc_y: number[]
    auc_score: number[]
    stream_step_mean: number[]
    stream_step_errors: number[]
  }
}

const file = JSON.parse(readFileSync(new URL('../../../fixtures/statistics.json', import.meta.url), 'utf8')) as OracleFile

/** Data sets that oracle cases refer to. */
export const oracleData = file.data

/** All cases, `@name` in their inputs replaced by the data set. */
export const oracleCases: readonly OracleCase[] = file.cases.map((one) => ({
  ...one,
  input: Object.fromEntries(Object.entries(one.input).map(([key, value]) => [key, resolve(value)])),
}))

function resolve(value: Json): Json {
  if (typeof value !== 'string' || !value.startsWith('@')) return value
  return (file.data as unknown as Record<string, Json>)[value.slice(1)]!
}

/** Input and expected values of a case; the caller says what they are. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the fixture is ours, and each test knows the form of its case
export function oracle<Input, Expected>(id: string): { input: Input; expected: Expected } {
  const found = file.cases.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no oracle case ${id}`)
  return { input: found.input as Input, expected: found.expected as Expected }
}

/** Where `actual` differs from `expected`, numbers by more than the tolerance; further fields of `actual` do not matter. */
export function differences(actual: unknown, expected: unknown, tol: number, path = ''): string[] {
  if (typeof expected === 'number') {
    const isNear = typeof actual === 'number' && Math.abs(actual - expected) <= tol + tol * Math.abs(expected)
    return isNear ? [] : [`${path}: ${String(actual)} is not ${expected}`]
  }
  if (typeof expected !== 'object' || expected === null)
    return actual === expected ? [] : [`${path}: ${String(actual)} is not ${String(expected)}`]
  if (typeof actual !== 'object' || actual === null) return [`${path}: ${String(actual)} is no object`]
  if (Array.isArray(expected) && (actual as unknown[]).length !== expected.length)
    return [`${path}: another length than ${expected.length}`]
  return Object.entries(expected).flatMap(([key, one]) => differences((actual as Record<string, unknown>)[key], one, tol, `${path}.${key}`))
}

/** Where a result holds NaN or an infinity. */
export function notFinite(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} is ${value}`]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => notFinite(inner, `${path}.${key}`))
}

/** Deterministic numbers in [0, 1), good enough for simulations: xorshift over 128 bits. */
export function seeded(seed: number): () => number {
  const state = Uint32Array.of(seed ^ 0x9e3779b9, seed ^ 0x243f6a88, seed ^ 0xb7e15162, 0xdeadbeef)
  const next = (): number => {
    const t = state[0]! ^ (state[0]! << 11)
    state.copyWithin(0, 1)
    state[3] = state[2]! ^ (state[2]! >>> 19) ^ t ^ (t >>> 8)
    return state[3] / 2 ** 32
  }
  for (let warmUp = 0; warmUp < 20; warmUp += 1) next()
  return next
}

/** Standard normal numbers from uniform ones (Box, Muller). */
export function normals(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
