import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { desiredMessage, type DesiredMessage } from '../../shared/protocol/assignment.ts'
import { decodeMessage } from '../../shared/protocol/decode.ts'
import { haltMessage, type HaltMessage } from '../../shared/protocol/halt.ts'
import { inferRequestMessage, type InferRequestMessage } from '../../shared/protocol/infer.ts'
import { telemetryAckMessage, type TelemetryAckMessage } from '../../shared/protocol/telemetry.ts'
import { parseTopic } from '../../shared/protocol/topics.ts'

/** Where each message of the console goes, parsed. */
export interface InboxHandlers {
  desired(message: DesiredMessage): void
  halt(message: HaltMessage): void
  telemetryAck(message: TelemetryAckMessage): void
  block(artifact: string, block: number, payload: Uint8Array): void
  infer(deployment: string, message: InferRequestMessage): void
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
        case 'telemetryAck':
          handlers.telemetryAck(decodeMessage(telemetryAckMessage, textOf(payload), name))
          return
        case 'deviceBlock':
        case 'sharedBlock':
          handlers.block(parameters['artifact']!, blockNumber(parameters['block']!), payload)
          return
        case 'infer':
          handlers.infer(parameters['deployment']!, decodeMessage(inferRequestMessage, textOf(payload), name))
          return
        case 'inferResult':
        case 'presence':
        case 'reported':
        case 'telemetry':
        case 'blockWant':
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
