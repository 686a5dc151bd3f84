import { noteForRole, requireForRole } from '../deployments/releasing.ts'
import { reportedOf } from '../devices/summary.ts'
import { backOf, withdrawnReader, type BackKnowledge } from '../orders/giving-back.ts'
import { placeOrder, type DeviceOrder } from '../orders/place.ts'
import { mergeTerms, type OrderRole, type OrderSlot, type Terms, type Wanted } from '../store/fleet/terms.ts'
import { engineActor } from './engine/draft.ts'
import type { Offer } from './engine/facts.ts'
import type { RolloutParts } from './rollout-parts.ts'
import type { RolloutRun } from './rollout-run.ts'
import { isOrderedByOther, whatStood } from './what-stood.ts'

type Parts = Pick<RolloutParts, 'store' | 'fleet' | 'keyring' | 'reference' | 'book' | 'approvals'>

/** The order that a device got, and the counter of its assignment. */
export interface Ordered {
  order: number
  counter: number | null
}

/** Orders that a rollout placed in one transaction, by device. */
export type OrderedDevices = ReadonlyMap<string, Ordered>

/** What the version is ordered as, where it does not replace the active one at once. */
export function roleBeside({ plan }: RolloutRun): OrderRole {
  return plan.method === 'shadow' || plan.method === 'split' ? plan.method : 'staged'
}

/** Terms that the plan names for the version in its role. */
function termsOf({ plan }: RolloutRun, role: OrderRole): Terms {
  const named = (fields: object | undefined): object =>
    Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== undefined))
  switch (role) {
    case 'active':
      return {
        ...(plan.probation === undefined ? {} : { probation: named(plan.probation) }),
        ...(plan.serving === undefined ? {} : { serving: named(plan.serving) }),
      }
    case 'split':
      return { percent: plan.percent }
    case 'shadow':
      return { cpuShare: plan.cpuShare, samplesPerWindow: plan.disagreementsPerWindow }
    case 'staged':
      return {}
  }
}

/**
 * Orders the version on devices, one order for each slot. Call it in the transaction of the decision.
 * @throws Problem `approval.*` if the version may not be released (any more)
 */
export function placeOffers(parts: Parts, run: RolloutRun, of: { offers: readonly Offer[]; at: number }): Map<string, Ordered> {
  const ordered = new Map<string, Ordered>()
  for (const slot of ['beside', 'active'] as const) {
    const devices = of.offers.filter((offer) => offer.slot === slot).map(({ device }) => device)
    if (devices.length > 0) offerInSlot(parts, run, { slot, devices, at: of.at }, ordered)
  }
  return ordered
}

function offerInSlot(
  parts: Parts,
  run: RolloutRun,
  { slot, devices, at }: { slot: OrderSlot; devices: readonly string[]; at: number },
  ordered: Map<string, Ordered>,
): void {
  const { deployment } = run.plan
  const target = run.target!
  const role = slot === 'active' ? 'active' : roleBeside(run)
  requireForRole(parts.approvals, target, role)
  const terms = termsOf(run, role)
  const wantedOf = (device: string): Wanted => {
    const standing = slot === 'active' ? parts.store.deployments.ofDevice(device).find((row) => row.deployment === deployment) : undefined
    return { ...target, role, terms: standing === undefined ? terms : mergeTerms(standing.terms, terms) }
  }
  order(parts, run, { slot, role, terms, target, at, devices: devices.map((device) => ({ device, wanted: wantedOf(device) })) }, ordered)
  if (parts.approvals.stageOf(target) !== 'released') noteForRole(parts.approvals, target, { role, by: run.createdBy, at })
}

/** Gives devices back what they had, as orders. Call it in the transaction of the decision. Where nothing of the rollout stands any more, nothing is ordered. */
export function placeReverts(parts: Parts, run: RolloutRun, of: { devices: readonly string[]; at: number }): Map<string, Ordered> {
  const ordered = new Map<string, Ordered>()
  const bySlot: Record<OrderSlot, DeviceOrder[]> = { beside: [], active: [] }
  const known = { isWithdrawn: withdrawnReader(parts.store), fallback: parts.approvals.fallbackOf(run.plan.deployment) }
  for (const device of of.devices) giveBack(parts, run, { device, known }, bySlot)
  for (const slot of ['beside', 'active'] as const) {
    const role = slot === 'active' ? 'active' : roleBeside(run)
    const devices = bySlot[slot]
    if (devices.length > 0) order(parts, run, { slot, role, terms: {}, target: null, at: of.at, devices }, ordered)
  }
  return ordered
}

function giveBack(
  { store }: Parts,
  run: RolloutRun,
  { device, known }: { device: string; known: BackKnowledge },
  bySlot: Record<OrderSlot, DeviceOrder[]>,
): void {
  const digest = run.target?.digest
  // Whoever ordered it: what another rollout gave back, or a person ordered again, goes back with the rest.
  const mine = store.orders
    .inForceOf(device, run.plan.deployment)
    .filter((one) => one.wanted?.digest === digest && !isOrderedByOther(store, run, one))
  const other = (wanted: Wanted | null): Wanted | null => (wanted?.digest === digest ? null : wanted)
  const beside = (wanted: Wanted | null): Wanted | null => (wanted === null || known.isWithdrawn(wanted) ? null : other(wanted))
  for (const row of mine) {
    if (row.slot === 'beside') bySlot.beside.push({ device, wanted: beside(row.previous) })
    else {
      const previous = whatStood(store, run, row)
      const reported = store.devices.find(device)
      const serving = reported === null ? null : (reportedOf(reported, run.plan.deployment)?.active?.digest ?? null)
      const back = backOf({ slot: 'active', ordered: run.target, previous, serving }, known)
      // Nobody is there to decide otherwise: a device always keeps answering, also with a version that was withdrawn.
      const given = back.how === 'refused' ? previous : back.wanted
      const wanted = given ?? fallback(known.fallback, digest)
      const ended = back.how === 'fallback' ? null : beside(row.endedBeside)
      bySlot.active.push({ device, wanted, ...(given !== null && ended !== null ? { beside: ended } : {}) })
    }
  }
}

/** What the deployment goes back to where a device had nothing of its own. */
function fallback(of: { digest: string; model: string; version: string } | null, digest: string | undefined): Wanted | null {
  return of === null || of.digest === digest ? null : { ...of, role: 'active', terms: {} }
}

interface SlotOrder {
  slot: OrderSlot
  role: OrderRole
  terms: Terms
  target: Pick<Wanted, 'digest' | 'version'> | null
  at: number
  devices: readonly DeviceOrder[]
}

function order(parts: Parts, run: RolloutRun, of: SlotOrder, ordered: Map<string, Ordered>): void {
  const { slot, role, terms, target, at, devices } = of
  const { deployment, model, query } = run.plan
  const id = placeOrder(
    parts,
    {
      kind: 'rollout',
      rollout: run.id,
      slot,
      role,
      actor: engineActor,
      deployment,
      model,
      target,
      terms,
      alias: null,
      query,
      of: null,
      devices,
    },
    at,
  )
  for (const { device } of devices) ordered.set(device, { order: id, counter: parts.store.deployments.assignment(device)?.counter ?? null })
}
