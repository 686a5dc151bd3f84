import type { ReportedDeployment } from '../../../shared/protocol/reported.ts'
import type { DeploymentRow } from '../store/fleet/deployments.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import { reportedOf } from './summary.ts'

/** Why a deployment is where it is, as one sentence: the first reason that holds, with the number that decides it. */
export function why(row: DeviceRow, desired: DeploymentRow, now: number): string {
  const wanted = `${desired.model} ${desired.version}`
  const reported = reportedOf(row, desired.deployment)
  if (reported?.active?.digest === desired.digest)
    return `${row.device} runs ${wanted} since ${new Date(reported.active.since).toISOString()}.`
  const not = `${row.device} is not on ${wanted}`
  if (row.status === 'never-seen') return `${not}: it has not connected yet.`
  if (reported?.problem != null && reported.state !== 'fetching') return `${not}: ${reported.problem.message} (${reported.problem.code})`
  const refused = row.reported?.assignmentProblem
  if (refused != null) return `${not}: it could not take the order: ${refused.message} (${refused.code})`
  if (row.status === 'offline')
    return `${not}: it is offline${row.lastSeenAt === null ? '' : ` for ${duration(now - row.lastSeenAt)}`}; it gets the order when it connects.`
  if (reported === undefined) return `${not}: it has not answered the order yet.`
  return `${not}: ${stateSentence(reported)}`
}

function stateSentence(reported: ReportedDeployment): string {
  switch (reported.state) {
    case 'fetching':
      return reported.progress === null
        ? 'it is fetching the bundle.'
        : `it is fetching the bundle: ${reported.progress.blocksHave} of ${reported.progress.blocksTotal} blocks are there.`
    case 'verified':
    case 'preflighted':
    case 'staged':
      return 'the bundle is on the device and is being checked.'
    case 'probing':
      return 'the model is being tried in the candidate slot.'
    case 'reverted':
    case 'rejected':
      return 'the device refused it and serves the model it had.'
    case 'idle':
    case 'active':
      return 'the device has not begun the order yet.'
  }
}

/** A length of time in words: seconds, minutes, hours or days. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}
