import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { desiredMessage, type DesiredMessage } from '../../shared/protocol/assignment.ts'
import { decodeMessage } from '../../shared/protocol/decode.ts'
import { checkpointMessage, type CheckpointMessage } from '../../shared/protocol/checkpoint.ts'
import { certificateResultMessage } from '../../shared/protocol/certificate.ts'
import type { Envelope } from '../../shared/protocol/envelope.ts'
import { haltMessage, type HaltMessage } from '../../shared/protocol/halt.ts'
import { inferRequestMessage, type InferRequestMessage } from '../../shared/protocol/infer.ts'
import { telemetryAckMessage, type TelemetryAckMessage } from '../../shared/protocol/telemetry.ts'
import { parseTopic } from '../../shared/protocol/topics.ts'

/** Where each message of the console goes, parsed. */
export interface InboxHandlers {
  desired(message: DesiredMessage): void
  halt(message: HaltMessage): void
  checkpoint(message: CheckpointMessage): void
  telemetryAck(message: TelemetryAckMessage): void
  block(artifact: string, block: number, payload: Uint8Array): void
  infer(deployment: string, message: InferRequestMessage): void
  /** The newest timestamp of the trust metadata, and an answer about a file of it. */
  trustTimestamp(payload: Uint8Array): void
  trustAnswer(name: string, payload: Uint8Array): void
  /** The signed answer about a certificate. */
  certificateResult(envelope: Envelope): void
  /** A message that was not understood: it is dropped, the next goes on. */
  refused(problem: Problem, topic: string): void
}

/** A console never sends more; a stranger on the broker may. */
const MAX_JSON_BYTES = 1024 * 1024

/** Returns the one place where bytes from the broker become typed messages of this device. */
export function createInbox(options: { fleet: string; device: string; handlers: InboxHandlers }): (topic: string, payload: Buffer) => void {
  const { fleet, device, handlers } = options
  return (topic, payload) => {
    try {
      const parsed = parseTopic(fleet, topic)
      if (parsed === null) throw new Problem('message.malformed', 'No message of this protocol has this topic.')
      const { name, parameters } = parsed
      if (parameters['device'] !== undefined && parameters['device'] !== device)
        throw new Problem('message.malformed', 'The message is for another device.')
      switch (name) {
        case 'desired':
          // An empty retained message is how MQTT clears one: there is no order, which changes nothing.
          if (payload.length > 0) handlers.desired(decodeMessage(desiredMessage, textOf(payload), name))
          return
        case 'halt':
          if (payload.length > 0) handlers.halt(decodeMessage(haltMessage, textOf(payload), name))
          return
        case 'checkpoint':
          if (payload.length > 0) handlers.checkpoint(decodeMessage(checkpointMessage, textOf(payload), name))
          return
        case 'telemetryAck':
          handlers.telemetryAck(decodeMessage(telemetryAckMessage, textOf(payload), name))
          return
        case 'deviceBlock':
        case 'sharedBlock':
          handlers.block(parameters['artifact']!, blockNumber(parameters['block']!), payload)
          return
        case 'trustTimestamp':
          if (payload.length > 0) handlers.trustTimestamp(payload)
          return
        // The filter of the answers also brings the own question back.
        case 'trustWant':
          return
        case 'trustAnswer':
          handlers.trustAnswer(parameters['name']!, payload)
          return
        case 'certificateResult':
          handlers.certificateResult(decodeMessage(certificateResultMessage, textOf(payload), name).envelope)
          return
        case 'infer':
          handlers.infer(parameters['deployment']!, decodeMessage(inferRequestMessage, textOf(payload), name))
          return
        case 'inferResult':
        case 'presence':
        case 'reported':
        case 'telemetry':
        case 'blockWant':
        case 'certificateRequest':
        case 'enrolRequest':
        case 'enrolResult':
          throw new Problem('message.malformed', `A console does not send ${name} to a device.`)
      }
    } catch (error) {
      handlers.refused(error instanceof Problem ? error : new Problem('internal', messageOf(error), { cause: error }), topic)
    }
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function textOf(payload: Buffer): string {
  if (payload.length > MAX_JSON_BYTES)
    throw new Problem('message.malformed', `${payload.length} bytes came; at most ${MAX_JSON_BYTES} are read.`)
  try {
    return decoder.decode(payload)
  } catch (error) {
    throw new Problem('message.malformed', 'The message is not UTF-8.', { cause: error })
  }
}

function blockNumber(level: string): number {
  if (!/^\d{1,9}$/.test(level)) throw new Problem('message.malformed', `'${level}' is no block number.`)
  return Number(level)
}
