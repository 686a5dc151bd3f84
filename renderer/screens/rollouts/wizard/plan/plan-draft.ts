import { slug } from '../../../../../shared/domain/ids.ts'
import { rolloutPlan, type RolloutPlan } from '../../../../../shared/domain/rollout/plan.ts'
import { presetWaves } from './wave-presets.ts'

/** A plan while it is written: names may still be missing. */
export interface PlanDraft extends Omit<RolloutPlan, 'deployment'> {
  /** Empty: the name of the model. */
  deployment: string
}

/** Something that is wrong or noteworthy at a place of a plan. */
export interface PlanFinding {
  severity: 'error' | 'warning' | 'info'
  path: string
  message: string
  /** Of those that the core makes. */
  code?: string
}

/** The first fields, as the address may give them. */
export interface FirstFields {
  model: string
  version: string
  deployment: string
  query: string
}

/** A new plan: replace, a canary of a tenth and then the rest, judged by the defaults. */
export function freshDraft(first: FirstFields): PlanDraft {
  const defaults = rolloutPlan.parse({ deployment: 'any', model: 'any', version: 'any' })
  return { ...defaults, ...first, waves: presetWaves('canary', { sites: [] }) }
}

/** A plan to write another one from: it begins when it is started, under a name of its own. */
export function copyOf(plan: RolloutPlan): PlanDraft {
  return { ...plan, name: '', note: '', windows: { ...plan.windows, startAt: null } }
}

/** The deployment that counts: as written, else named like the model. */
export function deploymentOf({ deployment, model }: Pick<PlanDraft, 'deployment' | 'model'>): string {
  if (deployment !== '') return deployment
  return model === '' ? '' : slug(model, 'model')
}

/** The plan that a draft stands for, or what keeps it from being one, each at its place. */
export function planOf(draft: PlanDraft): { plan: RolloutPlan; findings: [] } | { plan: null; findings: PlanFinding[] } {
  if (draft.model === '' || draft.version === '') {
    return { plan: null, findings: [{ severity: 'error', path: 'version', message: 'Choose the version that is to be rolled out.' }] }
  }
  const parsed = rolloutPlan.safeParse({ ...draft, deployment: deploymentOf(draft) })
  if (parsed.success) return { plan: parsed.data, findings: [] }
  return {
    plan: null,
    findings: parsed.error.issues.map(({ path, message }) => ({ severity: 'error', path: pathText(path), message: sentenceOf(message) })),
  }
}

/** A place in a plan as findings name it: `waves[1].size`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`)).join('')
}

/** True if a finding is at a place, or within it. */
export function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`)
}

/** True if two drafts say the same. */
export function isSameDraft(left: PlanDraft, right: PlanDraft): boolean {
  return JSON.stringify({ ...left, deployment: deploymentOf(left) }) === JSON.stringify({ ...right, deployment: deploymentOf(right) })
}

function sentenceOf(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1)
  return /[.!?]$/.test(text) ? text : `${text}.`
}
