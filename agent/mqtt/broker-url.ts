import { Problem } from '../../shared/domain/problem.ts'

/** Where a broker is, and the user whose name and password the URL carried. */
export interface BrokerAddress {
  /** Without user name and password: safe to log and to store. */
  url: string
  username: string | null
  password: string | null
}

const protocols = ['mqtt:', 'mqtts:', 'ws:', 'wss:']

/** Reads a broker URL. @throws Problem `usage` for anything but mqtt, mqtts, ws or wss with a host */
export function parseBrokerUrl(text: string): BrokerAddress {
  let url: URL
  try {
    url = new URL(text)
  } catch (error) {
    throw wrong(text, error)
  }
  if (!protocols.includes(url.protocol) || url.hostname === '') throw wrong(text, null)
  const username = url.username === '' ? null : decodeURIComponent(url.username)
  const password = url.password === '' ? null : decodeURIComponent(url.password)
  url.username = ''
  url.password = ''
  url.hash = ''
  return { url: url.href.replace(/\/$/, url.pathname === '/' ? '' : '/'), username, password }
}

function wrong(text: string, cause: unknown): Problem {
  const shown = text.replace(/\/\/[^@/]*@/, '//***@')
  return new Problem('usage', `'${shown}' is no address of a broker.`, { hint: 'Give one like mqtt://192.168.1.10:1883', cause })
}
