import { connect, type IClientOptions, type IConnackPacket, type MqttClient } from 'mqtt'
import { messageOf, Problem } from '../../../../shared/domain/problem.ts'
import { parseTopic, topicRoot } from '../../../../shared/protocol/topics.ts'
import { connectProblem } from '../../hub/external.ts'

/** How a collector takes part in a group at a broker. */
export interface GroupOptions {
  /** mqtt:// or mqtts://, without a password. */
  url: string
  username: string | null
  password: string | null
  /** Certificates of authorities (PEM) that count in place of those of the system. */
  ca: string | null
  fleet: string
  /** Members of one group share the messages of the fleet. */
  group: string
  /** Of this member: under the same name it finds again what it had not acknowledged. */
  name: string
  isLeaving?: boolean
}

/** A member that takes messages. */
export interface GroupMember {
  /** Resolves when the connection has ended. */
  closed: Promise<void>
  /** Ends in order, after the message under way; the broker keeps its place. */
  leave(): Promise<void>
  /** Ends without an acknowledgement of the message under way. */
  abandon(): void
}

const CONNECT_TIMEOUT_MS = 5000
const KEEPALIVE_S = 30
/** For so long the broker keeps the place and the messages of a member that is away, s. */
const SESSION_S = 7 * 86_400
/** Messages that the broker sends ahead of their acknowledgement: while one is written, few others are held back from other members. */
const RECEIVE_MAXIMUM = 8
/** A member that gives its place up is done when nothing came for so long after the last message was stored, ms. */
const QUIET_MS = 2000

/**
 * Joins a group over MQTT 5 and takes its messages one at a time: each is acknowledged when `take` resolves, and not at all when it rejects.
 * @throws Problem `broker.*`; what `take` threw before it had joined
 */
export function joinGroup(options: GroupOptions, take: (device: string, payload: Uint8Array) => Promise<void>): Promise<GroupMember> {
  const client = connect(options.url, clientOptions(options))
  let problem: Problem | null = null
  let failure: unknown = null
  /** When the last message was done with; null: one is being taken. */
  let quietSince: number | null = performance.now()
  let busy: Promise<void> = Promise.resolve()
  client.handleMessage = (packet, acknowledge) => {
    const parsed = parseTopic(options.fleet, packet.topic)
    if (parsed?.name !== 'telemetry') {
      acknowledge()
      return
    }
    quietSince = null
    busy = take(parsed.parameters['device']!, packet.payload as Buffer).then(
      () => {
        quietSince = performance.now()
        acknowledge()
      },
      // What is not acknowledged comes again with the next connection.
      (error: unknown) => {
        failure ??= error
        client.end(true)
      },
    )
  }
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  client.on('error', (error) => (problem ??= isOlder(error) ? noShared() : connectProblem(options.url, error)))
  const end = async (properties: { sessionExpiryInterval?: number } = {}): Promise<void> => {
    await busy
    await client.endAsync(false, { properties }).catch(() => undefined)
  }
  return new Promise((resolve, reject) => {
    client.once('connect', (greeting) => {
      const filter = `$share/${options.group}/${topicRoot(options.fleet)}/device/+/telemetry`
      const asked = options.isLeaving === true ? giveUp(client, filter, () => quietSince) : subscribe(client, filter, greeting)
      asked.then(
        () => {
          if (options.isLeaving === true) void end({ sessionExpiryInterval: 0 })
          resolve({
            closed: closed.then(() => void client.end(true)),
            leave: () => end(),
            abandon: () => void client.end(true),
          })
        },
        (error: unknown) => {
          client.end(true)
          reject(problem ?? error)
        },
      )
    })
    client.once('close', () => {
      client.end(true)
      reject(problem ?? failure ?? new Problem('broker.unreachable', `The broker at ${options.url} ended the connection.`))
    })
  })
}

function clientOptions({ username, password, ca, fleet, group, name }: GroupOptions): IClientOptions {
  return {
    ...{ protocolVersion: 5, clean: false, reconnectPeriod: 0, resubscribe: false, queueQoSZero: false },
    ...{ clientId: `muster-collect-${fleet}-${group}-${name}`, connectTimeout: CONNECT_TIMEOUT_MS, keepalive: KEEPALIVE_S },
    properties: { sessionExpiryInterval: SESSION_S, receiveMaximum: RECEIVE_MAXIMUM },
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(ca === null ? {} : { ca, minVersion: 'TLSv1.2' as const }),
  }
}

/** @throws Problem `broker.no-shared`, `broker.refused` */
async function subscribe(client: MqttClient, filter: string, { properties }: IConnackPacket): Promise<void> {
  // The broker says it at the connection; 3.1.1 would grant the filter and deliver nothing.
  if (properties?.sharedSubscriptionAvailable === false) throw noShared()
  let code: number | undefined
  try {
    code = (await client.subscribeAsync(filter, { qos: 1 }))[0]?.qos
  } catch (error) {
    if (!client.connected) throw error
    if (/shared subscription/i.test(messageOf(error))) throw noShared()
    throw new Problem('broker.refused', `The broker does not let the collector subscribe to ${filter}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  if (code !== 1)
    throw new Problem('broker.refused', `The broker does not let the collector subscribe to ${filter} (${code ?? 'no answer'}).`)
}

/** The broker does not speak MQTT 5: 1 in the words of 3.1.1, 132 in those of 5. */
function isOlder(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return code === 1 || code === 0x84
}

function noShared(): Problem {
  return new Problem(
    'broker.no-shared',
    'The broker has no shared subscriptions of MQTT 5: several collectors would take every message each.',
  )
}

/** Takes what waits for this member, and nothing new. */
async function giveUp(client: MqttClient, filter: string, quietSince: () => number | null): Promise<void> {
  await client.unsubscribeAsync(filter).catch((error: unknown) => {
    if (!client.connected) throw error
  })
  // Whatever happened before the broker had answered says nothing about what it still sends.
  const from = performance.now()
  const isQuiet = (since: number | null): boolean => since !== null && performance.now() - Math.max(since, from) >= QUIET_MS
  while (client.connected && !isQuiet(quietSince())) await new Promise((resolve) => setTimeout(resolve, 100))
}
