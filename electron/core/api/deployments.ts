import { slug, deploymentName } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { bundleSizeBytes } from '../../../shared/domain/bundle.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { assign } from '../deployments/assign.ts'
import { reportedOf, selectDevices } from '../devices/summary.ts'
import { why } from '../devices/why.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import type { ApiParts } from './parts.ts'

type Names = 'deployments.preview' | 'deployments.apply' | 'deployments.remove' | 'deployments.progress'

/** Handlers of `deployments.*`. */
export function deploymentsHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, registry } = parts
  return {
    'deployments.preview': (input) => {
      const version = registry.version(input.model, input.version)
      const deployment = nameOf(input.deployment, input.model)
      return {
        deployment,
        bundleBytes: bundleSizeBytes(version.manifest),
        devices: selectDevices(store, input.query).map((row) => {
          const current = store.deployments.ofDevice(row.device).find((one) => one.deployment === deployment)
          return {
            device: row.device,
            status: row.status,
            current: current === undefined ? null : { model: current.model, version: current.version },
            change: current?.digest !== version.digest,
          }
        }),
      }
    },
    'deployments.apply': (input, context) => {
      const { digest } = registry.version(input.model, input.version)
      const deployment = nameOf(input.deployment, input.model)
      const selected = selectDevices(store, input.query)
      if (selected.length === 0) throw new Problem('device.none-match', `No device matches '${input.query}'. Nothing was ordered.`)
      const config = {
        ...(input.windowSeconds === undefined ? {} : { windowSeconds: input.windowSeconds }),
        ...(input.samplesPerWindow === undefined ? {} : { samplesPerWindow: input.samplesPerWindow }),
      }
      const at = parts.now()
      const changed = selected.filter(
        (row) =>
          Object.keys(config).length > 0 ||
          store.deployments.ofDevice(row.device).find((one) => one.deployment === deployment)?.digest !== digest ||
          needsNewOrder(parts, row, deployment),
      )
      for (const row of changed) {
        store.deployments.put({ device: row.device, deployment, digest, model: input.model, version: input.version, orderedAt: at })
        assign(parts, row.device, { now: at, config })
      }
      context.afterCommit(() =>
        settle(
          parts,
          changed.map((row) => row.device),
        ),
      )
      return { deployment, devices: selected.map((row) => row.device), changed: changed.map((row) => row.device) }
    },
    'deployments.remove': ({ query, deployment }, context) => {
      const at = parts.now()
      const devices = selectDevices(store, query)
        .map((row) => row.device)
        .filter((device) => store.deployments.remove(device, deployment))
      if (devices.length === 0)
        throw new Problem('device.none-match', `No device that matches '${query}' has the deployment ${deployment}. Nothing was changed.`)
      for (const device of devices) assign(parts, device, { now: at })
      context.afterCommit(() => settle(parts, devices))
      return { deployment, devices }
    },
    'deployments.progress': ({ deployment, query }) => ({
      deployment,
      devices: selectDevices(store, query).flatMap((row) => progressOf(parts, row, deployment)),
    }),
  }
}

/** After a commit that changed what devices are ordered: the hub knows what they may fetch, the orders go out, the views ask again. */
function settle(parts: ApiParts, devices: string[]): void {
  parts.onDevicesChanged(devices, [])
  parts.onOutbox()
  parts.changed('deployments', 'devices')
}

/**
 * True for a device that gets the order anew, with a higher counter, when a person orders the same version again: it refused the version,
 * or it does not follow the order that stands here (as after a restored fleet.db).
 */
function needsNewOrder({ store }: ApiParts, row: DeviceRow, deployment: string): boolean {
  const state = reportedOf(row, deployment)?.state
  if (state === 'rejected' || state === 'reverted' || row.reported?.assignmentProblem != null) return true
  return (row.reported?.assignmentCounter ?? 0) > (store.deployments.assignment(row.device)?.counter ?? 0)
}

function progressOf({ store, now }: ApiParts, row: DeviceRow, deployment: string): ResultOf<'deployments.progress'>['devices'] {
  const desired = store.deployments.ofDevice(row.device).find((one) => one.deployment === deployment)
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
      isOnNewestOrder: row.reported !== null && row.reported.assignmentCounter === store.deployments.assignment(row.device)?.counter,
      blocksHave: reported?.progress?.blocksHave ?? null,
      blocksTotal: reported?.progress?.blocksTotal ?? null,
      problem: reported?.problem ?? row.reported?.assignmentProblem ?? null,
      why: desired === undefined ? `${row.device} was not ordered to fill ${deployment}.` : why(row, desired, now()),
    },
  ]
}

/** The deployment's name: as given, else the model's name as an id. */
function nameOf(given: string | undefined, model: string): string {
  return deploymentName.parse(given ?? slug(model, 'model'))
}
