import { z } from 'zod'
import { bootId, deviceId } from '../domain/ids.ts'
import { head, text } from './message.ts'

/** Device → console, retained, and the last will: whether the agent is connected. */
export const presenceMessage = z
  .looseObject({
    ...head,
    device: deviceId,
    status: z.enum(['online', 'offline']),
    boot: bootId.describe('Random per start of the agent; two that alternate on one id mean a clone.'),
    agentVersion: text(64),
  })
  .describe('Presence of a device; the broker publishes the offline form as the last will.')

export type PresenceMessage = z.infer<typeof presenceMessage>
