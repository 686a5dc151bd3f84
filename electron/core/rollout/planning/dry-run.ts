import { findAttribute } from '../../../../shared/domain/query/attributes.ts'
import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import type { ParsedInputOf, ResultOf } from '../../../../shared/rpc/contract.ts'
import { heldBy } from '../../deployments/holding.ts'
import type { RosterEntry } from '../../store/fleet/roster-rows.ts'
import { waveSizeWords } from '../engine/waves.ts'
import { approvalMissing } from './check-fleet.ts'
import { checkPlan } from './check.ts'
import { overlapsOf } from './overlaps.ts'
import type { PlanningParts } from './parts.ts'
import type { Survey } from './survey.ts'
import { waveTimes, type TimedDevice, type WaveTime } from './timing.ts'
import { valueOf } from './targets.ts'
import { shareOfHash } from './windows.ts'
import { gateWords } from './words.ts'

type DryRun = ResultOf<'rollouts.plan'>
type Forecast = DryRun['forecast']

/** Groups that a wave lists; the others are summed up under the last name. */
const MOST_GROUPS = 50

/** Who would get what, when, and what it costs: the answer to `rollouts.plan`. Nothing is done. */
export function planRollout(parts: PlanningParts, input: ParsedInputOf<'rollouts.plan'>): DryRun {
  const { plan, rollout } = input
  const { findings, survey } = checkPlan(parts, plan, rollout ?? null)
  const held = heldBy(parts.store, plan.deployment)
  const heldWords = held === null ? null : `Alert ${held.alert} holds releases to ${plan.deployment}: ${held.sentence}`.slice(0, 500)
  if (survey === null) {
    const nothing = { version: null, alias: null, targeted: 0, skipped: [], waves: [], overlaps: [], needsApproval: null }
    return { findings, ...nothing, forecast: emptyForecast(parts, plan), heldBy: heldWords }
  }
  const { version, alias, targets, skipped } = survey
  const times = waveTimes(plan, timedWaves(parts, survey), { windows: parts.windows, now: parts.now() })
  const entries = survey.waves.flat()
  return {
    findings,
    version: { model: version.model, version: version.version },
    alias,
    targeted: targets.length,
    skipped,
    waves: plan.waves.map((_, wave) => waveOf(survey, { wave, time: times[wave]!, limit: input.limit })),
    overlaps: overlapsOf(parts, survey),
    forecast: parts.costs.forecast({
      ...{ digest: version.digest, entries, budget: plan.budget, now: parts.now() },
      seconds: secondsOf(survey, times, parts.now()),
    }),
    needsApproval: approvalMissing(parts, version)?.slice(0, 500) ?? null,
    heldBy: heldWords,
  }
}

function waveOf(survey: Survey, of: { wave: number; time: WaveTime; limit: number }): DryRun['waves'][number] {
  const { wave, time } = of
  const plan = survey.plan.waves[wave]!
  const entries = survey.waves[wave] ?? []
  const offers = entries.map((entry) => survey.offerOf(entry))
  return {
    ...{ wave, name: plan.name, size: waveSizeWords(plan.size).slice(0, 100), devices: entries.length },
    examples: entries.slice(0, of.limit).map(({ row }) => row.device),
    groups: groupsOf(entries, plan.stratify[0] ?? 'site'),
    bytes: offers.reduce((sum, { bytes }) => sum + bytes, 0),
    // Summed as floats, cents drift; nine digits behind the point are more than any price has.
    money: Number(offers.reduce((sum, { money }) => sum + money, 0).toFixed(9)),
    ...time,
    gate: gateWords(plan.gate),
    sizeBound: failureBound(entries.length),
  }
}

/** No failure in n devices: with 95 %, the failure rate is at most this (exact, Clopper and Pearson). */
export function failureBound(n: number): number {
  return n === 0 ? 1 : 1 - 0.05 ** (1 / n)
}

function groupsOf(entries: readonly RosterEntry[], attribute: string): DryRun['waves'][number]['groups'] {
  const found = findAttribute(attribute, new Set([attribute]))
  if (found === null) return []
  const counts = new Map<string, number>()
  for (const entry of entries) {
    const value = valueOf(found, entry) ?? ''
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const groups = [...counts]
    .map(([value, devices]) => ({ value: value.slice(0, 256), devices }))
    .sort((a, b) => b.devices - a.devices || (a.value < b.value ? -1 : 1))
  if (groups.length <= MOST_GROUPS) return groups
  const others = groups.slice(MOST_GROUPS - 1)
  const devices = others.reduce((sum, one) => sum + one.devices, 0)
  return [...groups.slice(0, MOST_GROUPS - 1), { value: `${others.length} others`, devices }]
}

function timedWaves(parts: PlanningParts, survey: Survey): TimedDevice[][] {
  const isSpread = survey.plan.windows.download !== null || survey.plan.windows.activation !== null
  return survey.waves.map((entries) =>
    entries.map((entry) => {
      const { bytes, seconds } = survey.offerOf(entry)
      return {
        ...{ bytes, seconds, group: survey.reader.group(entry), zone: parts.windows.zoneOf(entry.row.labels) },
        hash: isSpread ? shareOfHash(survey.hashOf(entry)) : 0,
      }
    }),
  )
}

/** From now to the last device; null: a person or a verdict decides, a window never opens, or a link has no known speed. */
function secondsOf(survey: Survey, times: readonly WaveTime[], now: number): number | null {
  const end = times.at(-1)?.earliestEnd ?? null
  const isTimed = survey.waves.every((wave) => wave.every((entry) => survey.offerOf(entry).seconds !== null))
  return end === null || !isTimed ? null : Math.max(0, Math.round((end - now) / 1000))
}

/** Of a plan that cannot be reckoned. */
function emptyForecast({ costs }: PlanningParts, { budget }: RolloutPlan): Forecast {
  return {
    ...{ devices: 0, bytes: 0, published: 0, money: 0, currency: costs.sheet().currency, seconds: null, byLink: [] },
    budget: { ...budget, isWithin: true },
  }
}
