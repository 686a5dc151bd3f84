import { cut, linesOf, type Message } from './message.ts'

/** A body to post, with its media type. */
export interface Body {
  contentType: string
  json: unknown
}

/** CloudEvents 1.0 in structured JSON: programs read it. */
export function cloudEvent(message: Message): Body {
  const { uid, kind, at, fleet, ...data } = message
  return {
    contentType: 'application/cloudevents+json; charset=utf-8',
    json: {
      specversion: '1.0',
      id: uid,
      source: `/muster/${fleet.id}/alerts`,
      type: `muster.alert.${kind}`,
      time: new Date(at).toISOString(),
      ...(message.alerts[0] === undefined ? {} : { subject: String(message.alerts[0].alert) }),
      datacontenttype: 'application/json',
      data: { kind, fleet, ...data },
    },
  }
}

const marks = { info: 'ℹ️', warning: '⚠️', critical: '🔴' } as const
/** Slack refuses longer sections. */
const MOST_SECTION = 2900

/** A message as incoming webhooks of Slack take it; `text` is what notifications and readers of screens get. */
export function slackBody(message: Message): Body {
  const mark = message.kind === 'resolved' ? '✅' : message.kind === 'test' ? '🔔' : marks[message.severity]
  const title = `${mark} *${slackText(message.title)}*`
  const text = cut(linesOf(message).map(slackText).join('\n'), MOST_SECTION)
  return {
    contentType: 'application/json; charset=utf-8',
    json: {
      text: slackText(message.title),
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: `${title}\n${text}` } },
        { type: 'context', elements: [{ type: 'plain_text', text: cut(`${message.fleet.name} · ${message.severity}`, 200) }] },
      ],
    },
  }
}

/** The three characters that Slack gives a meaning; names come from devices and must not call people or hide links. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

const colours = { info: 'Accent', warning: 'Warning', critical: 'Attention' } as const

/** A message with an Adaptive Card, as webhooks of Teams take it. */
export function teamsBody(message: Message): Body {
  const colour = message.kind === 'resolved' ? 'Good' : colours[message.severity]
  const block = (text: string, more: object = {}): object => ({ type: 'TextBlock', wrap: true, text: teamsText(text), ...more })
  return {
    contentType: 'application/json; charset=utf-8',
    json: {
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            body: [
              block(message.title, { size: 'Medium', weight: 'Bolder', color: colour }),
              ...linesOf(message).map((line) => block(line)),
              block(`${message.fleet.name} · ${message.severity}`, { isSubtle: true, size: 'Small' }),
            ],
          },
        },
      ],
    },
  }
}

/** Cards read a part of Markdown: what would be read is escaped. */
function teamsText(text: string): string {
  return text.replaceAll(/[\\*_[\]()#`~]/g, (character) => `\\${character}`)
}
