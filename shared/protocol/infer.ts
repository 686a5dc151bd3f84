import { z } from 'zod'
import { deploymentName, deviceId } from '../domain/ids.ts'
import { count, epochMs, head, text } from './message.ts'

/** Longest inference message, bytes: what the broker takes of a device. */
export const MAX_INFER_BYTES = 200 * 1024

/** Asks a deployment of a device, as a message. The same request id, sent again, may be answered again: inference has no effect. */
export const inferRequestMessage = z
  .looseObject({
    ...head,
    id: text(64).describe('Chosen by who asks; the answer carries it.'),
    expiresAt: epochMs
      .describe('After this nobody waits any more: an older request is dropped. Clock of who asks.')
      .nullable()
      .default(null),
    request: z.looseObject({}).describe('A request in the JSON form of the Open Inference Protocol v2.'),
  })
  .describe('Inference as a message: a request.')
export type InferRequestMessage = z.infer<typeof inferRequestMessage>

/** The answer to one request, once. */
export const inferResultMessage = z
  .looseObject({
    ...head,
    device: deviceId,
    deployment: deploymentName,
    id: text(64),
    status: count.describe('As the local HTTP API would answer: 200, or the status of the problem.'),
    response: z.looseObject({}).describe('The answer of the Open Inference Protocol v2, or `{error, code}`.'),
  })
  .describe('Inference as a message: the answer.')
export type InferResultMessage = z.infer<typeof inferResultMessage>
