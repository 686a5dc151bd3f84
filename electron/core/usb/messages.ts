import { carryPaths, orderPath, trustPath, type CarriedDevice } from '../../../shared/protocol/carry.ts'
import { deviceId, spoolId } from '../../../shared/domain/ids.ts'
import type { ApiParts } from '../api/parts.ts'

type MessageParts = Pick<ApiParts, 'store' | 'trust' | 'telemetry'>
const MAX_SPOOLS = 64

/** Everything small of a folder, by path, and what it says to each device. All of it is of one moment. */
export function carriedMessages(parts: MessageParts, devices: readonly string[]): { files: Map<string, Buffer>; own: CarriedDevice[] } {
  const { store } = parts
  const files = trustFiles(parts)
  const halt = store.settings.get('haltList')?.message
  if (halt !== undefined) files.set(carryPaths.halt, Buffer.from(halt))
  const checkpoint = store.auditWitnesses.newest()?.message
  if (checkpoint !== undefined) files.set(carryPaths.checkpoint, Buffer.from(checkpoint))
  const own = devices.map((device): CarriedDevice => {
    const order = store.deployments.assignment(device)
    if (order !== null) files.set(orderPath(device), Buffer.from(order.message))
    return { device: deviceId.parse(device), order: order === null ? null : orderPath(device), spools: acknowledged(parts, device) }
  })
  return { files, own }
}

/** How far the spools of a device are stored: what it may let go of. */
function acknowledged({ telemetry }: MessageParts, device: string): CarriedDevice['spools'] {
  return telemetry
    .ledger(device)
    .slice(-MAX_SPOOLS)
    .flatMap(({ spool, through }) => {
      const parsed = spoolId.safeParse(spool)
      return parsed.success ? [{ spool: parsed.data, through }] : []
    })
}

/** Every root, for a device may stand at any of them, and the newest of the other files. */
function trustFiles({ store, trust: { repository } }: MessageParts): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  const put = (name: string, bytes: Buffer | null | undefined): void => {
    if (bytes != null) files.set(trustPath(name), bytes)
  }
  for (let version = 1; version <= repository.root().version; version += 1) put(`root-${version}`, repository.file(`root-${version}`))
  put('introduction', repository.file('introduction'))
  put('timestamp', repository.file('timestamp'))
  for (const role of ['snapshot', 'targets'] as const) {
    const newest = store.trust.newest(role)
    if (newest !== null) put(newest.name, newest.bytes)
  }
  return files
}
