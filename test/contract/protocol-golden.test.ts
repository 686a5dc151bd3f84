import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Problem } from '../../shared/domain/problem.ts'
import { assignment } from '../../shared/protocol/assignment.ts'
import { decodeMessage } from '../../shared/protocol/decode.ts'
import { recordBodies, spoolRecord } from '../../shared/protocol/telemetry.ts'
import { topics, type TopicName } from '../../shared/protocol/topics.ts'

const jsonTopics = (Object.keys(topics) as TopicName[]).filter((name) => topics[name].payload !== 'bytes')

/** Fields that version 1 got after its first release: who does not send them is understood as before. */
const cameLater: Partial<Record<TopicName, string[]>> = {
  reported: ['lock', 'haltCounter', 'witness', 'witnessBefore', 'assignmentEpoch', 'trust'],
  infer: ['expiresAt'],
}

function golden(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(`test/fixtures/protocol/v1/${name}.json`, 'utf8')) as Record<string, unknown>
}

function decode(name: TopicName, message: unknown): unknown {
  const { payload } = topics[name]
  if (payload === 'bytes') throw new Error('no JSON')
  return decodeMessage(payload, JSON.stringify(message), name)
}

function codeOf(work: () => unknown): string {
  try {
    work()
    return 'accepted'
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
}

describe.each(jsonTopics)('%s', (name) => {
  test('the golden file of version 1 is read as it stands', () => {
    expect(decode(name, golden(name))).toEqual(golden(name))
  })

  test('case 58: an unknown field is kept and does no harm', () => {
    const newer = { ...golden(name), fromTheFuture: { a: 1 } }
    expect(decode(name, newer)).toEqual(newer)
  })

  test('case 58: a higher major version is refused by name', () => {
    expect(codeOf(() => decode(name, { ...golden(name), v: 2 }))).toBe('message.unsupported-version')
  })

  test('without any one of its fields it is refused, unless the field came later', () => {
    const whole = golden(name)
    const required = Object.keys(whole).filter((field) => !(cameLater[name] ?? []).includes(field))
    const outcomes = required.map((field) =>
      codeOf(() => decode(name, Object.fromEntries(Object.entries(whole).filter(([key]) => key !== field)))),
    )
    expect(new Set(outcomes)).toEqual(new Set(['message.malformed']))
  })
})

test('the assignment of version 1 is read as it stands', () => {
  expect(assignment.parse(golden('assignment'))).toEqual(golden('assignment'))
})

test.each([
  { name: 'before-0.2/assignment', schema: assignment },
  { name: 'before-0.2/reported', schema: topics.reported.payload },
  { name: 'before-monitoring/assignment', schema: assignment },
  { name: 'before-monitoring/telemetry', schema: topics.telemetry.payload },
  { name: 'before-rollouts/reported', schema: topics.reported.payload },
  { name: 'before-rollouts/telemetry', schema: topics.telemetry.payload },
])('case 58: $name of version 1, as it was before fields were added, is still read, with nothing lost', ({ name, schema }) => {
  const before = golden(name)
  expect(schema.parse(before)).toMatchObject(before)
})

test('the golden telemetry holds a record of every kind, and each is read', () => {
  const records = golden('telemetry')['records'] as { kind: string }[]
  expect(records.map((record) => record.kind).toSorted()).toEqual(Object.keys(recordBodies).toSorted())
  expect(records.map((record) => spoolRecord.parse(record))).toEqual(records)
})

describe('hostile JSON', () => {
  const rows = [
    { name: 'not JSON', json: 'hello' },
    { name: 'nested 100,000 deep', json: `${'['.repeat(100_000)}${']'.repeat(100_000)}` },
    { name: 'a prototype key', json: JSON.stringify({ ...golden('presence') }).replace('{', '{"__proto__":{"x":1},') },
    { name: 'an id with a wildcard', json: JSON.stringify({ ...golden('presence'), device: 'cam/+' }) },
    { name: 'a version of the wrong type', json: JSON.stringify({ ...golden('presence'), v: '1' }) },
    { name: 'a number beyond exact integers', json: JSON.stringify(golden('presence')).replace('1767225600000', '9007199254740993') },
    { name: 'an array', json: '[]' },
    { name: 'empty', json: '' },
  ]
  test.each(rows)('$name is refused', ({ json }) => {
    expect(codeOf(() => decodeMessage(topics.presence.payload, json, 'presence'))).toBe('message.malformed')
  })
})
