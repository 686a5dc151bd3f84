import type { OrderDeviceState } from '../../../shared/rpc/contract/orders.ts'
import type { ReportedDeployment } from '../../../shared/protocol/reported.ts'
import { reportedOf } from '../devices/summary.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import type { OrderDeviceRow } from '../store/fleet/orders.ts'

/** What is known of a bundle's size, for the bytes of a device. */
export interface BundleSize {
  bytes: number
  blocks: number
}

/** Where a device is on an order, by its own report. */
export interface DevicePlace {
  state: OrderDeviceState
  /** Share of the bundle's blocks on the device; null while it does not say. */
  share: number | null
  bytesPlanned: number
  bytesPresent: number
  problem: { code: string; message: string } | null
}

type Transfer = Pick<ReportedDeployment, 'candidate' | 'progress'>

/** Where the device is on the order. @param row what was ordered @param device null: there is none of that name */
export function placeOf(
  row: OrderDeviceRow,
  device: DeviceRow | null,
  of: { createdAt: number; sizeOf(digest: string): BundleSize },
): DevicePlace {
  const { state, problem } = row.slot === 'beside' ? besideStateOf(row, device, of.createdAt) : stateOf(row, device, of.createdAt)
  // The same bundle again, with another configuration, or one that stood beside: there is nothing to fetch.
  const isOver = state === 'superseded' || state === 'cancelled' || state === 'gone'
  const isThere = row.wanted !== null && [row.previous, row.endedBeside].some((one) => one?.digest === row.wanted?.digest)
  if (row.wanted === null || isThere || isOver) return { state, share: null, bytesPlanned: 0, bytesPresent: 0, problem }
  const size = of.sizeOf(row.wanted.digest)
  const reported = device === null ? undefined : reportedOf(device, row.deployment)
  const share = shareOf(state, row.slot === 'beside' ? besideTransfer(reported) : reported, { digest: row.wanted.digest, size })
  return { state, share, bytesPlanned: size.bytes, bytesPresent: Math.round((share ?? 0) * size.bytes), problem }
}

/** The transfer of what is to stand beside, in the form of the one of a candidate. */
function besideTransfer(reported: ReportedDeployment | undefined): Transfer | undefined {
  const beside = reported?.beside
  return beside == null ? undefined : { candidate: beside.content, progress: beside.progress }
}

/** True if the device has a bundle in the role that is ordered: at work, or for `staged` whole on the disk. */
export function isBesideInRole(reported: ReportedDeployment | undefined, wanted: { digest: string; role: string }): boolean {
  const beside = reported?.beside
  if (beside == null || beside.content.digest !== wanted.digest || beside.role !== wanted.role) return false
  return beside.state === 'active' || (beside.role === 'staged' && beside.state === 'staged')
}

function besideStateOf(row: OrderDeviceRow, device: DeviceRow | null, createdAt: number): Pick<DevicePlace, 'state' | 'problem'> {
  if (row.leftHow !== null) return { state: row.leftHow, problem: null }
  if (device === null || device.enrolledAt > createdAt) return { state: 'gone', problem: null }
  const reported = reportedOf(device, row.deployment)
  const beside = reported?.beside ?? null
  const hasTaken = (device.reported?.assignmentCounter ?? 0) >= row.counter
  if (hasTaken && row.wanted === null && beside === null) return { state: 'removed', problem: null }
  if (hasTaken && row.wanted !== null && isBesideInRole(reported, row.wanted)) return { state: 'active', problem: null }
  const isMine = row.wanted !== null && beside?.content.digest === row.wanted.digest
  const hasRefused = isMine && (beside?.state === 'rejected' || beside?.state === 'reverted')
  if (hasTaken && hasRefused) return { state: 'failed', problem: beside?.problem ?? unexplained }
  const refusal = hasTaken ? null : orderRefusal(device, createdAt)
  if (refusal !== null) return { state: 'failed', problem: refusal }
  if (device.status !== 'online') return { state: 'waiting', problem: null }
  if (!hasTaken || !isMine) return { state: 'ordered', problem: null }
  return { state: beside?.state === 'fetching' ? 'fetching' : 'checking', problem: beside?.problem ?? null }
}

function stateOf(row: OrderDeviceRow, device: DeviceRow | null, createdAt: number): Pick<DevicePlace, 'state' | 'problem'> {
  if (row.leftHow !== null) return { state: row.leftHow, problem: null }
  // A device that was taken out and joined again knows nothing of orders from before.
  if (device === null || device.enrolledAt > createdAt) return { state: 'gone', problem: null }
  const reported = reportedOf(device, row.deployment)
  const hasTaken = (device.reported?.assignmentCounter ?? 0) >= row.counter
  if (hasTaken && row.wanted === null && reported === undefined) return { state: 'removed', problem: null }
  if (hasTaken && row.wanted !== null && reported?.active?.digest === row.wanted.digest) return { state: 'active', problem: null }
  const refusal = hasTaken ? refusalOf(row, reported) : orderRefusal(device, createdAt)
  if (refusal !== null) return { state: 'failed', problem: refusal }
  if (device.status !== 'online') return { state: 'waiting', problem: null }
  if (!hasTaken || row.wanted === null || reported?.candidate?.digest !== row.wanted.digest) return { state: 'ordered', problem: null }
  return { state: reported.state === 'fetching' ? 'fetching' : 'checking', problem: reported.problem }
}

const unexplained = { code: 'internal', message: 'The device refused the version and gave no reason.' }

/** The device took the order up and gave the version up for good. */
function refusalOf(row: OrderDeviceRow, reported: ReportedDeployment | undefined): DevicePlace['problem'] {
  if (row.wanted === null || (reported?.state !== 'rejected' && reported?.state !== 'reverted')) return null
  return reported.problem ?? unexplained
}

/** The device could not take the order itself. What it reported before the order says nothing about it. */
function orderRefusal(device: DeviceRow, createdAt: number): DevicePlace['problem'] {
  return (device.reportedAt ?? 0) < createdAt ? null : (device.reported?.assignmentProblem ?? null)
}

/**
 * The share of blocks that a device reports. It fetches the manifest first and counts the blocks of that alone: a count of blocks that is
 * not the bundle's says nothing about the bundle.
 */
function shareOf(state: OrderDeviceState, reported: Transfer | undefined, wanted: { digest: string; size: BundleSize }): number | null {
  if (state === 'active' || state === 'checking') return 1
  if (reported?.candidate?.digest !== wanted.digest || reported.progress === null) return null
  const { blocksHave, blocksTotal } = reported.progress
  return blocksTotal === wanted.size.blocks && blocksTotal > 0 ? Math.min(1, blocksHave / blocksTotal) : 0
}
