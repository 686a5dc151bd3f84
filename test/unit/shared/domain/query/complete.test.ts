import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { completeQuery, type Vocabulary } from '../../../../../shared/domain/query/complete.ts'
import { parseQuery } from '../../../../../shared/domain/query/query.ts'
import { QueryProblem } from '../../../../../shared/domain/query/query-problem.ts'

const values: Record<string, string[]> = { site: ['lyon', 'paris nord', 'Oslo'], status: ['online', 'offline'], tag: ['camera'] }
const vocabulary: Vocabulary = {
  labels: new Set(['site', 'line', 'camera']),
  valuesOf: (attribute) => (values[attribute] ?? []).map((value) => ({ value, detail: '1 device' })),
}

/** `|` is the caret. */
function offered(marked: string): { replaces: string; texts: string[] } {
  const caret = marked.indexOf('|')
  const text = marked.replace('|', '')
  const { from, to, items } = completeQuery(text, caret, vocabulary)
  return { replaces: text.slice(from, to), texts: items.map((item) => item.text) }
}

describe('what can be written', () => {
  const rows: [marked: string, replaces: string, first: string[]][] = [
    ['si|', 'si', ['site']],
    ['s|ite = x', 'site', ['status', 'site']],
    ['site |', '', ['=', '!=', 'in']],
    ['agent >|', '', []],
    ['site = |', '', ['lyon', '"paris nord"', 'Oslo']],
    ['site = o|', 'o', ['Oslo', 'lyon', '"paris nord"']],
    ['site = "par|', '"par', ['"paris nord"']],
    ['site = "par|is"', '"paris"', ['"paris nord"']],
    ['site = lyon |', '', ['and', 'or']],
    ['site = "lyon" a|', 'a', ['and']],
    ['site = lyon and st|', 'st', ['status', 'hostname']],
    ['not (tag:|', '', ['camera']],
    ['tag|', 'tag', ['tag']],
    ['tag |', '', [':']],
    ['site in (|', '', ['lyon', '"paris nord"', 'Oslo']],
    ['site in (lyon|', 'lyon', ['lyon']],
    ['site in (lyon |', '', [',', ')']],
    ['site in (lyon, |', '', ['lyon', '"paris nord"', 'Oslo']],
    ['site in (lyon) |', '', ['and', 'or']],
    ['= |', '', []],
    ['nonsense |', '', []],
  ]
  test.each(rows)('%s', (marked, replaces, first) => {
    const found = offered(marked)
    expect([found.replaces, found.texts.slice(0, Math.max(1, first.length))]).toEqual([replaces, first])
  })

  test('at an empty place every attribute, label and "not"', () => {
    expect(offered('|').texts).toEqual(expect.arrayContaining(['id', 'health', 'site', 'camera', 'not']))
  })
})

test('whatever is typed, what is offered stands within the text and is never an error', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(200), (text, caret) => {
      const { from, to } = completeQuery(text, caret, vocabulary)
      expect(from >= 0 && from <= to && to <= text.length).toBe(true)
    }),
  )
})

test('a value that is offered can be read where it was offered', () => {
  for (const marked of ['site = |', 'not site in (|', 'tag:|']) {
    const caret = marked.indexOf('|')
    const text = marked.replace('|', '')
    for (const item of completeQuery(text, caret, vocabulary).items)
      expect(() => parseQuery(`${text}${item.text}${text.includes('(') ? ')' : ''}`, vocabulary.labels)).not.toThrow()
  }
})

describe('a problem has a place', () => {
  const rows: [query: string, code: string, marked: string][] = [
    ['sitte = lyon', 'query.unknown-attribute', 'sitte'],
    ['site = lyon and agent > new', 'query.type', 'new'],
    ['site > lyon', 'query.type', 'lyon'],
    ['tag = camera', 'query.type', '='],
    ['site:lyon', 'query.type', ':'],
    ['site = "lyon', 'query.syntax', '"lyon'],
    ['site = lyon !', 'query.syntax', '!'],
    ['site = ', 'query.syntax', ''],
    ['(site = lyon', 'query.syntax', ''],
    ['health = fine', 'query.type', 'fine'],
    ['status in (online, of)', 'query.type', 'of'],
    [`${'('.repeat(60)}id = a${')'.repeat(60)}`, 'query.syntax', '('],
  ]
  test.each(rows)('%s', (query, code, marked) => {
    try {
      parseQuery(query, vocabulary.labels)
      expect.unreachable()
    } catch (error) {
      if (!(error instanceof QueryProblem)) throw error
      expect([error.code, query.slice(error.range.from, error.range.to)]).toEqual([code, marked])
    }
  })

  test('of any text lies within the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseQuery(text, vocabulary.labels)
        } catch (error) {
          if (!(error instanceof QueryProblem)) throw error
          expect(error.range.from <= error.range.to && error.range.to <= text.length).toBe(true)
        }
      }),
    )
  })
})
