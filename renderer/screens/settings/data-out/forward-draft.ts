import { forwardInput, type ForwardEventKind, type ForwardInput } from '../../../../shared/domain/forward.ts'
import type { ForwardShown } from '../../../../shared/rpc/contract/forward.ts'

/** A way out as it stands in the editor: the fields of both kinds, as text. */
export interface ForwardDraft {
  /** `null`: a new one. */
  forward: string | null
  kind: ForwardInput['kind']
  name: string
  url: string
  allowsPrivate: boolean
  events: ForwardEventKind[]
  persons: boolean
  host: string
  port: number | ''
  database: string
  user: string
  tls: 'verify' | 'off'
  ca: string
  schema: string
  /** Empty: none, or as it is. */
  secret: string
  hasSecret: boolean
}

/** Kinds as a person reads them. */
export const forwardWords: Record<ForwardInput['kind'], { title: string; summary: string }> = {
  webhook: { title: 'Webhook', summary: 'An HTTP POST per event, as a signed CloudEvent, in order, tried again until it is taken.' },
  postgres: {
    title: 'PostgreSQL',
    summary: 'A copy of telemetry, kept up to date. Samples and labels stay here: they can be about people.',
  },
}

/** A new one of a kind. */
export function freshForward(kind: ForwardInput['kind']): ForwardDraft {
  return {
    ...{
      forward: null,
      kind,
      name: forwardWords[kind].title,
      url: '',
      allowsPrivate: false,
      events: ['rollout', 'deployment', 'model', 'device'],
    },
    ...{
      persons: false,
      host: '',
      port: 5432,
      database: '',
      user: '',
      tls: 'verify',
      ca: '',
      schema: 'muster',
      secret: '',
      hasSecret: false,
    },
  }
}

/** One that is changed: what the core shows of it. */
export function draftOfForward({ forward, name, settings, hasSecret }: ForwardShown): ForwardDraft {
  const fresh = { ...freshForward(settings.kind), forward, name, hasSecret }
  if (settings.kind === 'webhook') {
    const { url, allowsPrivate, events, persons } = settings
    return { ...fresh, url, allowsPrivate, events, persons }
  }
  const { host, port, database, user, tls, ca, schema } = settings
  return { ...fresh, host, port, database, user, tls, ca: ca ?? '', schema }
}

/** What the core is given, or what keeps it from being one, in words. */
export function forwardSet(draft: ForwardDraft): { set: ForwardInput } | { problem: string } {
  const { kind, events, persons, allowsPrivate, port, tls } = draft
  const name = draft.name.trim()
  const secret = draft.secret === '' ? null : draft.secret
  if (name === '') return { problem: 'Give it a name.' }
  if (kind === 'webhook') {
    const url = draft.url.trim()
    if (!/^https?:\/\/\S+$/i.test(url)) return { problem: 'Give the address, beginning with https:// or http://.' }
    if (events.length === 0) return { problem: 'Choose what it is told.' }
    return parsed({ kind, name, url, secret, allowsPrivate, events, persons })
  }
  const [host, database, user] = [draft.host.trim(), draft.database.trim(), draft.user.trim()]
  if (host === '' || database === '' || user === '') return { problem: 'Say which server, which database, and who writes.' }
  const ca = draft.ca.trim() === '' ? null : draft.ca
  return parsed({ kind, name, host, port, database, user, password: secret, tls, ca, schema: draft.schema.trim() })
}

function parsed(input: unknown): { set: ForwardInput } | { problem: string } {
  const found = forwardInput.safeParse(input)
  if (found.success) return { set: found.data }
  const first = found.error.issues[0]
  return { problem: `${String(first?.path.at(-1) ?? 'It')}: ${first?.message ?? 'cannot be read'}` }
}
