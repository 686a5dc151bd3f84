import type { Clock } from '../../shared/domain/clock.ts'
import { topicOf, topics } from '../../shared/protocol/topics.ts'
import type { Convergence } from '../converge/converge.ts'
import type { Passport } from '../identity/passport.ts'
import type { Identity } from '../identity.ts'
import type { Log } from '../log.ts'
import type { Generations } from '../supervise/generations.ts'
import type { Sender } from '../telemetry/sender.ts'
import type { RunningTrust } from '../trust/start-trust.ts'
import type { Witness } from '../witness/witness.ts'
import type { createBrokerBlockWire } from './broker-block-wire.ts'
import type { Connection } from './connection.ts'
import { createInbox } from './inbox.ts'
import { startMessageInference } from './inference.ts'

/** What listens to the console. */
export interface ListenParts {
  connection: Connection
  identity: Identity
  running: Convergence
  sender: Sender
  wire: ReturnType<typeof createBrokerBlockWire>
  log: Log
  clock: Clock
  generations: Generations
  trustWire: Omit<RunningTrust, 'trust' | 'trustFrom'>
  witness: Witness
  passport: Passport
  /** Something that is reported has changed. */
  onChange(): void
}

/** Hands each message of the console to the part that it is for. */
export function listen(parts: ListenParts): void {
  const { connection, identity, running, sender, wire, log, clock, generations, trustWire, witness, passport } = parts
  const { fleet, device } = identity
  const inference = startMessageInference({
    ...{ device, clock, log },
    infer: (deployment, request) => generations.infer(deployment, request),
    publish: (deployment, json) => connection.publish(topicOf(fleet, 'inferResult', { device, deployment }), json, topics.inferResult),
  })
  const inbox = createInbox({
    fleet,
    device,
    handlers: {
      desired(message) {
        running.order(message)
        // Whoever sends orders also takes records.
        sender.consoleHeard()
      },
      halt: (message) => running.halt(message),
      checkpoint(message) {
        if (witness.take(message)) parts.onChange()
      },
      telemetryAck: (message) => sender.acknowledged(message),
      block: (artifact, block, payload) => wire.deliver(artifact, block, payload),
      infer: (deployment, message) => inference.take(deployment, message),
      ...trustWire,
      certificateResult: (envelope) => passport.answer(envelope),
      refused: (problem, topic) => log('warn', 'A message was not understood and is dropped.', { topic, problem }),
    },
  })
  connection.onMessage(inbox)
  // A broker whose rules are from before there was a brake refuses this one: orders work all the same.
  connection.subscribe(topicOf(fleet, 'halt', {})).catch((error: unknown) => log('warn', 'The halt list is not heard.', { problem: error }))
  connection
    .subscribe(topicOf(fleet, 'checkpoint', {}))
    .catch((error: unknown) => log('warn', 'Checkpoints of the audit log are not heard.', { problem: error }))
}
