import { networkInterfaces } from 'node:os'
import { Problem } from '../../../shared/domain/problem.ts'
import type { BrokerChoice, BrokerShown } from '../../../shared/rpc/contract/setup.ts'
import type { BrokerOptions } from '../hub/messages.ts'

/** The broker of a console that nobody has told anything: on this machine, at the port that MQTT has. */
export const defaultBroker = { kind: 'embedded', host: '127.0.0.1', port: 1883 } as const satisfies BrokerOptions

/** True for an address that other machines cannot reach. */
export function isLoopback(host: string): boolean {
  return host === '::1' || host === '[::1]' || host === 'localhost' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/**
 * What a person chose, as the hub takes it. A password that is not named is the one of `before`, if that is the same account.
 * @throws Problem `broker.tls-required` for an address that others reach, without TLS, unless it was stored before; `input.invalid`
 */
export function brokerOf(choice: BrokerChoice, before: BrokerOptions): BrokerOptions {
  if (choice.kind === 'embedded') {
    const { host, port, names, localPort } = choice
    if (choice.tls) return withTls({ host, port, names, localPort })
    if (!isLoopback(host)) throw new Problem('broker.tls-required', `Other machines reach the broker at ${host}, so it must speak TLS.`)
    return { kind: 'embedded', host, port }
  }
  if (!URL.canParse(choice.url) || new URL(choice.url).hostname === '')
    throw new Problem('input.invalid', `'${choice.url}' is no broker address.`, { hint: 'Write mqtt://host:port' })
  const { url, username } = choice
  const { protocol, hostname } = new URL(url)
  const isStored = before.kind === 'external' && before.url === url
  if ((protocol === 'mqtt:' || protocol === 'ws:') && !isLoopback(hostname) && !isStored)
    throw new Problem('broker.tls-required', `The broker at ${hostname} is on another machine, so it must be reached by TLS.`, {
      hint: 'Write mqtts://host:port. For a Mosquitto of yours: muster broker mosquitto-config',
    })
  const isSameAccount = before.kind === 'external' && before.url === url && before.username === username
  return {
    kind: 'external',
    url,
    username,
    password: choice.password === undefined ? (isSameAccount ? before.password : null) : choice.password,
  }
}

/** The embedded broker over TLS. @throws Problem `input.invalid` if its two listeners would share a port */
export function withTls({
  host,
  port,
  names,
  localPort,
}: {
  host: string
  port: number
  names: string[]
  localPort: number
}): BrokerOptions {
  if (port !== 0 && port === localPort)
    throw new Problem('input.invalid', `Port ${port} is wanted for TLS and for agents on this machine: give TLS another one, such as 8883.`)
  return { kind: 'embedded', host, port, tls: { names, localPort } }
}

/** A broker for the screen. @param url where it is reached, if it runs */
export function shownBroker(broker: BrokerOptions, { url, isFromFlags }: { url: string | null; isFromFlags: boolean }): BrokerShown {
  if (broker.kind === 'external') {
    const { username, password } = broker
    return {
      ...{ kind: 'external', url: withoutCredentials(broker.url), host: null, port: null, tls: null, isOpenPlaintext: false },
      ...{ username, hasPassword: password !== null, isFromFlags },
    }
  }
  const { host, port } = broker
  return {
    ...{ kind: 'embedded', url: reachableUrl(url ?? embeddedUrl(broker)), host, port },
    ...{
      tls: broker.tls ?? null,
      isOpenPlaintext: broker.tls === undefined && !isLoopback(host),
      username: null,
      hasPassword: false,
      isFromFlags,
    },
  }
}

/** The address of an embedded broker before it has started. */
export function embeddedUrl({ host, port, tls }: { host: string; port: number; tls?: unknown }): string {
  return `${tls === undefined ? 'mqtt' : 'mqtts'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The address for devices: a broker that listens on every address of this machine is reached at one of them. */
export function reachableUrl(url: string): string {
  if (!/^mqtts?:\/\/(0\.0\.0\.0|\[::\])(:|$)/.test(url)) return url
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => !address.internal && address.family === 'IPv4')
  return url.replace(/0\.0\.0\.0|\[::\]/, outside?.address ?? '127.0.0.1')
}

/** The address for programs on this machine. */
export function localUrl(url: string): string {
  return url.replace(/^(mqtt:\/\/)0\.0\.0\.0/, '$1127.0.0.1').replace(/^(mqtt:\/\/)\[::\]/, '$1[::1]')
}

/** An address as it may be shown and logged. */
export function withoutCredentials(url: string): string {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  return parsed.href
}

/** True if the hub must be started anew to follow a changed setting. */
export function isSameBroker(a: BrokerOptions, b: BrokerOptions): boolean {
  if (a.kind === 'embedded')
    return b.kind === 'embedded' && a.host === b.host && a.port === b.port && JSON.stringify(a.tls) === JSON.stringify(b.tls)
  return b.kind === 'external' && a.url === b.url && a.username === b.username && a.password === b.password
}
