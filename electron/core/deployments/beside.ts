import { Problem } from '../../../shared/domain/problem.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { CommandContext } from '../../../shared/rpc/dispatch.ts'
import type { ReleaseParts } from '../api/release-parts.ts'
import { settleOrders } from '../api/settle-orders.ts'
import { reportedOf, selectEntries } from '../devices/summary.ts'
import { isBesideInRole } from '../orders/device-state.ts'
import { withdrawnReader, type BackKnowledge } from '../orders/giving-back.ts'
import { placeOrder, type DeviceOrder, type NewOrder } from '../orders/place.ts'
import type { DeploymentRow } from '../store/fleet/deployments.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import { mergeTerms, type Wanted } from '../store/fleet/terms.ts'
import type { VersionName } from '../store/fleet/version-names.ts'
import { rulesOf } from './apply.ts'
import { refuseHeld } from './holding.ts'
import { noteForRole, requireForRole } from './releasing.ts'
import { skipper, type SkipReason } from './skipping.ts'

type Changed = ResultOf<'deployments.endBeside'>

/** Takes away what stands beside the active version. @throws Problem `device.none-match` */
export function endBeside(parts: ReleaseParts, input: ParsedInputOf<'deployments.endBeside'>, context: CommandContext): Changed {
  const planned = plan(parts, input, ({ beside }, { row }) =>
    beside === null ? 'nothing-beside' : { device: row.device, wanted: null, was: beside },
  )
  const first = planned.devices[0]!.was
  return order(
    parts,
    { kind: 'end-beside', slot: 'beside', role: first.role, model: first.model, target: null },
    { input, planned, context },
  )
}

/** Makes the version beside the active one. @throws Problem `device.none-match`, `approval.*` */
export function promote(parts: ReleaseParts, input: ParsedInputOf<'deployments.promote'>, context: CommandContext): Changed {
  const { deployment, despiteAlerts } = input
  refuseHeld(parts.store, { deployment, as: 'active', despiteAlerts })
  const rules = rulesOf(input)
  const planned = plan(parts, input, (standing, { row }) => {
    const { beside } = standing
    if (beside === null) return 'nothing-beside'
    if (!isBesideInRole(reportedOf(row, input.deployment), beside)) return 'not-ready'
    const { digest, model, version } = beside
    const wanted: Wanted = { digest, model, version, role: 'active', terms: mergeTerms(standing.terms, rules) }
    return { device: row.device, wanted, was: beside }
  })
  const first = planned.devices[0]!.was
  const promoted = [...new Map(planned.devices.map(({ was }) => [was.digest, was])).values()]
  for (const one of promoted) requireForRole(parts.approvals, one, 'active')
  for (const one of promoted) noteForRole(parts.approvals, one, { role: 'active', by: context.caller.actor, at: parts.now() })
  const target = promoted.length === 1 ? { digest: first.digest, version: first.version } : null
  return order(parts, { kind: 'promote', slot: 'active', role: 'active', model: first.model, target }, { input, planned, context })
}

/**
 * Gives each device the last good version that it reports; one that has none, or a withdrawn one, gets the fallback version of the deployment, which it fetches.
 * A withdrawn version is given only where the one that serves was withdrawn as well and there is no fallback version.
 * @throws Problem `device.none-match`, `approval.withdrawn` if nothing else is there
 */
export function revert(
  parts: ReleaseParts,
  input: ParsedInputOf<'deployments.revert'>,
  context: CommandContext,
): ResultOf<'deployments.revert'> {
  const { planned, versions, fetching } = planRevert(parts, input)
  const { model } = requireAny(planned, input).devices[0]!.was
  const made = order(parts, { kind: 'revert', slot: 'active', role: 'active', model, target: null }, { input, planned, context })
  return { ...made, versions, fetching }
}

/** What a revert would do, without doing it. */
export function previewRevert(
  parts: ReleaseParts,
  input: ParsedInputOf<'deployments.previewRevert'>,
): ResultOf<'deployments.previewRevert'> {
  const { planned, versions, fetching } = planRevert(parts, input)
  const fallback = parts.approvals.fallbackOf(input.deployment)
  return {
    ...{ devices: planned.devices.length, versions, fetching, skipped: planned.skipped.list() },
    fallback: fallback === null ? null : { model: fallback.model, version: fallback.version },
  }
}

function planRevert(
  parts: ReleaseParts,
  input: { query: string; deployment: string },
): { planned: Plan } & Pick<ResultOf<'deployments.revert'>, 'versions' | 'fetching'> {
  const known = parts.store.versionNames.byDigest()
  const fallback = parts.approvals.fallbackOf(input.deployment)
  const isWithdrawn = withdrawnReader(parts.store)
  const fetching: string[] = []
  const planned = decideAll(parts, input, (standing, { row }) => {
    const found = goesBackTo(standing, reportedOf(row, input.deployment), { known, fallback, isWithdrawn })
    if (typeof found === 'string') return found
    if (found.isFallback) fetching.push(row.device)
    const { digest, model, version } = found
    const wanted: Wanted = { digest, model, version, role: 'active', terms: standing.terms }
    return { device: row.device, wanted, was: wanted }
  })
  const groups = new Map<string, { model: string; version: string; devices: number }>()
  for (const { was } of planned.devices) {
    const group = groups.get(was.digest) ?? { model: was.model, version: was.version, devices: 0 }
    groups.set(was.digest, group)
    group.devices += 1
  }
  return { planned, versions: [...groups.values()].sort((a, b) => b.devices - a.devices), fetching }
}

/** A version that a device can go back to. */
interface Back {
  digest: string
  model: string
  version: string
  /** It is the fallback version of the deployment, not one that the device has. */
  isFallback: boolean
}

/** What one device goes back to, or why it cannot. */
function goesBackTo(
  standing: DeploymentRow,
  reported: ReturnType<typeof reportedOf>,
  { known, fallback, isWithdrawn }: BackKnowledge & { known: ReadonlyMap<string, VersionName> },
): Back | SkipReason {
  if (reported?.active?.digest !== standing.digest) return 'not-on-order'
  const { lastGood } = reported
  const hasOwn = lastGood !== null && lastGood.digest !== standing.digest
  // What a device calls its version is its word; what it is called here is not.
  const name = hasOwn ? known.get(lastGood.digest) : undefined
  if (name !== undefined && !isWithdrawn(name)) return { ...name, isFallback: false }
  if (fallback !== null && fallback.digest !== standing.digest) return { ...fallback, isFallback: true }
  if (name !== undefined) return isWithdrawn(standing) ? { ...name, isFallback: false } : 'withdrawn'
  return hasOwn ? 'unknown-version' : 'no-last-good'
}

type Planned = DeviceOrder & { was: Wanted }

interface Plan {
  devices: Planned[]
  skipped: ReturnType<typeof skipper>
  /** Selected devices that have the deployment. */
  having: number
}

type Decide = (standing: DeploymentRow, entry: RosterEntry) => Planned | SkipReason

/** Decides for every selected device that has the deployment. @throws Problem `device.none-match` if none is left */
function plan(parts: ReleaseParts, of: { query: string; deployment: string }, decide: Decide): Plan {
  return requireAny(decideAll(parts, of, decide), of)
}

function decideAll({ store }: ReleaseParts, { query, deployment }: { query: string; deployment: string }, decide: Decide): Plan {
  const skipped = skipper()
  let having = 0
  const devices = selectEntries(store, query).flatMap((entry) => {
    const standing = entry.orders.find((one) => one.deployment === deployment)
    if (standing === undefined) return []
    having += 1
    const made = decide(standing, entry)
    if (typeof made !== 'string') return [made]
    skipped.add(made, entry.row.device)
    return []
  })
  return { devices, skipped, having }
}

function requireAny(planned: Plan, { query, deployment }: { query: string; deployment: string }): Plan {
  if (planned.devices.length > 0) return planned
  if (planned.skipped.has('withdrawn')) throw new Problem('approval.withdrawn', `Nothing was changed. ${planned.skipped.sentence()}`)
  const none = `No device that matches '${query}' has the deployment ${deployment}.`
  throw new Problem('device.none-match', `Nothing was changed. ${planned.having === 0 ? none : planned.skipped.sentence()}`)
}

function order(
  parts: ReleaseParts,
  what: Pick<NewOrder, 'kind' | 'slot' | 'role' | 'model' | 'target'>,
  of: { input: { query: string; deployment: string }; planned: Plan; context: CommandContext },
): Changed {
  const { input, planned, context } = of
  const { query, deployment } = input
  const devices = planned.devices.map(({ device, wanted }) => ({ device, wanted }))
  const id = placeOrder(parts, { ...what, actor: context.caller.actor, deployment, alias: null, query, of: null, devices }, parts.now())
  const names = devices.map(({ device }) => device)
  context.afterCommit(() => settleOrders(parts, names))
  return { order: id, deployment, devices: names, skipped: planned.skipped.list() }
}
