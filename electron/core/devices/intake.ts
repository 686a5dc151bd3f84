import { Problem, reportOf } from '../../../shared/domain/problem.ts'
import { decodeMessage } from '../../../shared/protocol/decode.ts'
import { certificateRequestMessage, type CertificateRequestMessage } from '../../../shared/protocol/certificate.ts'
import { enrolRequestMessage, type EnrolRequestMessage } from '../../../shared/protocol/enrolment.ts'
import { presenceMessage } from '../../../shared/protocol/presence.ts'
import { reportedMessage } from '../../../shared/protocol/reported.ts'
import type { ForwardedMessage } from '../hub/messages.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

/** What a batch of messages changed, for the parts that act on it after the commit. */
export interface IntakeResult {
  /** Devices that are connected (again): their desired state is re-sent. */
  online: string[]
  changed: boolean
  /** Devices whose row is another one now. */
  devices: Set<string>
  enrolments: EnrolRequestMessage[]
  certificates: CertificateRequestMessage[]
  /** Questions about trust metadata, as they came. */
  wants: { device: string; json: string }[]
  refused: { sender: string; name: string; code: string; message: string }[]
}

/** Stores what devices said of themselves, one transaction per batch. A message that does not parse is refused and counted, the next goes on. */
export function takeIn(store: FleetStore, messages: readonly ForwardedMessage[]): IntakeResult {
  const result: IntakeResult = { online: [], changed: false, devices: new Set(), enrolments: [], certificates: [], wants: [], refused: [] }
  store.transact(() => {
    for (const message of messages) {
      try {
        takeOne(store, message, result)
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        const { code, message: text } = reportOf(error)
        result.refused.push({ sender: message.sender, name: message.name, code, message: text })
      }
    }
  })
  return result
}

function takeOne(store: FleetStore, message: ForwardedMessage, result: IntakeResult): void {
  switch (message.name) {
    case 'presence': {
      const presence = decodeMessage(presenceMessage, message.json, 'presence')
      assertSender(message.sender, presence.device)
      if (store.devices.notePresence(presence, message.receivedAt)) noteChange(result, presence.device)
      if (presence.status === 'online') result.online.push(presence.device)
      return
    }
    case 'reported': {
      const reported = decodeMessage(reportedMessage, message.json, 'reported')
      assertSender(message.sender, reported.device)
      if (store.devices.noteReport(reported, message.receivedAt)) noteChange(result, reported.device)
      return
    }
    case 'certificateRequest': {
      const request = decodeMessage(certificateRequestMessage, message.json, 'certificate request')
      assertSender(message.sender, request.device)
      result.certificates.push(request)
      return
    }
    case 'trustWant':
      result.wants.push({ device: message.sender, json: message.json })
      return
    case 'enrolRequest': {
      const request = decodeMessage(enrolRequestMessage, message.json, 'enrolment request')
      assertSender(message.sender, request.request)
      result.enrolments.push(request)
      return
    }
  }
}

function noteChange(result: IntakeResult, device: string): void {
  result.changed = true
  result.devices.add(device)
}

/** The sender is known from the topic, which the broker checked; a payload that names another is forged. */
function assertSender(sender: string, named: string): void {
  if (sender !== named) throw new Problem('message.malformed', `${sender} sent a message in the name of ${named}.`)
}
