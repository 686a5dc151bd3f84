import { besideRefusal } from '../deployments/apply.ts'
import { heldBy } from '../deployments/holding.ts'
import { missingForRole } from '../deployments/releasing.ts'
import type { OfferForecast } from '../costs/costs.ts'
import { deviceFacts, type DeviceSources, type Look } from './device-facts.ts'
import type { DeviceFacts, Facts } from './engine/facts.ts'
import type { Live } from './engine/live.ts'
import type { EvidenceDesk } from './evidence-desk.ts'
import { roleBeside } from './place-orders.ts'
import type { RolloutParts } from './rollout-parts.ts'
import type { RolloutRun } from './rollout-run.ts'
import type { RunBook } from './run-book.ts'
import type { OrderInForce } from './taken-by.ts'
import { keepTargets } from './targets-kept.ts'

type Sources = DeviceSources & Pick<RolloutParts, 'registry' | 'approvals'> & { evidence: EvidenceDesk }

/** Gathers what the engine decides from. */
export interface FactsReader {
  /**
   * @param of.changed devices of which something may be new; null: all
   * @param of.patientUntil set by who looks again and again: what is read is kept until `forget`. Left out: for one view, and the eldest of these go.
   */
  read(live: Live, of: { now: number; changed: readonly string[] | null; patientUntil?: number }): Facts
  forget(rollout: number): void
}

/** Opens a reader. A device is read when it is asked for, and once in a look. */
export function openFactsReader(sources: Sources): FactsReader {
  const targets = keepTargets(sources.store)
  return {
    read(live, { now, changed, patientUntil }) {
      const { run } = live
      const look: Look = {
        ...{ live, now, targets: targets.of(run.id, run.plan, patientUntil !== undefined) },
        ordersOf: ordersReader(sources, run, changed),
        penaltyOf: penaltyReader(sources, run, { changed, now }),
        others: othersOf(sources.runs, run),
        refusal: refusalOf(sources, run),
        offerOf: run.target === null ? () => nothing : sources.costs.offersOf(run.target.digest),
      }
      const known = new Map<string, DeviceFacts | null>()
      const evidence = new Map<number, ReturnType<Facts['evidence']>>()
      return {
        ...{ now, changed, targets: look.targets.devices, isTarget: (device) => look.targets.has(device) },
        patientUntil: patientUntil ?? 0,
        forbidden: forbiddenReader(sources, run),
        get alert() {
          return heldBy(sources.store, run.plan.deployment)?.sentence ?? null
        },
        get isMonthSpent() {
          return sources.costs.isMonthSpent(now)
        },
        // Once in a look: what is offered within it is counted by whoever offers.
        monthLeft: sources.costs.monthLeft(now),
        of(device) {
          let facts = known.get(device)
          if (facts === undefined) known.set(device, (facts = deviceFacts(sources, look, device)))
          return facts
        },
        evidence(wave) {
          let read = evidence.get(wave)
          if (read === undefined) evidence.set(wave, (read = sources.evidence.of(live, wave, now)))
          return read
        },
      }
    },
    forget(rollout) {
      targets.forget(rollout)
      sources.evidence.forget(rollout)
    },
  }
}

/** What approval says of the version, asked once in a look for each slot. */
function forbiddenReader({ approvals }: Sources, run: RolloutRun): NonNullable<Facts['forbidden']> {
  const known = new Map<'beside' | 'active', string | null>()
  return (slot) => {
    if (run.target === null) return null
    let why = known.get(slot)
    if (why === undefined) known.set(slot, (why = missingForRole(approvals, run.target, slot === 'active' ? 'active' : roleBeside(run))))
    return why
  }
}

/** Up to so many devices are asked for one by one. */
const FEW = 200

const nothing: OfferForecast = { link: '', bytes: 0, money: 0, seconds: null }

function othersOf(runs: RunBook, run: RolloutRun): RolloutRun[] {
  return runs.watched().flatMap((id) => {
    const other = id === run.id ? null : runs.find(id)
    return other !== null && other.run.plan.deployment === run.plan.deployment ? [other.run] : []
  })
}

function refusalOf({ registry }: Sources, { plan, target }: RolloutRun): Look['refusal'] {
  if (plan.method === 'replace' || target === null) return () => null
  const version = registry.version(target.model, target.version)
  return besideRefusal({ registry }, { version, deployment: plan.deployment, alias: null })
}

/** Where every device is looked at, one read is cheaper than one for each. */
function ordersReader({ store }: Sources, { plan }: RolloutRun, changed: readonly string[] | null): Look['ordersOf'] {
  if (changed !== null && changed.length <= FEW) return (device) => store.orders.inForceOf(device, plan.deployment)
  let all: Map<string, OrderInForce[]> | null = null
  return (device) => (all ??= Map.groupBy(store.orders.allInForceOf(plan.deployment), (order) => order.device)).get(device) ?? []
}

function penaltyReader(
  { store }: Sources,
  { target }: RolloutRun,
  of: { changed: readonly string[] | null; now: number },
): Look['penaltyOf'] {
  const digest = target?.digest ?? ''
  const left = (until: number | null): number | null => (until === null || until <= of.now ? null : until)
  if (of.changed !== null && of.changed.length <= FEW) return (device) => left(store.penalties.untilOf(device, digest))
  let all: Map<string, number> | null = null
  return (device) => left((all ??= new Map(store.penalties.ofDigest(digest).map((row) => [row.device, row.until]))).get(device) ?? null)
}
