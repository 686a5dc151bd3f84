import { Problem } from '../../../shared/domain/problem.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { applyVersion, besideRefusal, targetOf, wouldChange } from '../deployments/apply.ts'
import { endBeside, previewRevert, promote, revert } from '../deployments/beside.ts'
import { skipper } from '../deployments/skipping.ts'
import { heldBy } from '../deployments/holding.ts'
import { deploymentsInUse } from '../deployments/in-use.ts'
import { previewDeployment } from '../deployments/preview.ts'
import { missingForRole } from '../deployments/releasing.ts'
import { reportedOf, selectEntries } from '../devices/summary.ts'
import { why } from '../devices/why.ts'
import { placeOrder } from '../orders/place.ts'
import { summaryOfOrder } from '../orders/summary.ts'
import { whyByRollout } from '../rollout/explain/handler.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import { slotOfRole } from '../store/fleet/terms.ts'
import type { ReleaseViewParts } from './release-parts.ts'
import { settleOrders } from './settle-orders.ts'

type Names = Extract<keyof Handlers, `deployments.${string}`>

/** Handlers of `deployments.*`. */
export function deploymentsHandlers(parts: ReleaseViewParts): Pick<Handlers, Names> {
  const { store, registry, approvals } = parts
  return {
    'deployments.list': () => {
      const last = new Map(store.orders.lastOfEach().map((row) => [row.deployment, summaryOfOrder(store.orders, row)]))
      return {
        deployments: deploymentsInUse(store.roster.all(), new Set(last.keys())).map((one) => ({
          ...one,
          lastOrder: last.get(one.deployment) ?? null,
        })),
      }
    },
    'deployments.preview': (input) => {
      const target = targetOf(parts, input)
      const refusal = input.as === 'active' ? () => null : besideRefusal(parts, target)
      const skipped = skipper()
      const entries = selectEntries(store, input.query).filter((entry) => skipped.passes(entry, refusal(entry)))
      const bundleBytes = registry.sizeOf(target.version.digest).bytes
      const wanted = { digest: target.version.digest, role: input.as }
      const changes = (entry: RosterEntry) => wouldChange(entry, target.deployment, wanted)
      const preview = previewDeployment(
        {
          ...{ ...target, entries, bundleBytes, changes, slot: slotOfRole(input.as) },
          ...{ blocksOf: (digest) => registry.blocksOf(digest), travelOf: (digest) => registry.travelOf(digest) },
        },
        input,
      )
      return {
        ...preview,
        skipped: skipped.list(),
        heldBy: heldBy(store, target.deployment),
        missing: missingForRole(approvals, target.version, input.as),
      }
    },
    'deployments.apply': (input, context) => applyVersion(parts, input, context),
    'deployments.endBeside': (input, context) => endBeside(parts, input, context),
    'deployments.promote': (input, context) => promote(parts, input, context),
    'deployments.previewRevert': (input) => previewRevert(parts, input),
    'deployments.revert': (input, context) => revert(parts, input, context),
    'deployments.remove': ({ query, deployment }, context) => {
      const selected = selectEntries(store, query).flatMap(({ row, orders }) => {
        const current = orders.find((one) => one.deployment === deployment)
        return current === undefined ? [] : [{ device: row.device, model: current.model }]
      })
      if (selected.length === 0)
        throw new Problem('device.none-match', `No device that matches '${query}' has the deployment ${deployment}. Nothing was changed.`)
      const devices = selected.map(({ device }) => device)
      const order = placeOrder(
        parts,
        {
          ...{
            kind: 'remove',
            slot: 'active',
            role: 'active',
            actor: context.caller.actor,
            deployment,
            model: selected[0]!.model,
            target: null,
            alias: null,
            query,
            of: null,
          },
          devices: devices.map((device) => ({ device, wanted: null })),
        },
        parts.now(),
      )
      context.afterCommit(() => settleOrders(parts, devices))
      return { order, deployment, devices }
    },
    'deployments.progress': ({ deployment, query }) => {
      const now = parts.now()
      const byRollout = whyByRollout(parts.rollouts.atHand(true), now)
      const whyOf = (entry: RosterEntry): string => byRollout(entry, deployment) ?? whyByOrder(entry, deployment, now)
      return { deployment, devices: selectEntries(store, query).flatMap((entry) => progressOf(entry, deployment, whyOf)) }
    },
  }
}

function whyByOrder({ row, orders }: RosterEntry, deployment: string, now: number): string {
  const desired = orders.find((one) => one.deployment === deployment)
  return desired === undefined ? `${row.device} was not ordered to fill ${deployment}.` : why(row, desired, now)
}

function progressOf(
  entry: RosterEntry,
  deployment: string,
  whyOf: (entry: RosterEntry) => string,
): ResultOf<'deployments.progress'>['devices'] {
  const { row, orders, orderCounter } = entry
  const desired = orders.find((one) => one.deployment === deployment)
  const reported = reportedOf(row, deployment)
  if (desired === undefined && reported === undefined) return []
  return [
    {
      device: row.device,
      status: row.status,
      desired: desired === undefined ? null : { model: desired.model, version: desired.version },
      active:
        reported?.active == null ? null : { model: reported.active.model, version: reported.active.version, since: reported.active.since },
      state: reported?.state ?? null,
      isOnNewestOrder: row.reported !== null && row.reported.assignmentCounter === orderCounter,
      blocksHave: reported?.progress?.blocksHave ?? null,
      blocksTotal: reported?.progress?.blocksTotal ?? null,
      problem: reported?.problem ?? row.reported?.assignmentProblem ?? null,
      why: whyOf(entry),
    },
  ]
}
