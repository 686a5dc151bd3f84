import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { HealthCounts } from '../../../shared/rpc/contract/device-views.ts'
import type { RolloutSummary } from '../../../shared/rpc/contract/rollouts.ts'
import { rolloutParts } from './rollout-lines.ts'
import type { FieldVersion } from './versions.ts'

type Part = ResultOf<'overview.show'>['sentence'][number]

/** So many deployments are named; the page of deployments has the rest. */
const MOST_DEPLOYMENTS = 3

/** The first line of the overview, in parts that each lead somewhere. */
export function fleetSentence(fleet: {
  counts: HealthCounts
  versions: readonly FieldVersion[]
  models: number
  troubles: number
  /** Firing alerts that nobody looks after. */
  alerts: number
  /** Live rollouts, the newest first. */
  rollouts?: readonly RolloutSummary[]
}): Part[] {
  const { counts, versions, models, troubles, alerts, rollouts = [] } = fleet
  const devices = Object.values(counts).reduce((sum, count) => sum + count, 0)
  if (devices === 0) {
    const first: Part = { text: 'no device is enrolled yet', target: { page: 'devices', query: '' } }
    return models === 0 ? [first, { text: 'no model is imported yet', target: { page: 'models' } }] : [first]
  }
  const healthy: Part = {
    text: `${inGroups(counts.ok)} of ${plural(devices, 'device')} healthy`,
    target: { page: 'devices', query: 'health = ok' },
  }
  const working: Part[] =
    counts.working === 0 ? [] : [{ text: `${inGroups(counts.working)} working`, target: { page: 'devices', query: 'health = working' } }]
  const offline: Part[] =
    counts.offline === 0 ? [] : [{ text: `${inGroups(counts.offline)} offline`, target: { page: 'devices', query: 'health = offline' } }]
  // A deployment that a rollout changes is told by the rollout.
  const changing = new Set(rollouts.map(({ deployment }) => deployment as string))
  const calm = versions.filter(({ deployment }) => !changing.has(deployment))
  return [
    healthy,
    ...working,
    ...offline,
    ...rolloutParts(rollouts),
    ...versionParts(calm),
    ...troubleParts(counts, troubles),
    ...alertParts(alerts),
  ]
}

/** The most ordered version of each deployment, and how far it is. */
function versionParts(versions: readonly FieldVersion[]): Part[] {
  const newest = new Map<string, FieldVersion>()
  const ordered = new Map<string, number>()
  for (const one of versions) {
    if (one.desired > 0 && !newest.has(one.deployment)) newest.set(one.deployment, one)
    ordered.set(one.deployment, (ordered.get(one.deployment) ?? 0) + one.desired)
  }
  return [...newest.values()]
    .sort((a, b) => b.desired - a.desired)
    .slice(0, MOST_DEPLOYMENTS)
    .map(({ deployment, model, version, active }) => ({
      text: `${model} ${version} on ${inGroups(active)} of ${inGroups(ordered.get(deployment)!)}`,
      target: { page: 'deployment', deployment },
    }))
}

function troubleParts(counts: HealthCounts, troubles: number): Part[] {
  if (troubles === 0) return []
  const query = counts.failed > 0 || counts.attention > 0 ? 'health in (failed, attention)' : 'health = offline'
  return [{ text: plural(troubles, 'problem'), target: { page: 'devices', query } }]
}

function alertParts(alerts: number): Part[] {
  return alerts === 0 ? [] : [{ text: plural(alerts, 'alert'), target: { page: 'alerts' } }]
}

function plural(count: number, word: string): string {
  return `${inGroups(count)} ${word}${count === 1 ? '' : 's'}`
}

const groups = new Intl.NumberFormat('en-GB')

/** A count as people read it: 10,005. */
function inGroups(count: number): string {
  return groups.format(count)
}
