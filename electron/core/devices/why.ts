import type { ReportedBeside, ReportedDeployment, WatchState } from '../../../shared/protocol/reported.ts'
import type { DeploymentRow } from '../store/fleet/deployments.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import type { OrderRole } from '../store/fleet/terms.ts'
import { reportedOf } from './summary.ts'

/** Why a deployment is where it is, as one sentence: the first reason that holds, with the number that decides it. */
export function why(row: DeviceRow, desired: Omit<DeploymentRow, 'beside'>, now: number): string {
  const wanted = `${desired.model} ${desired.version}`
  const reported = reportedOf(row, desired.deployment)
  if (reported?.active?.digest === desired.digest)
    return `${row.device} runs ${wanted} since ${new Date(reported.active.since).toISOString()}${watchWords(reported.watch)}.`
  const not = `${row.device} is not on ${wanted}`
  if (row.status === 'never-seen') return `${not}: it has not connected yet.`
  if (reported?.problem != null && reported.state !== 'fetching') return `${not}: ${reported.problem.message} (${reported.problem.code})`
  const away = awayReason(row, now)
  if (away !== null) return `${not}: ${away}`
  if (reported === undefined) return `${not}: it has not answered the order yet.`
  return `${not}: ${stateSentence(row, reported, now)}`
}

/** Why a version is, or is not, at work beside the active one. @param desired the bundle that is to stand beside, with its role */
export function whyBeside(
  row: DeviceRow,
  desired: { deployment: string; digest: string; model: string; version: string; role: OrderRole },
  now: number,
): string {
  const wanted = `${desired.model} ${desired.version}`
  const beside = reportedOf(row, desired.deployment)?.beside ?? null
  const isMine = beside?.content.digest === desired.digest && beside.role === desired.role
  const not = `${row.device} does not have ${wanted} as ${desired.role}`
  if (isMine && isAtWork(beside))
    return `${row.device} ${workWords[beside.role]} ${wanted} since ${new Date(beside.content.since).toISOString()}.`
  if (row.status === 'never-seen') return `${not}: it has not connected yet.`
  if (isMine && beside.problem !== null && beside.state !== 'fetching') return `${not}: ${beside.problem.message} (${beside.problem.code})`
  const away = awayReason(row, now)
  if (away !== null) return `${not}: ${away}`
  if (!isMine) return `${not}: it has not answered the order yet.`
  if (beside.state === 'fetching') return `${not}: ${fetchingWords(beside.progress)}`
  return `${not}: the bundle is on the device and is being checked.`
}

const workWords: Record<ReportedBeside['role'], string> = {
  shadow: 'compares',
  split: 'answers a share of the requests with',
  staged: 'has staged',
}

function isAtWork({ state, role }: ReportedBeside): boolean {
  return state === 'active' || (role === 'staged' && state === 'staged')
}

/** Why the device has not taken the order up, or cannot. */
function awayReason(row: DeviceRow, now: number): string | null {
  const refused = row.reported?.assignmentProblem
  if (refused != null) return `it could not take the order: ${refused.message} (${refused.code})`
  if (row.status !== 'offline') return null
  return `it is offline${row.lastSeenAt === null ? '' : ` for ${duration(now - row.lastSeenAt)}`}; it gets the order when it connects.`
}

/** What is still to be seen of a version that runs already. */
export function watchWords(watch: WatchState | null | undefined): string {
  if (watch == null) return ''
  const bad = [
    ...(watch.failed === 0 ? [] : [`${watch.failed} failed`]),
    ...(watch.notFinite === 0 ? [] : [`${watch.notFinite} with NaN or infinity`]),
  ]
  return `; on probation: ${watch.inferences} of ${watch.wanted} inferences seen${bad.length === 0 ? '' : `, ${bad.join(', ')}`}`
}

function stateSentence(row: DeviceRow, reported: ReportedDeployment, now: number): string {
  switch (reported.state) {
    case 'fetching':
      return fetchingWords(reported.progress)
    case 'verified':
    case 'preflighted':
    case 'staged':
      return lockWords(row, now) ?? 'the bundle is on the device and is being checked.'
    case 'probing':
      return lockWords(row, now) ?? 'the model is being tried in the candidate slot.'
    case 'reverted':
    case 'rejected':
      return 'the device refused it and serves the model it had.'
    case 'idle':
    case 'active':
      return 'the device has not begun the order yet.'
  }
}

/** An application asked that nothing is switched: what the candidate waits for. */
function lockWords({ device, reported }: DeviceRow, now: number): string | null {
  const lock = reported?.lock
  if (lock == null || lock.until <= now) return null
  return `it waits for the application lock of ${device}: ${lock.reason}, until ${new Date(lock.until).toISOString()}.`
}

function fetchingWords(progress: ReportedDeployment['progress']): string {
  return progress === null
    ? 'it is fetching the bundle.'
    : `it is fetching the bundle: ${progress.blocksHave} of ${progress.blocksTotal} blocks are there.`
}

/** A length of time in words: seconds, minutes, hours or days. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}
