import type { z } from 'zod'
import { desiredMessage } from './assignment.ts'
import { blockWantMessage } from './block.ts'
import { certificateRequestMessage, certificateResultMessage } from './certificate.ts'
import { checkpointMessage } from './checkpoint.ts'
import { haltMessage } from './halt.ts'
import { inferRequestMessage, inferResultMessage } from './infer.ts'
import { enrolRequestMessage, enrolResultMessage } from './enrolment.ts'
import { presenceMessage } from './presence.ts'
import { reportedMessage } from './reported.ts'
import { telemetryAckMessage, telemetryMessage } from './telemetry.ts'
import { trustWantMessage } from './trust.ts'

type Sender = 'device' | 'console'
type Qos = 0 | 1

interface TopicKind {
  /** After the root `muster/1/<fleet>/`; `{name}` is one level. */
  path: string
  from: Sender
  qos: Qos
  retain: boolean
  /** The schema of a JSON message, or `bytes` for raw bytes. */
  payload: z.ZodType | 'bytes'
  summary: string
}

/** The whole wire: every topic, who sends on it, how, and what it carries. */
export const topics = {
  presence: {
    path: 'device/{device}/presence',
    from: 'device',
    qos: 1,
    retain: true,
    payload: presenceMessage,
    summary: 'Whether the agent is connected (also the last will).',
  },
  desired: {
    path: 'device/{device}/desired',
    from: 'console',
    qos: 1,
    retain: true,
    payload: desiredMessage,
    summary: 'The signed assignment of a device.',
  },
  halt: {
    path: 'halt',
    from: 'console',
    qos: 1,
    retain: true,
    payload: haltMessage,
    summary: 'Bundles that no device may begin to use: the brake of rollouts.',
  },
  checkpoint: {
    path: 'checkpoint',
    from: 'console',
    qos: 1,
    retain: true,
    payload: checkpointMessage,
    summary: 'The newest signed checkpoint of the audit log: devices keep it as witnesses.',
  },
  reported: {
    path: 'device/{device}/reported',
    from: 'device',
    qos: 1,
    retain: false,
    payload: reportedMessage,
    summary: 'Facts, slots and progress of a device.',
  },
  telemetry: {
    path: 'device/{device}/telemetry',
    from: 'device',
    qos: 1,
    retain: false,
    payload: telemetryMessage,
    summary: 'Batch of spool records.',
  },
  telemetryAck: {
    path: 'device/{device}/telemetry/ack',
    from: 'console',
    qos: 1,
    retain: false,
    payload: telemetryAckMessage,
    summary: 'Cumulative acknowledgement, sent after the commit.',
  },
  blockWant: {
    path: 'device/{device}/block/want',
    from: 'device',
    qos: 1,
    retain: false,
    payload: blockWantMessage,
    summary: 'Blocks of an artifact that a device misses.',
  },
  deviceBlock: {
    path: 'device/{device}/block/{artifact}/{block}',
    from: 'console',
    qos: 0,
    retain: false,
    payload: 'bytes',
    summary: 'One block for one device.',
  },
  sharedBlock: {
    path: 'block/{artifact}/{block}',
    from: 'console',
    qos: 0,
    retain: false,
    payload: 'bytes',
    summary: 'One block for every device that is fetching the artifact.',
  },
  infer: {
    path: 'device/{device}/infer/{deployment}',
    from: 'console',
    qos: 1,
    retain: false,
    payload: inferRequestMessage,
    summary: 'Asks a deployment of a device for an inference; any client that may publish here can ask.',
  },
  inferResult: {
    path: 'device/{device}/infer/{deployment}/result',
    from: 'device',
    qos: 1,
    retain: false,
    payload: inferResultMessage,
    summary: 'Answer to one inference message.',
  },
  certificateRequest: {
    path: 'device/{device}/certificate/request',
    from: 'device',
    qos: 1,
    retain: false,
    payload: certificateRequestMessage,
    summary: 'A device asks for its first or next certificate.',
  },
  certificateResult: {
    path: 'device/{device}/certificate/result',
    from: 'console',
    qos: 1,
    retain: false,
    payload: certificateResultMessage,
    summary: 'The signed answer: a certificate, a refusal, or the request to ask anew.',
  },
  trustTimestamp: {
    path: 'trust/timestamp',
    from: 'console',
    qos: 1,
    retain: true,
    payload: 'bytes',
    summary: 'The newest timestamp of the trust metadata: what a device must know to notice that it is kept in the past.',
  },
  trustWant: {
    path: 'device/{device}/trust/want',
    from: 'device',
    qos: 1,
    retain: false,
    payload: trustWantMessage,
    summary: 'A device asks for a file of the trust metadata.',
  },
  trustAnswer: {
    path: 'device/{device}/trust/{name}',
    from: 'console',
    qos: 1,
    retain: false,
    payload: 'bytes',
    summary: 'One file of the trust metadata as it was signed; empty: there is none of this name.',
  },
  enrolRequest: {
    path: 'enrol/{request}',
    from: 'device',
    qos: 1,
    retain: false,
    payload: enrolRequestMessage,
    summary: 'A device asks to join with a one-time code.',
  },
  enrolResult: {
    path: 'enrol/{request}/result',
    from: 'console',
    qos: 1,
    retain: false,
    payload: enrolResultMessage,
    summary: 'Answer to an enrolment.',
  },
} as const satisfies Record<string, TopicKind>

export type TopicName = keyof typeof topics
type Levels<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | Levels<Rest> : never
export type TopicParameters<Name extends TopicName> = Record<Levels<(typeof topics)[Name]['path']>, string>

/** `muster/1/<fleet>`: what every topic of a fleet begins with. */
export function topicRoot(fleet: string): string {
  return `muster/1/${fleet}`
}

const safeLevel = /^[a-z0-9-]{1,64}$/

/** The topic of a message. Throws on a level with anything but a-z, 0-9 and -: no wildcard ever reaches an id. */
export function topicOf<Name extends TopicName>(fleet: string, name: Name, parameters: TopicParameters<Name>): string {
  const levels: Record<string, string> = parameters
  const path = topics[name].path.replace(/\{(\w+)\}/g, (_, key: string) => {
    const level = levels[key]
    if (level === undefined || !safeLevel.test(level)) throw new RangeError(`topic ${name}: '${String(level)}' is no ${key}`)
    return level
  })
  return `${topicRoot(fleet)}/${path}`
}

export interface ParsedTopic {
  name: TopicName
  parameters: Readonly<Record<string, string>>
}

const matchers = (Object.keys(topics) as TopicName[]).map((name) => {
  const keys: string[] = []
  const pattern = topics[name].path.replace(/\{(\w+)\}/g, (_, key: string) => {
    keys.push(key)
    return '([a-z0-9-]{1,64})'
  })
  return { name, keys, pattern: new RegExp(`^${pattern}$`) }
})

/** Finds which message a topic carries; `null` for a topic of another fleet or none of ours. */
export function parseTopic(fleet: string, topic: string): ParsedTopic | null {
  const root = `${topicRoot(fleet)}/`
  if (!topic.startsWith(root)) return null
  const path = topic.slice(root.length)
  for (const { name, keys, pattern } of matchers) {
    const match = pattern.exec(path)
    if (match !== null) return { name, parameters: Object.fromEntries(keys.map((key, i) => [key, match[i + 1]!])) }
  }
  return null
}

/** The filters that a device subscribes to for itself, all known in advance. */
export function deviceFilters(fleet: string, device: string): string[] {
  const own = `${topicRoot(fleet)}/device/${device}`
  return [`${own}/desired`, `${own}/telemetry/ack`, `${own}/block/+/+`, `${own}/infer/+`]
}

/** The filters of a device for trust metadata. They came later: a broker whose rules are from before refuses them, which must not keep a device out. */
export function trustFilters(fleet: string, device: string): string[] {
  return [`${topicRoot(fleet)}/trust/timestamp`, `${topicRoot(fleet)}/device/${device}/trust/+`]
}

/** The filter for the shared blocks of one artifact. */
export function sharedBlockFilter(fleet: string, artifact: string): string {
  return `${topicRoot(fleet)}/block/${artifact}/+`
}

/** The filters of the console: everything that devices send. */
export function consoleFilters(fleet: string): string[] {
  const root = topicRoot(fleet)
  return [
    ...(['presence', 'reported', 'telemetry', 'block/want', 'infer/+/result', 'certificate/request', 'trust/want'] as const).map(
      (leaf) => `${root}/device/+/${leaf}`,
    ),
    `${root}/enrol/+`,
  ]
}
