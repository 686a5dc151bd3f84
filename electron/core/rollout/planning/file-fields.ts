import type { z } from 'zod'
import { rolloutPlan, waveSize } from '../../../../shared/domain/rollout/plan.ts'

/** How a value is written in a rollout file. */
export type FieldForm = 'text' | 'seconds' | 'minutes' | 'bytes' | 'share' | 'percent' | 'time'

/** Fields that a file writes in another way than the plan holds them, by path; [] stands for any place of a list. */
const forms: Readonly<Record<string, FieldForm>> = {
  name: 'text',
  deployment: 'text',
  model: 'text',
  version: 'text',
  query: 'text',
  note: 'text',
  percent: 'percent',
  'waves[].name': 'text',
  'waves[].size.percent': 'percent',
  'waves[].size.query': 'text',
  'waves[].stratify[]': 'text',
  'waves[].gate.success': 'share',
  'waves[].gate.afterSeconds': 'seconds',
  'waves[].gate.patienceSeconds': 'seconds',
  'pacing.perGroup.attribute': 'text',
  'pacing.bytesPerSecond': 'bytes',
  'windows.startAt': 'time',
  'windows.download.cron': 'text',
  'windows.download.minutes': 'minutes',
  'windows.download.timeZone': 'text',
  'windows.activation.cron': 'text',
  'windows.activation.minutes': 'minutes',
  'windows.activation.timeZone': 'text',
  'abort[].share': 'share',
  'unreachable.afterSeconds': 'seconds',
  'unreachable.share': 'share',
  'timeouts.offered': 'seconds',
  'timeouts.fetching': 'seconds',
  'timeouts.staged': 'seconds',
  'timeouts.probing': 'seconds',
  'retry.backoffSeconds': 'seconds',
  'retry.penaltySeconds': 'seconds',
  'judge.alpha': 'share',
  'budget.bytes': 'bytes',
  'whenDone.alias': 'text',
}

/** Shorter names that a file may use, and is written with: what they stand for in the plan. */
const shortNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'waves[].gate': { after: 'afterSeconds', patience: 'patienceSeconds' },
  unreachable: { after: 'afterSeconds' },
  retry: { backoff: 'backoffSeconds', penalty: 'penaltySeconds' },
  'windows.download': { for: 'minutes' },
  'windows.activation': { for: 'minutes' },
}

/** A place in a plan, from the outside in. */
export type PlanPath = readonly (string | number)[]

/** The path with [] for every place of a list. */
function patternOf(path: PlanPath): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[]` : text === '' ? part : `${text}.${part}`), '')
}

/** A path as people read it, e.g. `waves[1].size`. */
export function pathText(path: PlanPath): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`), '')
}

/** How the field at a path is written; null: as it is. */
export function formAt(path: PlanPath): FieldForm | null {
  const pattern = patternOf(path)
  if (Object.hasOwn(forms, pattern)) return forms[pattern]!
  return /^judge\.\w+\.margin$/.test(pattern) ? 'share' : null
}

/** The name in the plan of what a file calls `name`. */
export function nameInPlan(path: PlanPath, name: string): string {
  const short = shortNames[patternOf(path)]
  return short !== undefined && Object.hasOwn(short, name) ? short[name]! : name
}

/** The name that a file has for a field of the plan. */
export function nameInFile(path: PlanPath, name: string): string {
  const short = shortNames[patternOf(path)] ?? {}
  return Object.keys(short).find((key) => short[key] === name) ?? name
}

/** Names that may stand at a path, in the order of the plan; empty: nothing is known of it. */
export function namesAt(path: PlanPath): string[] {
  const schema = schemaAt(path)
  if (schema === null) return []
  if (patternOf(path) === 'waves[].size') return waveSize.options.flatMap((option) => Object.keys(option.shape))
  const shape = shapeOf(schema)
  return shape === null ? [] : Object.keys(shape)
}

/** The rule of what stands at a path; null: there is none. */
export function schemaAt(path: PlanPath): z.core.$ZodType | null {
  let schema: z.core.$ZodType = rolloutPlan
  for (const part of path) {
    const inner: z.core.$ZodType = bare(schema)
    const shape = shapeOf(inner)
    const next: z.core.$ZodType | undefined =
      typeof part === 'number' ? elementOf(inner) : shape !== null && Object.hasOwn(shape, part) ? shape[part] : undefined
    if (next === undefined) return null
    schema = next
  }
  return bare(schema)
}

/** What a default, an optional or a nullable is made of. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod
  return 'innerType' in def ? bare(def.innerType as z.core.$ZodType) : schema
}

function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | null {
  const { def } = schema._zod
  return 'shape' in def ? (def.shape as Readonly<Record<string, z.core.$ZodType>>) : null
}

function elementOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const { def } = schema._zod
  return 'element' in def ? (def.element as z.core.$ZodType) : undefined
}
