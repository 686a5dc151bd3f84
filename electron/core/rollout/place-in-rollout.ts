import type { ReportedDeployment } from '../../../shared/protocol/reported.ts'
import { reportedOf } from '../devices/summary.ts'
import { isBesideInRole } from '../orders/device-state.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import type { DeviceFacts, DevicePlaceInRollout } from './engine/facts.ts'
import type { RolloutDevice } from './rollout-run.ts'

type Placed = Pick<DeviceFacts, 'place' | 'problem'>

const unexplained = { code: 'internal', message: 'The device refused the version and gave no reason.' }

/**
 * Where a device is with the version of a rollout, by its newest report. A report from before the order says nothing about it.
 * @param own the device in the rollout; null: it is not in it, or was never offered anything
 */
export function placeInRollout(row: DeviceRow, own: RolloutDevice | null, of: { deployment: string; digest: string }): Placed {
  const reported = reportedOf(row, of.deployment)
  const hasTaken = (row.reported?.assignmentCounter ?? 0) >= (own?.counter ?? 0)
  if (!hasTaken) {
    const refusal = (row.reportedAt ?? 0) < (own?.since ?? 0) ? null : (row.reported?.assignmentProblem ?? null)
    return refusal === null ? at('not-taken') : { place: 'refused', problem: { ...plain(refusal), isPassing: true } }
  }
  if (own?.state === 'reverting') return at(has(reported, of.digest) ? 'active' : 'back')
  if (reported?.active?.digest === of.digest) return at(reported.watch === null ? 'active' : 'probing')
  if (own?.state === 'committed') return failed('back', reported?.problem ?? null)
  return own?.last?.slot === 'beside' ? besidePlace(reported, of.digest) : candidatePlace(reported, { digest: of.digest, own })
}

/** The version is on its way to be the active one. */
function candidatePlace(reported: ReportedDeployment | undefined, of: { digest: string; own: RolloutDevice | null }): Placed {
  const isGivenUp = reported?.state === 'rejected' || reported?.state === 'reverted'
  if (isGivenUp && of.own !== null) return failed('refused', reported.problem)
  if (reported?.candidate?.digest !== of.digest) return at('not-taken')
  switch (reported.state) {
    case 'fetching':
      return at('fetching')
    case 'probing':
      return at('probing')
    case 'verified':
    case 'preflighted':
    case 'staged':
      return at('on-disk')
    case 'idle':
    case 'active':
    case 'rejected':
    case 'reverted':
      return at('not-taken')
  }
}

function besidePlace(reported: ReportedDeployment | undefined, digest: string): Placed {
  const beside = reported?.beside
  if (beside?.content.digest !== digest) return at('not-taken')
  if (beside.state === 'rejected' || beside.state === 'reverted') return failed('refused', beside.problem)
  if (isBesideInRole(reported, { digest, role: beside.role })) return at('beside')
  if (beside.state === 'fetching') return at('fetching')
  return at(beside.state === 'probing' ? 'probing' : 'on-disk')
}

function has(reported: ReportedDeployment | undefined, digest: string): boolean {
  return [reported?.active, reported?.candidate, reported?.beside?.content].some((one) => one?.digest === digest)
}

function at(place: DevicePlaceInRollout): Placed {
  return { place, problem: null }
}

function failed(place: 'refused' | 'back', reason: { code: string; message: string } | null): Placed {
  const problem = plain(reason ?? unexplained)
  return { place, problem: { ...problem, isPassing: isPassing(problem.code) } }
}

function plain({ code, message }: { code: string; message: string }): { code: string; message: string } {
  return { code: code.slice(0, 64), message: message.slice(0, 2000) }
}

/** What the version or the bundle did will happen again; the network, the disk or a busy machine may be better next time. */
const lasting = /^(model|bundle|probe|watch)\.|^(message\.unsupported-version|runtime\.crashed|internal)$/

function isPassing(code: string): boolean {
  return code === 'probe.timeout' || !lasting.test(code)
}
