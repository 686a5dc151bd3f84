import { channelInput, type AlertSeverity, type ChannelInput, type ChannelKind } from '../../../shared/domain/alert.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'

/** A channel of the list. */
export type Channel = OutputOf<'alerts.channels'>['channels'][number]

/** A channel as it stands in the editor: the fields of every kind, as text. */
export interface ChannelDraft {
  /** `null`: a new one. */
  channel: string | null
  kind: ChannelKind
  name: string
  isEnabled: boolean
  leastSeverity: AlertSeverity
  tellsResolved: boolean
  url: string
  allowsPrivate: boolean
  host: string
  port: number | ''
  security: 'starttls' | 'tls' | 'none'
  username: string
  from: string
  /** One address per line or comma. */
  to: string
  /** Empty: none, or as it is. */
  secret: string
  hasSecret: boolean
}

/** Kinds of channel as a person reads them. */
export const channelWords: Record<ChannelKind, { title: string; summary: string }> = {
  desktop: { title: 'Desktop', summary: 'Notifications of the desktop app, and of browsers that allow them.' },
  webhook: { title: 'Webhook', summary: 'An HTTP POST of JSON, signed, tried again until it is taken.' },
  slack: { title: 'Slack', summary: 'A message to an incoming webhook of Slack.' },
  teams: { title: 'Teams', summary: 'A card to a workflow of Microsoft Teams.' },
  email: { title: 'E-mail', summary: 'A message by your SMTP server.' },
}

/** Ports that mail is usually handed to, by how the connection is kept private. */
export const usualPorts: Record<ChannelDraft['security'], number> = { starttls: 587, tls: 465, none: 25 }

/** A new channel of a kind. */
export function freshChannel(kind: ChannelKind): ChannelDraft {
  return {
    ...{ channel: null, kind, name: channelWords[kind].title, isEnabled: true, leastSeverity: 'warning', tellsResolved: true },
    ...{ url: '', allowsPrivate: false, host: '', port: 587, security: 'starttls', username: '', from: '', to: '', secret: '' },
    hasSecret: false,
  }
}

/** A channel that is changed: what the core shows of it. */
export function draftOfChannel({
  channel,
  kind,
  name,
  isEnabled,
  leastSeverity,
  tellsResolved,
  settings,
  hasSecret,
}: Channel): ChannelDraft {
  const text = (key: string): string => (typeof settings[key] === 'string' ? settings[key] : '')
  const security = text('security')
  const to = settings['to']
  return {
    ...freshChannel(kind),
    ...{ channel, name, isEnabled, leastSeverity, tellsResolved, hasSecret },
    ...{ url: text('url'), allowsPrivate: settings['allowsPrivate'] === true, host: text('host'), username: text('username') },
    port: typeof settings['port'] === 'number' ? settings['port'] : 587,
    security: security === 'tls' || security === 'none' ? security : 'starttls',
    from: text('from'),
    to: Array.isArray(to) ? to.join(', ') : '',
  }
}

/** What the core is given, or what keeps it from being a channel, in words. */
export function channelSet(draft: ChannelDraft): { set: ChannelInput } | { problem: string } {
  const { kind, isEnabled, leastSeverity, tellsResolved } = draft
  const common = { name: draft.name.trim(), isEnabled, leastSeverity, tellsResolved }
  if (common.name === '') return { problem: 'Give the channel a name.' }
  if (kind === 'desktop') return parsed({ kind, ...common })
  const secret = draft.secret === '' ? null : draft.secret
  if (kind === 'email') {
    const to = draft.to.split(/[\s,;]+/).filter((address) => address !== '')
    if (draft.host.trim() === '') return { problem: 'Say which server takes the mail.' }
    if (draft.from.trim() === '' || to.length === 0) return { problem: 'Say from whom the mail is and to whom it goes.' }
    const { security, username } = draft
    return parsed({
      ...{ kind, ...common, host: draft.host.trim(), port: draft.port, security, username: username === '' ? null : username },
      ...{ password: secret, from: draft.from.trim(), to },
    })
  }
  if (!/^https?:\/\/\S+$/i.test(draft.url.trim())) return { problem: 'Give the address, beginning with https:// or http://.' }
  return parsed({ kind, ...common, url: draft.url.trim(), secret, allowsPrivate: draft.allowsPrivate })
}

function parsed(input: unknown): { set: ChannelInput } | { problem: string } {
  const found = channelInput.safeParse(input)
  if (found.success) return { set: found.data }
  const first = found.error.issues[0]
  return { problem: `${String(first?.path.at(-1) ?? 'The channel')}: ${first?.message ?? 'cannot be read'}` }
}
