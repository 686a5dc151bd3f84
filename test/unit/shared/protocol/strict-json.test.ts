import { describe, expect, test } from 'vitest'
import { parseStrictJson } from '../../../../shared/protocol/strict-json.ts'

const refused = (json: string): unknown => {
  try {
    parseStrictJson(json, 'it')
    return 'accepted'
  } catch (error) {
    return (error as { code?: string }).code
  }
}

describe('case 4: signed JSON that two readers could understand in two ways', () => {
  test.each([
    ['a key twice', '{"a":1,"a":2}'],
    ['a key twice, once with an escape', '{"a":1,"\\u0061":2}'],
    ['a key twice further in', '{"x":[{"b":{"c":1,"c":1}}]}'],
    ['a key that touches prototypes', '{"__proto__":{}}'],
    ['the same with an escape', '{"\\u005f_proto__":{}}'],
    ['10,000 levels', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['10,000 objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['2^53 + 1', '{"counter":9007199254740993}'],
    ['a whole number beyond doubles', '{"counter":1e400}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['a lone surrogate as a key', '{"\\udc00":1}'],
    ['a text without an end', '{"a":"b'],
    ['nothing', ''],
    ['two documents', '{}{}'],
  ])('%s is refused', (_, json) => {
    const from = performance.now()
    expect(refused(json)).toBe('message.malformed')
    // The limit of the case is 50 ms; ten times that tells a slow machine from a parser that goes astray.
    expect(performance.now() - from).toBeLessThan(500)
  })

  test.each([
    ['equal keys in different objects', '[{"a":1},{"a":2},{"b":{"a":1}}]'],
    ['a key that only looks like a text', '{"a":"a","b":["a","a"]}'],
    ['escapes, blanks and colons within texts', '{ "a\\"b" : "c:\\\\", "a" :\n1.5e3, "\\ud83d\\ude00":null }'],
    ['32 levels', `${'['.repeat(32)}${']'.repeat(32)}`],
  ])('%s are read as they are', (_, json) => {
    expect(parseStrictJson(json, 'it')).toEqual(JSON.parse(json))
  })
})
