import { isDeepStrictEqual } from 'node:util'
import { stringify } from 'yaml'
import { rolloutPlan, wavePlan, type RolloutPlan, type WavePlan } from '../../../../shared/domain/rollout/plan.ts'
import { formAt, nameInFile, type PlanPath } from './file-fields.ts'
import { writeValue } from './file-values.ts'

/** Writes a plan as a rollout file: what is as by default is left out. Reading it gives the same plan. */
export function writeRolloutFile(plan: RolloutPlan): string {
  const { deployment, model, version } = plan
  const defaults = rolloutPlan.parse({ deployment, model, version })
  const named = { ...(plan.name === '' ? {} : { name: plan.name }), deployment, model, version }
  const { waves, abort, ...rest } = plan
  const others = changedFields(rest, defaults, [])
  const text = {
    ...named,
    ...Object.fromEntries(Object.entries(others).filter(([name]) => !Object.hasOwn(named, name))),
    waves: waves.map((wave, i) => waveText(wave, ['waves', i])),
    ...(isDeepStrictEqual(abort, defaults.abort) ? {} : { abort: abort.map((rule, i) => withForms(rule, ['abort', i])) }),
  }
  return stringify(text, { lineWidth: 0 })
}

function waveText(wave: WavePlan, path: PlanPath): unknown {
  const { size, ...rest } = wave
  const changed = changedFields(rest, wavePlan.omit({ size: true }).parse({}), path)
  const bare = sizeText(size)
  if (Object.keys(changed).length === 0 && size.kind !== 'query') return bare
  const { name, ...others } = changed
  return { ...(name === undefined ? {} : { name }), ...(size.kind === 'query' ? { query: size.query } : { size: bare }), ...others }
}

function sizeText(size: WavePlan['size']): unknown {
  switch (size.kind) {
    case 'count':
      return size.devices
    case 'percent':
      return `${size.percent}%`
    case 'query':
      return size.query
    case 'rest':
      return 'rest'
  }
}

/** Fields that are not as by default, with the names and forms of a file. */
function changedFields(value: object, defaults: object, path: PlanPath): Record<string, unknown> {
  const before = defaults as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
      if (inner === undefined || isDeepStrictEqual(inner, before[name])) return []
      const at = [...path, name]
      const isInner = isObject(inner) && isObject(before[name])
      return [[nameInFile(path, name), isInner ? changedFields(inner, before[name] as object, at) : withForms(inner, at)]]
    }),
  )
}

/** All of a value with the names and forms of a file. */
function withForms(value: unknown, path: PlanPath): unknown {
  if (Array.isArray(value)) return value.map((item: unknown, i) => withForms(item, [...path, i]))
  if (isObject(value)) {
    const given = Object.entries(value).filter(([, inner]: [string, unknown]) => inner !== undefined)
    return Object.fromEntries(given.map(([name, inner]: [string, unknown]) => [nameInFile(path, name), withForms(inner, [...path, name])]))
  }
  const form = formAt(path)
  return form === null ? value : writeValue(form, value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
