import type { InputOf } from '../../../shared/rpc/contract.ts'
import type { BrokerShown } from '../../../shared/rpc/contract/setup.ts'

type BrokerInput = InputOf<'setup.complete'>['broker']

/** What a person has filled in so far; both kinds are kept, so that switching between them loses nothing. */
export interface BrokerDraft {
  kind: 'embedded' | 'external'
  host: string
  port: number
  tls: boolean
  /** Names that devices reach the broker by, separated by blanks or commas. */
  names: string
  localPort: number
  url: string
  username: string
  /** Empty: none, or the stored one is kept. */
  password: string
  hasPassword: boolean
}

/** Usual ports, without TLS and with it. */
export const PORTS = { plain: 1883, tls: 8883 } as const

/** The draft with TLS switched on or off; the usual ports go with it. */
export function withTls(draft: BrokerDraft, tls: boolean): BrokerDraft {
  const [from, to] = tls ? [PORTS.plain, PORTS.tls] : [PORTS.tls, PORTS.plain]
  return { ...draft, tls, port: draft.port === from ? to : draft.port }
}

/** The draft with another address; one that other machines reach brings TLS. */
export function withHost(draft: BrokerDraft, host: string): BrokerDraft {
  const next = { ...draft, host }
  return isReachable(host.trim()) && host.trim() !== '' && !draft.tls ? withTls(next, true) : next
}

/** The draft of the broker that counts now. */
export function draftOf(shown: BrokerShown): BrokerDraft {
  const isExternal = shown.kind === 'external'
  return {
    kind: shown.kind,
    host: shown.host ?? '127.0.0.1',
    port: shown.port ?? PORTS.plain,
    tls: shown.tls !== null,
    names: shown.tls?.names.join(' ') ?? '',
    localPort: shown.tls?.localPort ?? PORTS.plain,
    url: isExternal ? shown.url : '',
    username: shown.username ?? '',
    password: '',
    hasPassword: shown.hasPassword,
  }
}

/** True if devices on other machines reach a broker that listens there. */
export function isReachable(host: string): boolean {
  return !(host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host))
}

/** The choice as the core takes it; `null` while something is missing. */
export function choiceOf(draft: BrokerDraft): BrokerInput | null {
  if (draft.kind === 'embedded') {
    const host = draft.host.trim()
    if (host === '' || (isReachable(host) && !draft.tls)) return null
    if (!draft.tls) return { kind: 'embedded', host, port: draft.port }
    const names = draft.names.split(/[\s,]+/).filter((name) => name !== '')
    const isWrong = names.length > 32 || names.some((name) => !/^[A-Za-z0-9.:-]+$/.test(name))
    if (isWrong || (draft.port !== 0 && draft.port === draft.localPort)) return null
    return { kind: 'embedded', host, port: draft.port, tls: true, names, localPort: draft.localPort }
  }
  const url = draft.url.trim()
  if (!/^(mqtts?|wss?):\/\/[^/@]+/.test(url)) return null
  const isKept = draft.password === '' && draft.hasPassword
  return {
    kind: 'external',
    url,
    username: draft.username === '' ? null : draft.username,
    ...(isKept ? {} : { password: draft.password === '' ? null : draft.password }),
  }
}
