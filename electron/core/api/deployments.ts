import { deploymentName, slug } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { CommandContext, Handlers } from '../../../shared/rpc/dispatch.ts'
import { deploymentsInUse } from '../deployments/in-use.ts'
import { previewDeployment } from '../deployments/preview.ts'
import { reportedOf, selectEntries } from '../devices/summary.ts'
import { why } from '../devices/why.ts'
import { placeOrder } from '../orders/place.ts'
import { summaryOfOrder } from '../orders/summary.ts'
import type { RegisteredVersion } from '../registry/registry.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import type { ReleaseParts } from './release-parts.ts'

type Names = 'deployments.list' | 'deployments.preview' | 'deployments.apply' | 'deployments.remove' | 'deployments.progress'

/** Handlers of `deployments.*`. */
export function deploymentsHandlers(parts: ReleaseParts): Pick<Handlers, Names> {
  const { store, registry } = parts
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
      const entries = selectEntries(store, input.query)
      const bundleBytes = registry.sizeOf(target.version.digest).bytes
      return previewDeployment({ ...target, entries, bundleBytes, blocksOf: (digest) => registry.blocksOf(digest) }, input)
    },
    'deployments.apply': (input, context) => apply(parts, input, context),
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
    'deployments.progress': ({ deployment, query }) => ({
      deployment,
      devices: selectEntries(store, query).flatMap((entry) => progressOf(parts, entry, deployment)),
    }),
  }
}

interface Target {
  version: RegisteredVersion
  deployment: string
  /** As asked for, if that was an alias. */
  alias: string | null
}

/** What is asked for, with an alias turned into the version that it stands for now. @throws Problem `model.not-found` */
function targetOf({ registry }: ReleaseParts, input: { model: string; version: string; deployment?: string | undefined }): Target {
  const version = registry.version(input.model, input.version)
  // The deployment's name: as given, else the model's name as an id.
  const deployment = deploymentName.parse(input.deployment ?? slug(input.model, 'model'))
  return { version, deployment, alias: version.version === input.version ? null : input.version }
}

function apply(parts: ReleaseParts, input: ParsedInputOf<'deployments.apply'>, context: CommandContext): ResultOf<'deployments.apply'> {
  const { store } = parts
  const { version, deployment, alias } = targetOf(parts, input)
  const { digest, model } = version
  const selected = selectEntries(store, input.query)
  if (selected.length === 0) throw new Problem('device.none-match', `No device matches '${input.query}'. Nothing was ordered.`)
  const config = {
    ...(input.windowSeconds === undefined ? {} : { windowSeconds: input.windowSeconds }),
    ...(input.samplesPerWindow === undefined ? {} : { samplesPerWindow: input.samplesPerWindow }),
  }
  const changed = selected
    .filter((entry) => Object.keys(config).length > 0 || isChange(entry, deployment, digest))
    .map(({ row }) => row.device)
  const said = { deployment, model, version: version.version, devices: selected.map(({ row }) => row.device), changed }
  if (changed.length === 0) return { order: standingOrder(parts, deployment, said.devices), isNew: false, ...said }
  const wanted = { digest, model, version: version.version }
  const order = placeOrder(
    parts,
    {
      ...{ kind: 'deploy', actor: context.caller.actor, deployment, model, target: wanted, alias, query: input.query, of: null, config },
      devices: changed.map((device) => ({ device, wanted })),
    },
    parts.now(),
  )
  context.afterCommit(() => settleOrders(parts, changed))
  return { order, isNew: true, ...said }
}

/** Two windows that order the same get the same order: the newest one in force on a selected device; null if it is from before there were any. */
function standingOrder({ store }: ReleaseParts, deployment: string, devices: readonly string[]): number | null {
  const wanted = new Set(devices)
  const orders = store.orders.inForce().flatMap((row) => (row.deployment === deployment && wanted.has(row.device) ? [row.order] : []))
  return orders.length === 0 ? null : orders.reduce((newest, order) => Math.max(newest, order))
}

/** After a commit that changed what devices are ordered: the hub knows what they may fetch, the orders go out, the views ask again. */
export function settleOrders(parts: ReleaseParts, devices: readonly string[]): void {
  parts.onDevicesChanged([...devices], [])
  parts.onOutbox()
  parts.changed('deployments', 'devices')
  parts.book.refresh()
}

/**
 * True for a device that gets the order. One that has this version ordered gets it anew, with a higher counter, if it refused the version,
 * or does not follow the order that stands here (as after a restored fleet.db): a person who orders again means it.
 */
function isChange({ row, orders, orderCounter }: RosterEntry, deployment: string, digest: string): boolean {
  if (orders.find((one) => one.deployment === deployment)?.digest !== digest) return true
  const state = reportedOf(row, deployment)?.state
  if (state === 'rejected' || state === 'reverted' || row.reported?.assignmentProblem != null) return true
  return (row.reported?.assignmentCounter ?? 0) > (orderCounter ?? 0)
}

function progressOf(
  { now }: ReleaseParts,
  { row, orders, orderCounter }: RosterEntry,
  deployment: string,
): ResultOf<'deployments.progress'>['devices'] {
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
      why: desired === undefined ? `${row.device} was not ordered to fill ${deployment}.` : why(row, desired, now()),
    },
  ]
}
