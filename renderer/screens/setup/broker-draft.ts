import type { InputOf } from '../../../shared/rpc/contract.ts'
import type { BrokerShown } from '../../../shared/rpc/contract/setup.ts'

type BrokerInput = InputOf<'setup.complete'>['broker']

/** What a person has filled in so far; both kinds are kept, so that switching between them loses nothing. */
export interface BrokerDraft {
  kind: 'embedded' | 'external'
  host: string
  port: number
  allowPlaintext: boolean
  url: string
  username: string
  /** Empty: none, or the stored one is kept. */
  password: string
  hasPassword: boolean
}

/** The draft of the broker that counts now. */
export function draftOf(shown: BrokerShown): BrokerDraft {
  const isExternal = shown.kind === 'external'
  return {
    kind: shown.kind,
    host: shown.host ?? '127.0.0.1',
    port: shown.port ?? 1883,
    allowPlaintext: shown.allowPlaintext,
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
    if (host === '' || (isReachable(host) && !draft.allowPlaintext)) return null
    return { kind: 'embedded', host, port: draft.port, allowPlaintext: isReachable(host) && draft.allowPlaintext }
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
