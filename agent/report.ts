import type { BootId, DeviceId } from '../shared/domain/ids.ts'
import { musterVersion } from '../shared/domain/version.ts'
import { WIRE_VERSION } from '../shared/protocol/message.ts'
import type { PresenceMessage } from '../shared/protocol/presence.ts'
import type { DeviceFacts, ReportedMessage } from '../shared/protocol/reported.ts'
import type { ReportedTrust } from '../shared/protocol/trust.ts'
import type { Witness } from './witness/witness.ts'
import type { Convergence } from './converge/converge.ts'

/** Who speaks: the device and this start of its agent. */
export interface Speaker {
  device: DeviceId
  boot: BootId
}

/** The presence of an agent, as it says it itself or as its last will. */
export function presenceOf({ device, boot }: Speaker, status: PresenceMessage['status'], now: number): PresenceMessage {
  return { v: WIRE_VERSION, sentAt: now, device, status, boot, agentVersion: musterVersion }
}

/** Returns a function that makes the reported state of now; its sequence grows with each call. */
export function createReporter(
  speaker: Speaker,
  convergence: Convergence,
  more: { facts(): DeviceFacts; trust(): ReportedTrust; witness: Witness; erased(): string[] },
): (now: number) => ReportedMessage {
  let sequence = 0
  return (now) => {
    sequence += 1
    const problem = convergence.orderProblem()
    return {
      v: WIRE_VERSION,
      sentAt: now,
      ...speaker,
      sequence,
      facts: more.facts(),
      assignmentCounter: convergence.orderCounter,
      assignmentEpoch: convergence.orderEpoch,
      trust: more.trust(),
      assignmentProblem: problem === null ? null : { code: problem.code, message: problem.message.slice(0, 2000) },
      deployments: convergence.deployments(),
      lock: convergence.currentLock(),
      ...more.witness.kept(),
      erased: more.erased(),
      haltCounter: convergence.haltCounter,
    }
  }
}
