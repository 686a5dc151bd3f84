import { deploymentName, slug } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { requestSpecs } from '../../../shared/inference/pipeline.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { CommandContext } from '../../../shared/rpc/dispatch.ts'
import type { ReleaseParts } from '../api/release-parts.ts'
import { settleOrders } from '../api/settle-orders.ts'
import { reportedOf, selectEntries } from '../devices/summary.ts'
import { placeOrder, type DeviceOrder } from '../orders/place.ts'
import type { RegisteredVersion } from '../registry/registry.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import { isSameTerms, mergeTerms, slotOfRole, type OrderSlot, type Terms, type Wanted } from '../store/fleet/terms.ts'
import { refuseHeld } from './holding.ts'
import { noteForRole, requireForRole } from './releasing.ts'
import { skipper, type SkipReason } from './skipping.ts'

type Input = ParsedInputOf<'deployments.apply'>

/** What is asked for, with an alias turned into the version that it stands for now. */
export interface Target {
  version: RegisteredVersion
  deployment: string
  /** As asked for, if that was an alias. */
  alias: string | null
}

/** Reads what is asked for. @throws Problem `model.not-found` */
export function targetOf({ registry }: ReleaseParts, input: { model: string; version: string; deployment?: string | undefined }): Target {
  const version = registry.version(input.model, input.version)
  // The deployment's name: as given, else the model's name as an id.
  const deployment = deploymentName.parse(input.deployment ?? slug(input.model, 'model'))
  return { version, deployment, alias: version.version === input.version ? null : input.version }
}

/** Orders a version in its role on the devices that a query selects. @throws Problem `device.none-match`, `input.invalid`, `deployment.held`, `approval.*` */
export function applyVersion(parts: ReleaseParts, input: Input, context: CommandContext): ResultOf<'deployments.apply'> {
  const target = targetOf(parts, input)
  const { version, deployment, alias } = target
  const { digest, model } = version
  const slot = slotOfRole(input.as)
  const terms = termsOf(input)
  const config = configOf(input)
  const selected = selectEntries(parts.store, input.query)
  if (selected.length === 0) throw new Problem('device.none-match', `No device matches '${input.query}'. Nothing was ordered.`)
  const skipped = skipper()
  const refusal = slot === 'active' ? () => null : besideRefusal(parts, target)
  const fitting = selected.filter((entry) => skipped.passes(entry, refusal(entry)))
  if (fitting.length === 0)
    throw new Problem('device.none-match', `No selected device can have ${model} ${version.version} as ${input.as}. ${skipped.sentence()}`)
  const devices: DeviceOrder[] = fitting.flatMap((entry) => {
    const before = filling(entry, deployment, slot)
    const merged = before !== null && (slot === 'active' || before.role === input.as) ? mergeTerms(before.terms, terms) : terms
    const wanted: Wanted = { digest, model, version: version.version, role: input.as, terms: merged }
    return config !== null || isChange(entry, { deployment, slot, before, wanted }) ? [{ device: entry.row.device, wanted }] : []
  })
  const changed = devices.map(({ device }) => device)
  const said = {
    deployment,
    model,
    version: version.version,
    devices: fitting.map(({ row }) => row.device),
    changed,
    skipped: skipped.list(),
  }
  if (changed.length === 0) return { order: standingOrder(parts, { deployment, slot, devices: said.devices }), isNew: false, ...said }
  requireForRole(parts.approvals, version, input.as)
  refuseHeld(parts.store, { deployment, as: input.as, despiteAlerts: input.despiteAlerts })
  const order = placeOrder(
    parts,
    {
      ...{ kind: 'deploy', slot, role: input.as, actor: context.caller.actor, deployment, model, alias, query: input.query, of: null },
      ...{ target: { digest, version: version.version }, terms, devices, ...(config === null ? {} : { config }) },
    },
    parts.now(),
  )
  noteForRole(parts.approvals, version, { role: input.as, by: context.caller.actor, at: parts.now() })
  context.afterCommit(() => settleOrders(parts, changed))
  return { order, isNew: true, ...said }
}

/** The terms that the input names. @throws Problem `input.invalid` for one that does not belong to the role */
function termsOf(input: Input): Terms {
  const terms: Terms = {
    ...rulesOf(input),
    ...(input.percent === undefined ? {} : { percent: input.percent }),
    ...(input.cpuShare === undefined ? {} : { cpuShare: input.cpuShare }),
    ...(input.disagreementsPerWindow === undefined ? {} : { samplesPerWindow: input.disagreementsPerWindow }),
  }
  const belongs: Record<keyof Terms, Input['as']> = {
    ...{ probation: 'active', serving: 'active', percent: 'split', cpuShare: 'shadow', samplesPerWindow: 'shadow' },
  }
  const wrong = (Object.keys(terms) as (keyof Terms)[]).find((name) => belongs[name] !== input.as)
  if (wrong === undefined) return terms
  const name = wrong === 'samplesPerWindow' ? 'disagreementsPerWindow' : wrong
  throw new Problem('input.invalid', `'${name}' belongs to a version that is ordered as ${belongs[wrong]}, not as ${input.as}.`)
}

/** Rules of probation and serving that an input names; a field that is left out is not there. */
export function rulesOf(input: Pick<Input, 'probation' | 'serving'>): Pick<Terms, 'probation' | 'serving'> {
  const { probation, serving } = input
  return {
    ...(probation === undefined ? {} : { probation: given(probation) }),
    ...(serving === undefined ? {} : { serving: given(serving) }),
  }
}

function given(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function configOf({ windowSeconds, samplesPerWindow }: Input): { windowSeconds?: number; samplesPerWindow?: number } | null {
  if (windowSeconds === undefined && samplesPerWindow === undefined) return null
  return {
    ...(windowSeconds === undefined ? {} : { windowSeconds }),
    ...(samplesPerWindow === undefined ? {} : { samplesPerWindow }),
  }
}

/** Tells why a version cannot stand beside what is ordered on a device; null: it can. Versions are compared once each. */
export function besideRefusal(
  { registry }: Pick<ReleaseParts, 'registry'>,
  { version, deployment }: Target,
): (entry: RosterEntry) => SkipReason | null {
  const known = new Map<string, boolean>()
  return ({ orders }) => {
    const active = orders.find((one) => one.deployment === deployment)
    if (active === undefined) return 'no-active'
    if (active.digest === version.digest) return 'is-active'
    const isSame = known.get(active.digest) ?? takesTheSame(registry.version(active.model, active.version), version)
    known.set(active.digest, isSame)
    return isSame ? null : 'other-inputs'
  }
}

/** Both are asked with the same requests. */
function takesTheSame(a: RegisteredVersion, b: RegisteredVersion): boolean {
  const inputs = ({ manifest }: RegisteredVersion): string =>
    JSON.stringify(requestSpecs(manifest).map(({ name, datatype, shape }) => [name, datatype, shape]))
  return inputs(a) === inputs(b)
}

/** What is ordered in a slot of a device now. */
function filling(entry: RosterEntry, deployment: string, slot: OrderSlot): Pick<Wanted, 'digest' | 'role' | 'terms'> | null {
  const row = entry.orders.find((one) => one.deployment === deployment)
  if (row === undefined) return null
  return slot === 'beside' ? row.beside : { digest: row.digest, role: 'active', terms: row.terms }
}

/**
 * True for a device that gets the order. One that has this version ordered gets it anew, with a higher counter, if it refused the version,
 * or does not follow the order that stands here (as after a restored fleet.db): a person who orders again means it.
 */
function isChange(
  { row, orderCounter }: RosterEntry,
  of: { deployment: string; slot: OrderSlot; before: Pick<Wanted, 'digest' | 'role' | 'terms'> | null; wanted: Wanted },
): boolean {
  const { before, wanted } = of
  if (before?.digest !== wanted.digest || before.role !== wanted.role || !isSameTerms(before.terms, wanted.terms)) return true
  const reported = reportedOf(row, of.deployment)
  const state = of.slot === 'beside' ? reported?.beside?.state : reported?.state
  if (state === 'rejected' || state === 'reverted' || row.reported?.assignmentProblem != null) return true
  return (row.reported?.assignmentCounter ?? 0) > (orderCounter ?? 0)
}

/** Two windows that order the same get the same order: the newest one in force on a selected device; null if it is from before there were any. */
function standingOrder({ store }: ReleaseParts, of: { deployment: string; slot: OrderSlot; devices: readonly string[] }): number | null {
  const wanted = new Set(of.devices)
  const orders = store.orders
    .inForce()
    .flatMap((row) => (row.deployment === of.deployment && row.slot === of.slot && wanted.has(row.device) ? [row.order] : []))
  return orders.length === 0 ? null : orders.reduce((newest, order) => Math.max(newest, order))
}

/** True if a device would change by an order, for the preview: it has another bundle or role in that slot. */
export function wouldChange(entry: RosterEntry, deployment: string, wanted: Pick<Wanted, 'digest' | 'role'>): boolean {
  const before = filling(entry, deployment, slotOfRole(wanted.role))
  return before?.digest !== wanted.digest || before.role !== wanted.role
}
