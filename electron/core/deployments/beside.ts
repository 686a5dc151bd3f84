import { Problem } from '../../../shared/domain/problem.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { CommandContext } from '../../../shared/rpc/dispatch.ts'
import type { ReleaseParts } from '../api/release-parts.ts'
import { settleOrders } from '../api/settle-orders.ts'
import { reportedOf, selectEntries } from '../devices/summary.ts'
import { isBesideInRole } from '../orders/device-state.ts'
import { placeOrder, type DeviceOrder, type NewOrder } from '../orders/place.ts'
import type { DeploymentRow } from '../store/fleet/deployments.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import { mergeTerms, type Wanted } from '../store/fleet/terms.ts'
import { rulesOf } from './apply.ts'
import { refuseHeld } from './holding.ts'
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

/** Makes the version beside the active one. @throws Problem `device.none-match` */
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
  const isOne = planned.devices.every(({ was }) => was.digest === first.digest)
  const target = isOne ? { digest: first.digest, version: first.version } : null
  return order(parts, { kind: 'promote', slot: 'active', role: 'active', model: first.model, target }, { input, planned, context })
}

/** Gives each device the last good version that it reports. @throws Problem `device.none-match` */
export function revert(
  parts: ReleaseParts,
  input: ParsedInputOf<'deployments.revert'>,
  context: CommandContext,
): ResultOf<'deployments.revert'> {
  const known = parts.store.versionNames.byDigest()
  const planned = plan(parts, input, (standing, { row }) => {
    const reported = reportedOf(row, input.deployment)
    if (reported?.active?.digest !== standing.digest) return 'not-on-order'
    const lastGood = reported.lastGood
    if (lastGood === null || lastGood.digest === standing.digest) return 'no-last-good'
    // What a device calls its version is its word; what it is called here is not.
    const name = known.get(lastGood.digest)
    if (name === undefined) return 'unknown-version'
    const wanted: Wanted = { digest: name.digest, model: name.model, version: name.version, role: 'active', terms: standing.terms }
    return { device: row.device, wanted, was: wanted }
  })
  const groups = new Map<string, { model: string; version: string; devices: number }>()
  for (const { was } of planned.devices) {
    const group = groups.get(was.digest) ?? { model: was.model, version: was.version, devices: 0 }
    groups.set(was.digest, group)
    group.devices += 1
  }
  const { model } = planned.devices[0]!.was
  const made = order(parts, { kind: 'revert', slot: 'active', role: 'active', model, target: null }, { input, planned, context })
  return { ...made, versions: [...groups.values()].sort((a, b) => b.devices - a.devices) }
}

type Planned = DeviceOrder & { was: Wanted }

interface Plan {
  devices: Planned[]
  skipped: ReturnType<typeof skipper>
}

/** Decides for every selected device that has the deployment. @throws Problem `device.none-match` if none is left */
function plan(
  { store }: ReleaseParts,
  { query, deployment }: { query: string; deployment: string },
  decide: (standing: DeploymentRow, entry: RosterEntry) => Planned | SkipReason,
): Plan {
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
  if (devices.length > 0) return { devices, skipped }
  const which = having === 0 ? `No device that matches '${query}' has the deployment ${deployment}.` : skipped.sentence()
  throw new Problem('device.none-match', `Nothing was changed. ${which}`)
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
