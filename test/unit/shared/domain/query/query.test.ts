import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { QuerySubject } from '../../../../../shared/domain/query/attributes.ts'
import { matches } from '../../../../../shared/domain/query/match.ts'
import { parseQuery, printQuery, type Query } from '../../../../../shared/domain/query/query.ts'
import { compareVersions, parseBytes } from '../../../../../shared/domain/query/values.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'

const labels = new Set(['site', 'line', 'camera'])
const camera: QuerySubject = {
  device: 'cam-12',
  status: 'online',
  health: 'attention',
  labels: { site: 'Lyon', camera: '' },
  facts: {
    os: 'linux',
    arch: 'arm64',
    hostname: 'cam-12',
    cpus: 4,
    memoryBytes: 4e9,
    diskFreeBytes: 1e9,
    agentVersion: '1.10.0',
    runtimeVersion: '1.30.0',
    executionProviders: ['cpu'],
    httpUrl: null,
  },
  active: [{ deployment: 'quality-check', model: 'digits', version: '1.0.0' }],
}
const unseen: QuerySubject = { device: 'new-1', status: 'never-seen', health: 'offline', labels: {}, facts: null, active: [] }

function problemOf(text: string): { code: string; message: string } {
  try {
    parseQuery(text, labels)
  } catch (error) {
    if (error instanceof Problem) return { code: error.code, message: error.message }
  }
  return { code: 'none', message: '' }
}

describe('queries select', () => {
  const rows: [query: string, camera: boolean, unseen: boolean][] = [
    ['', true, true],
    ['site = lyon', true, false],
    ['site = "LYON"', true, false],
    ['site = "ly*"', true, false],
    ['site != lyon', false, true],
    ['not site = lyon', false, true],
    ['label.site = lyon', true, false],
    ['tag:camera', true, false],
    ['tag:cam*', true, false],
    ['agent >= 1.2', true, false],
    ['agent < 1.9', false, false],
    ['agent = 1.10', true, false],
    ['mem >= 2GB', true, false],
    ['mem >= 4GiB', false, false],
    ['cpus in (2, 4)', true, false],
    ['model:digits', true, false],
    ['model:digits@1.0.0', true, false],
    ['not model:digits@1.0.0', false, true],
    ['deployment:quality-check', true, false],
    ['status = never-seen', false, true],
    ['health = attention', true, false],
    ['health in (failed, OFFLINE)', false, true],
    ['health = att*', true, false],
    ['label.health = attention', false, false],
    ['id = cam-12 or id = new-1', true, true],
    ['site = lyon and tag:camera and agent >= 1.2 and mem >= 2GB and not model:digits@1.0.0', false, false],
    ['id = new-1 or site = lyon and cpus > 8', false, true],
    ['(id = new-1 or site = lyon) and cpus > 2', true, false],
    ['line = 3', false, false],
  ]
  test.each(rows)('%s', (query, isCamera, isUnseen) => {
    const parsed = parseQuery(query, labels)
    expect([matches(parsed, camera), matches(parsed, unseen)]).toEqual([isCamera, isUnseen])
  })
})

describe('queries are refused', () => {
  const rows = [
    { query: 'sitte = lyon', code: 'query.unknown-attribute', says: "Did you mean 'site'?" },
    { query: 'colour = red', code: 'query.unknown-attribute', says: "'colour'" },
    { query: 'site', code: 'query.syntax', says: 'the query ends where a comparison' },
    { query: 'site = ', code: 'query.syntax', says: 'a value' },
    { query: 'site = lyon and', code: 'query.syntax', says: 'an attribute' },
    { query: 'site = lyon site = paris', code: 'query.syntax', says: '"and", "or" or the end' },
    { query: '(site = lyon', code: 'query.syntax', says: '")"' },
    { query: 'site = "lyon', code: 'query.syntax', says: 'does not end' },
    { query: 'site ~ lyon', code: 'query.syntax', says: 'comparison' },
    { query: 'cpus > many', code: 'query.type', says: 'is a number' },
    { query: 'mem > big', code: 'query.type', says: 'size such as 2GB' },
    { query: 'agent > new', code: 'query.type', says: 'version' },
    { query: 'site > lyon', code: 'query.type', says: '= and !=' },
    { query: 'health = fine', code: 'query.type', says: 'is one of failed, attention, working, ok, offline' },
    { query: 'status = onlin', code: 'query.type', says: "Did you mean 'online'?" },
    { query: 'tag = camera', code: 'query.type', says: 'tag:value' },
    { query: 'site:lyon', code: 'query.type', says: 'site = value' },
    { query: `${'('.repeat(200)}id = a${')'.repeat(200)}`, code: 'query.syntax', says: 'deeper' },
    { query: 'constructor = x', code: 'query.unknown-attribute', says: 'constructor' },
  ]
  test.each(rows)('$query', ({ query, code, says }) => {
    const found = problemOf(query)
    expect(found.code).toBe(code)
    expect(found.message).toContain(says)
  })
})

const leaf: fc.Arbitrary<Query> = fc.oneof(
  fc.record({
    op: fc.constant('compare' as const),
    attribute: fc.constant('site'),
    relation: fc.constantFrom('=' as const, '!=' as const),
    value: fc.string(),
  }),
  fc.record({ op: fc.constant('has' as const), attribute: fc.constantFrom('tag', 'model'), value: fc.string() }),
  fc.record({
    op: fc.constant('in' as const),
    attribute: fc.constant('id'),
    values: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
  }),
)
const { query: anyQuery } = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ op: fc.constant('not' as const), term: tie('query') }),
    fc.record({ op: fc.constantFrom('and' as const, 'or' as const), terms: fc.array(tie('query'), { minLength: 2, maxLength: 3 }) }),
  ),
}))

test('a printed query parses to the same query', () => {
  fc.assert(
    fc.property(anyQuery, (query) => {
      expect(parseQuery(printQuery(query), labels)).toEqual(query)
    }),
  )
})

test('any text is a query or a Problem', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        matches(parseQuery(text, labels), camera)
      } catch (error) {
        expect(error).toBeInstanceOf(Problem)
      }
    }),
  )
})

test('versions are ordered by their numbers, pre-releases before releases', () => {
  const shuffled = ['1.10.0', '1.2', '2.0.0', '1.2.0-beta.10', '1.2.0-beta.2', '0.9', '1.2.1', '1.2.0-alpha']
  expect(shuffled.toSorted(compareVersions)).toEqual([
    '0.9',
    '1.2.0-alpha',
    '1.2.0-beta.2',
    '1.2.0-beta.10',
    '1.2',
    '1.2.1',
    '1.10.0',
    '2.0.0',
  ])
})

test('sizes are read in decimal and binary units', () => {
  expect(['2GB', '2GiB', '1.5mb', '7', 'x', '1XB'].map(parseBytes)).toEqual([2e9, 2 ** 31, 1.5e6, 7, null, null])
})
