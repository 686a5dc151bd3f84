import { messageOf } from '../../../shared/domain/problem.ts'
import type { EnrolRequestMessage } from '../../../shared/protocol/enrolment.ts'
import { topicOf, topics } from '../../../shared/protocol/topics.ts'
import type { ApiParts } from '../api/parts.ts'
import { resendDesired } from '../deployments/assign.ts'
import { answerEnrolment } from '../enrolment/enrol.ts'
import type { Log } from '../log.ts'
import type { IntakeResult } from './intake.ts'

type Publish = (message: { topic: string; payload: Uint8Array; qos: 0 | 1; retain: boolean }) => Promise<void>

/** Acts on what devices said, after it is stored: re-sends desired state, answers enrolments, tells the views. */
export function act(parts: ApiParts, result: IntakeResult, { publish, log }: { publish: Publish; log: Log }): void {
  const { store } = parts
  if (result.online.length > 0) {
    store.transact(() => {
      for (const device of new Set(result.online)) resendDesired(parts, device, parts.now())
    })
    parts.onOutbox()
  }
  for (const request of result.enrolments) {
    enrol(parts, request, publish).catch((error: unknown) =>
      log('warn', 'an enrolment was not answered; the device asks again', { reason: messageOf(error) }),
    )
  }
  if (result.changed || result.enrolments.length > 0) parts.changed('devices', 'deployments')
  parts.book.settle([...result.devices])
  parts.config.note([...result.devices])
  parts.rollouts.note([...result.devices])
}

async function enrol(parts: ApiParts, request: EnrolRequestMessage, publish: Publish): Promise<void> {
  const answer = answerEnrolment(parts.store, request, { fleet: parts.fleet, trust: parts.keyring.roots(), now: parts.now() })
  if (answer.ok) parts.onDevicesChanged([answer.device], [])
  const { qos, retain } = topics.enrolResult
  await publish({
    topic: topicOf(parts.fleet, 'enrolResult', { request: request.request }),
    payload: Buffer.from(JSON.stringify(answer)),
    qos,
    retain,
  })
  parts.onCodesChanged()
}
