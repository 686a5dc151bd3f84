import type { TimeWindow } from '../../../shared/domain/rollout/plan.ts'
import { besideRefusal } from '../deployments/apply.ts'
import { heldBy } from '../deployments/holding.ts'
import { missingForRole } from '../deployments/releasing.ts'
import { skipMessage, type SkipReason } from '../deployments/skipping.ts'
import type { OfferForecast } from '../costs/costs.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import type { Wanted } from '../store/fleet/terms.ts'
import type { DeviceFacts, Facts } from './engine/facts.ts'
import type { Live } from './engine/live.ts'
import { waveHash } from './engine/waves.ts'
import type { EvidenceDesk } from './evidence-desk.ts'
import { placeInRollout } from './place-in-rollout.ts'
import { roleBeside } from './place-orders.ts'
import { shareOfHash } from './planning/windows.ts'
import type { RolloutParts } from './rollout-parts.ts'
import type { RolloutRun } from './rollout-run.ts'
import type { RunBook } from './run-book.ts'
import { takenBy, type OrderInForce } from './taken-by.ts'
import { keepTargets, type KeptTargets } from './targets-kept.ts'
import { isOrderedByOther } from './what-stood.ts'

type Sources = Pick<RolloutParts, 'store' | 'registry' | 'costs' | 'windows' | 'approvals'> & {
  runs: RunBook
  evidence: EvidenceDesk
  listeningSince: number
}

/** Gathers what the engine decides from. */
export interface FactsReader {
  /**
   * @param of.changed devices of which something may be new; null: all
   * @param of.patientUntil set by who looks again and again: what is read is kept until `forget`. Left out: for one view, and the eldest of these go.
   */
  read(live: Live, of: { now: number; changed: readonly string[] | null; patientUntil?: number }): Facts
  forget(rollout: number): void
}

/** One look at one rollout: what is read once for all of its devices. */
interface Look {
  live: Live
  now: number
  targets: KeptTargets
  /** Newest orders of a device to the deployment. */
  ordersOf(device: string): readonly OrderInForce[]
  penaltyOf(device: string): number | null
  others: readonly RolloutRun[]
  refusal(entry: RosterEntry): SkipReason | null
  offerOf(entry: RosterEntry): OfferForecast
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

function deviceFacts(sources: Sources, look: Look, device: string): DeviceFacts | null {
  const { windows, listeningSince } = sources
  const { run } = look.live
  const entry = look.targets.entry(device)
  if (entry === null) return null
  const own = run.devices.get(device) ?? null
  const { row } = entry
  const { deployment } = run.plan
  const orders = look.ordersOf(device)
  const mine = own?.order == null || own.state === 'skipped' ? undefined : orders.find((one) => one.order === own.order)
  // A device that was taken out and joined again knows nothing of what it was offered before.
  if (mine !== undefined && mine.createdAt < row.enrolledAt) return null
  const digest = run.target?.digest ?? ''
  const opens = (window: TimeWindow | null): number => (window === null ? 0 : opensAt(windows, window, { row, run, now: look.now }))
  const refusal = (own?.attempts ?? 0) > 0 ? null : look.refusal(entry)
  return {
    ...{ device, isOnline: row.status === 'online', isNeverSeen: row.status === 'never-seen', lastSeenAt: heardAt(row, listeningSince) },
    ...{
      queryWave: look.targets.reader.queryWave(entry),
      stratum: look.targets.reader.stratum(entry),
      group: look.targets.reader.group(entry),
    },
    standing: standingOf(entry, deployment),
    takenBy: takenBy({ run, own, device }, { orders, others: look.others, runOf: (rollout) => sources.runs.find(rollout)?.run ?? null }),
    isOrderedByOther: isKeptByOther(sources, run, orders),
    unfit: refusal === null ? null : skipMessage(refusal),
    ...placeInRollout(row, own, { deployment, digest }),
    penaltyUntil: look.penaltyOf(device),
    quietUntil: sources.costs.quietUntil(entry, look.now),
    ...{ downloadFrom: opens(run.plan.windows.download), activationFrom: opens(run.plan.windows.activation) },
    isLocked: (row.reported?.lock?.until ?? 0) > look.now,
    offer: look.offerOf(entry),
  }
}

/** Only a rollout that gives back asks. */
function isKeptByOther({ store }: Sources, run: RolloutRun, orders: readonly OrderInForce[]): boolean {
  const isOver = run.state === 'stopped' || run.state === 'reverting' || run.state === 'reverted'
  return isOver && orders.some((one) => isOrderedByOther(store, run, one))
}

function standingOf({ orders }: RosterEntry, deployment: string): Wanted | null {
  const row = orders.find((one) => one.deployment === deployment)
  if (row === undefined) return null
  const { digest, model, version, terms } = row
  return { digest, model, version, role: 'active', terms }
}

/** When the device may begin in a window. */
function opensAt(windows: RolloutParts['windows'], window: TimeWindow, of: { row: DeviceRow; run: RolloutRun; now: number }): number {
  const { row, run, now } = of
  const hash = shareOfHash(waveHash(run.id, row.device))
  return windows.placeIn(window, { zone: windows.zoneOf(row.labels), hash, isSpread: run.plan.windows.isSpread }, now).opensAt
}

/** Time in which the console did not listen is no time in which the device was away. */
function heardAt({ status, lastSeenAt }: DeviceRow, listeningSince: number): number | null {
  return status === 'online' || lastSeenAt === null ? lastSeenAt : Math.max(lastSeenAt, listeningSince)
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
