import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type MqttClient } from 'mqtt'
import { errorCodeOf, messageOf, Problem, reportOf, type ProblemReport } from '../../../shared/domain/problem.ts'
import { consoleFilters, topicOf } from '../../../shared/protocol/topics.ts'
import { connectProblem, tlsOptions } from '../hub/external.ts'
import type { BrokerOptions, HubTls } from '../hub/messages.ts'
import { isLoopback, withoutCredentials } from './broker-setting.ts'

const WITHIN_MS = 5000
const ECHO_WITHIN_MS = 1500

/** How a trial went. */
export interface BrokerCheck {
  ok: boolean
  problem: ProblemReport | null
  note: string | null
}

/**
 * Tries a broker as the hub would use it, and leaves nothing behind.
 * @param running the broker of this console: the port that it holds is no obstacle
 */
export async function checkBroker(
  broker: BrokerOptions,
  context: { fleet: string; running: BrokerOptions | null; tls: HubTls | null },
): Promise<BrokerCheck> {
  try {
    // A broker that knows the console by its certificate takes a second connection for the first one: what works needs no try.
    const { running, tls } = context
    if (broker.kind === 'external' && tls !== null && running?.kind === 'external' && running.url === broker.url)
      return { ok: true, problem: null, note: null }
    const note = broker.kind === 'external' ? await tryExternal(broker, context) : await tryEmbedded(broker, context.running)
    return { ok: true, problem: null, note }
  } catch (error) {
    return { ok: false, problem: reportOf(error), note: null }
  }
}

async function tryExternal(
  broker: Extract<BrokerOptions, { kind: 'external' }>,
  { fleet, tls }: { fleet: string; tls: HubTls | null },
): Promise<string | null> {
  const shown = withoutCredentials(broker.url)
  const { username, password } = broker
  const client = connect(broker.url, {
    ...tlsOptions(broker.url.startsWith('mqtts:') ? tls : null),
    ...{ protocolVersion: 4, clean: true, reconnectPeriod: 0, connectTimeout: WITHIN_MS },
    clientId: `muster-check-${randomBytes(6).toString('hex')}`,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
  })
  const ended = new Promise<never>((_, reject) => {
    const late = new Problem('broker.unreachable', `The broker at ${shown} did not answer within ${WITHIN_MS / 1000} s.`)
    setTimeout(() => reject(late), WITHIN_MS).unref()
    client.on('error', (error) => reject(connectProblem(shown, error)))
    client.once('close', () => reject(new Problem('broker.unreachable', `The broker at ${shown} closed the connection.`)))
  })
  // Whoever loses the race below must not become an unhandled rejection.
  ended.catch(() => undefined)
  try {
    await Promise.race([new Promise<void>((resolve) => client.once('connect', () => resolve())), ended])
    await Promise.race([subscribeAll(client, fleet), ended])
    const isHeard = await Promise.race([hearsItself(client, fleet), ended])
    const notes = [
      isHeard
        ? ''
        : `The broker returned nothing that was published under muster/1/${fleet}/: give the account of the console the rights on it.`,
      isLoopback(new URL(broker.url).hostname) ? 'This address means the machine itself: devices on other machines cannot use it.' : '',
    ].filter((note) => note !== '')
    return notes.length === 0 ? null : notes.join(' ')
  } finally {
    client.end(true)
  }
}

/** A broker with access rules may let the console in and then tell it nothing. */
async function subscribeAll(client: MqttClient, fleet: string): Promise<void> {
  for (const filter of consoleFilters(fleet)) {
    const granted = await client.subscribeAsync(filter, { qos: 1 }).catch(() => [])
    if (granted[0] === undefined || granted[0].qos > 2)
      throw new Problem('broker.refused', `The broker does not let the console subscribe to ${filter}.`, {
        hint: 'Give the account of the console the rights on muster/1/<fleet>/#.',
      })
  }
}

/** Brokers often grant a subscription that their rules then never serve; only a message that comes back shows the rights. */
async function hearsItself(client: MqttClient, fleet: string): Promise<boolean> {
  const topic = topicOf(fleet, 'enrolResult', { request: `check-${randomBytes(8).toString('hex')}` })
  const heard = new Promise<boolean>((resolve) => client.on('message', (from) => (from === topic ? resolve(true) : undefined)))
  await client.subscribeAsync(topic, { qos: 1 }).catch(() => undefined)
  await client.publishAsync(topic, '{}', { qos: 1 }).catch(() => undefined)
  return Promise.race([heard, sleep(ECHO_WITHIN_MS, false)])
}

async function tryEmbedded(broker: Extract<BrokerOptions, { kind: 'embedded' }>, running: BrokerOptions | null): Promise<string | null> {
  const isOwn = running?.kind === 'embedded' && running.port === broker.port && broker.port !== 0
  if (!(isOwn && running.host === broker.host)) await tryPort(broker, isOwn)
  return isLoopback(broker.host)
    ? 'Only this machine reaches the broker. Devices on other machines need another address, or an external broker.'
    : broker.tls === undefined
      ? 'Devices connect without TLS: switch it on.'
      : 'Devices connect over TLS 1.3, each with a certificate of the fleet.'
}

async function tryPort({ host, port }: { host: string; port: number }, isOwn: boolean): Promise<void> {
  const server = createServer()
  try {
    const listening = once(server, 'listening')
    server.listen({ host, port })
    await listening
  } catch (error) {
    const isInUse = errorCodeOf(error) === 'EADDRINUSE'
    // The broker that runs now holds the port until it is started anew.
    if (isInUse && isOwn) return
    throw new Problem('port.in-use', `The broker cannot listen on ${host}:${port}: ${isInUse ? 'it is in use' : messageOf(error)}.`, {
      cause: error,
    })
  } finally {
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
}
