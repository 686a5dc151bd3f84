import { reportedOf } from '../devices/summary.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { rolloutForecast, type RolloutDetail } from '../../../shared/rpc/contract/rollouts.ts'
import { matches } from '../../../shared/domain/query/match.ts'
import { parseQuery } from '../../../shared/domain/query/query.ts'
import { labelsInUse } from '../devices/summary.ts'
import type { ParsedInputOf } from '../../../shared/rpc/contract.ts'
import { needsApproval } from './by-itself.ts'
import { allowedActs } from './engine/allowed.ts'
import type { Facts } from './engine/facts.ts'
import { waveViews, type ViewKnowledge } from './engine/gate-view.ts'
import type { Live } from './engine/live.ts'
import { effectsOf } from './engine/summary.ts'
import { withdrawnReader } from '../orders/giving-back.ts'
import { explain } from './explain/explain.ts'
import type { Rollouts } from './open-rollouts.ts'
import { clashOf } from './planning/overlaps.ts'
import { nameOfPlan } from './planning/plan-name.ts'
import type { RolloutDevice, RolloutRun } from './rollout-run.ts'
import { summaryOf } from './summary.ts'

type Device = ResultOf<'rollouts.devices'>['devices'][number]

/** What views of a rollout are made of besides its log. */
export function knowledgeOf(rollouts: Rollouts, live: Live): { known: ViewKnowledge; facts: Facts } {
  const { parts, facts: reader } = rollouts
  const now = parts.now()
  const facts = reader.read(live, { now, changed: [] })
  const { run } = live
  const isOpen = run.state === 'running' || run.state === 'paused'
  const known: ViewKnowledge = {
    ...{ now, alert: facts.alert },
    evidence: (wave) => (isOpen ? facts.evidence(wave) : null) ?? run.waves[wave]?.evidence ?? null,
    shareOf: (device) => shareOf(parts.store, run, device),
  }
  return { known, facts }
}

/** Share of the blocks of the bundle that a device has; null: it does not say. */
function shareOf(store: Pick<FleetStore, 'roster'>, { plan, target }: RolloutRun, device: string): number | null {
  const row = store.roster.find(device)
  const reported = row === null ? undefined : reportedOf(row, plan.deployment)
  const transfer = [
    { content: reported?.candidate, progress: reported?.progress },
    { content: reported?.beside?.content, progress: reported?.beside?.progress },
  ].find(({ content }) => content != null && content.digest === target?.digest)
  const progress = transfer?.progress
  return progress == null || progress.blocksTotal === 0 ? null : Math.min(1, progress.blocksHave / progress.blocksTotal)
}

/** The answer to `rollouts.show`. */
export function showRollout(rollouts: Rollouts, rollout: number): RolloutDetail {
  const live = rollouts.runs.require(rollout)
  const { run, tally } = live
  const { known } = knowledgeOf(rollouts, live)
  return {
    ...summaryOf(live, known),
    ...{ plan: run.plan, digest: run.target?.digest ?? null },
    waveViews: waveViews(live, known),
    spent: { bytes: tally.bytes, money: tally.moneyMillionths / 1e6 },
    forecast: forecastOf(rollouts, rollout),
    approvals: run.approvals.map((one) => ({ ...one, by: one.by.slice(0, 200) })),
    needsApproval: approvalWords(rollouts, run),
    overridden: overriddenOf(rollouts, live),
    ...{ acts: allowedActs(run), effects: effectsWith(rollouts, live) },
  }
}

/** What people would do now, and what becomes of devices that had a version which was withdrawn since. */
function effectsWith({ parts }: Rollouts, live: Live): RolloutDetail['effects'] {
  const effects = effectsOf(live)
  const isWithdrawn = withdrawnReader(parts.store)
  const { devices, target, plan } = live.run
  const had = [...devices.values()].flatMap(({ previous, last }) => (previous !== null && last !== null ? [previous] : []))
  const [gone] = had.filter((one) => one.digest !== target?.digest && isWithdrawn(one))
  if (gone === undefined) return effects
  const fallback = parts.approvals.fallbackOf(plan.deployment)
  const instead =
    fallback === null || fallback.digest === target?.digest
      ? `comes back all the same, as ${plan.deployment} has no fallback version`
      : `comes back only where it still serves; else ${fallback.model} ${fallback.version}, the fallback version, takes its place`
  return { ...effects, revert: `${effects.revert} ${gone.model} ${gone.version} was withdrawn: it ${instead}.`.slice(0, 500) }
}

/** As it was reckoned when the rollout was started last. */
function forecastOf({ parts }: Rollouts, rollout: number): RolloutDetail['forecast'] {
  const [started] = parts.store.rolloutEvents
    .page({ rollout, device: null, kinds: ['approve', 'submit'], isWithoutDevices: true }, { before: null, limit: 2 })
    .filter(({ from }) => from === 'draft')
  return rolloutForecast.safeParse(started?.detail['forecast']).data ?? null
}

function approvalWords({ parts, planning }: Rollouts, { id, state, target, plan }: RolloutRun): string | null {
  if (state === 'awaiting-approval' && target !== null)
    return (needsApproval(parts, target) ?? clashOf(planning, { id, plan }))?.slice(0, 500) ?? null
  if (state !== 'draft') return null
  try {
    return needsApproval(parts, parts.registry.version(plan.model, plan.version))?.slice(0, 500) ?? null
  } catch {
    // A draft may name a version that is not there yet: the check says so.
    return null
  }
}

/** Rollouts that outrank this one, with the devices of its target that they have. */
function overriddenOf({ runs, facts, parts }: Rollouts, { run, tally }: Live): RolloutDetail['overridden'] {
  if (run.state === 'draft' || tally.byState.superseded.size + tally.byState.pending.size === 0) return []
  return runs.watched().flatMap((id) => {
    const other = id === run.id ? null : runs.find(id)
    if (other === null || other.run.plan.deployment !== run.plan.deployment || other.run.plan.priority <= run.plan.priority) return []
    if (other.run.endedAt !== null) return []
    const theirs = facts.read(other, { now: parts.now(), changed: [] })
    const devices = [...run.devices.keys()].filter((device) => theirs.isTarget(device)).length
    return devices === 0 ? [] : [{ rollout: id, name: nameOfPlan(other.run.plan).slice(0, 200), devices }]
  })
}

/** The answer to `rollouts.devices`. @throws QueryProblem */
export function devicesOf(rollouts: Rollouts, input: ParsedInputOf<'rollouts.devices'>): ResultOf<'rollouts.devices'> {
  const { store } = rollouts.parts
  const live = rollouts.runs.require(input.rollout)
  const states = input.state === undefined ? null : new Set<string>(input.state)
  const entries = store.roster.all()
  const query = parseQuery(input.query, labelsInUse(entries))
  const fitting = query.op === 'all' ? null : new Set(entries.flatMap((one) => (matches(query, one.subject) ? [one.row.device] : [])))
  const selected = [...live.run.devices.values()]
    .filter(
      ({ state, wave, device }) =>
        (states === null || states.has(state)) && (input.wave === undefined || wave === input.wave) && (fitting?.has(device) ?? true),
    )
    .sort((a, b) => (a.device < b.device ? -1 : 1))
  const { facts } = knowledgeOf(rollouts, live)
  const page = selected.slice(input.offset, input.offset + input.limit)
  return { total: selected.length, devices: page.map((own) => deviceOf(rollouts, { live, facts, own })) }
}

function deviceOf(rollouts: Rollouts, { live, facts, own }: { live: Live; facts: Facts; own: RolloutDevice }): Device {
  const { store } = rollouts.parts
  const { run } = live
  const { device } = own
  const entry = store.roster.entry(device)
  const reported = entry === null ? undefined : reportedOf(entry.row, run.plan.deployment)
  const active = reported?.active
  const { deployment } = run.plan
  const { sentence } = explain({ device, deployment, entry, under: { ...live, facts }, now: facts.now })
  return {
    ...({ device } as Pick<Device, 'device'>),
    ...{ status: entry?.row.status ?? 'gone', wave: own.wave, state: own.state, since: own.since, attempts: own.attempts },
    ...{ share: own.state === 'fetching' ? shareOf(store, run, device) : null, bytes: own.bytes },
    previous: own.previous === null ? null : { model: own.previous.model, version: own.previous.version },
    active: active == null ? null : { model: active.model, version: active.version },
    ...{ problem: own.problem, why: sentence },
  }
}
