import { z } from 'zod'
import { musterVersion } from '../../shared/domain/version.ts'
import { assignment } from '../../shared/protocol/assignment.ts'
import { payloadTypes } from '../../shared/protocol/envelope.ts'
import { recordBodies } from '../../shared/protocol/telemetry.ts'
import { topics, type TopicName } from '../../shared/protocol/topics.ts'

/** JSON Schema (draft-07, as AsyncAPI wants it) of what travels: unknown fields are allowed. */
function jsonSchema(schema: z.ZodType): unknown {
  const made: Record<string, unknown> = { ...z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) }
  delete made['$schema']
  return made
}

const parameterText: Record<string, string> = {
  device: 'Device id: 1 to 64 of a-z, 0-9 and -.',
  artifact: 'SHA-256 of the artifact, 64 hex digits.',
  block: 'Number of the block, from 0.',
  request: 'Id of one attempt to enrol, chosen by the device.',
}

/** The wire as an AsyncAPI 3.0 document, made from the typed map of topics; seen from the console. */
export function asyncApiDocument(): unknown {
  const names = Object.keys(topics) as TopicName[]
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Muster: the wire between console and device',
      version: musterVersion,
      description: 'MQTT 3.1.1. Control and telemetry are JSON, blocks are raw bytes. Made from shared/protocol/topics.ts; do not edit.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(names.map((name) => [name, channel(name)])),
    operations: Object.fromEntries(names.map((name) => [name, operation(name)])),
    components: {
      messages: Object.fromEntries(names.map((name) => [name, message(name)])),
      schemas: {
        assignment: {
          ...(jsonSchema(assignment) as object),
          description: `Payload of the envelope in 'desired', payload type ${payloadTypes.assignment}.`,
        },
        ...Object.fromEntries(Object.entries(recordBodies).map(([kind, schema]) => [`record-${kind}`, jsonSchema(schema)])),
      },
    },
  }
}

function channel(name: TopicName): unknown {
  const { path, summary } = topics[name]
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)
  return {
    address: `muster/1/{fleet}/${path}`,
    description: summary,
    parameters: Object.fromEntries(['fleet', ...parameters].map((key) => [key, { description: parameterText[key] ?? 'Id of the fleet.' }])),
    messages: { [name]: { $ref: `#/components/messages/${name}` } },
  }
}

function operation(name: TopicName): unknown {
  const { from, qos, retain, summary } = topics[name]
  return {
    action: from === 'console' ? 'send' : 'receive',
    channel: { $ref: `#/channels/${name}` },
    summary,
    bindings: { mqtt: { qos, retain, bindingVersion: '0.2.0' } },
  }
}

function message(name: TopicName): unknown {
  const { payload, summary } = topics[name]
  if (payload === 'bytes') return { name, summary, contentType: 'application/octet-stream', payload: { type: 'string', format: 'binary' } }
  return { name, summary, contentType: 'application/json', payload: jsonSchema(payload) }
}
