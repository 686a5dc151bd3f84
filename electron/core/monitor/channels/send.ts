import type { ChannelInput } from '../../../../shared/domain/alert.ts'
import { sendEmail } from './email.ts'
import type { Message } from './message.ts'
import type { Outcome } from './outcome.ts'
import { post } from './post.ts'
import { webhookHeaders } from './signature.ts'
import { cloudEvent, slackBody, teamsBody, type Body } from './webhook-body.ts'

/** Makes one attempt to tell a message in a channel. */
export type Send = (channel: ChannelInput, message: Message, now: number) => Promise<Outcome>

const bodies: Record<'webhook' | 'slack' | 'teams', (message: Message) => Body> = {
  webhook: cloudEvent,
  slack: slackBody,
  teams: teamsBody,
}

/** One attempt, in the form of the channel. A desktop takes its notices itself. */
export const sendMessage: Send = (channel, message, now) => {
  if (channel.kind === 'desktop') return Promise.resolve({ ok: true })
  if (channel.kind === 'email') return sendEmail(channel, message)
  const { contentType, json } = bodies[channel.kind](message)
  const body = JSON.stringify(json)
  const headers = { 'content-type': contentType, ...webhookHeaders({ uid: message.uid, now, body, secret: channel.secret }) }
  return post({ url: channel.url, headers, body, allowsPrivate: channel.allowsPrivate })
}
