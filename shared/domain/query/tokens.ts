import { QueryProblem } from './query-problem.ts'

/** A part of a query; it stands from `at` to before `end`. A quoted text whose quote is missing is not closed. */
export type Token =
  | { kind: 'word'; text: string; at: number; end: number }
  | { kind: 'quoted'; text: string; at: number; end: number; isClosed: boolean }
  | { kind: 'symbol'; text: string; at: number; end: number }
  | { kind: 'unknown'; text: string; at: number; end: number }
  | { kind: 'end'; text: ''; at: number; end: number }

const symbols = ['<=', '>=', '!=', '=', '<', '>', '(', ')', ',', ':']
const wordEnd = /[\s()=<>!,:"]/

/**
 * Splits a query into words, quoted texts and symbols. After `:` a word may hold `:` and `@`.
 * @throws QueryProblem `query.syntax` with the place.
 */
export function tokenize(query: string): Token[] {
  const tokens = splitQuery(query)
  for (const token of tokens) {
    if (token.kind === 'quoted' && !token.isClosed)
      throw new QueryProblem('query.syntax', `The quoted text that begins at position ${token.at + 1} does not end.`, rangeOf(token))
    if (token.kind === 'unknown')
      throw new QueryProblem('query.syntax', `'${token.text}' at position ${token.at + 1} means nothing here.`, rangeOf(token))
  }
  return tokens
}

/** The same for a text that is still being written: it never fails. */
export function splitQuery(query: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < query.length) {
    if (/\s/.test(query[at]!)) {
      at += 1
      continue
    }
    const token = query[at] === '"' ? readQuoted(query, at) : readPlain(query, at)
    tokens.push(token)
    at = token.end
  }
  tokens.push({ kind: 'end', text: '', at: query.length, end: query.length })
  return tokens
}

/** Where a token stands. */
export function rangeOf({ at, end }: Token): { from: number; to: number } {
  return { from: at, to: end }
}

function readQuoted(query: string, at: number): Token {
  let text = ''
  for (let i = at + 1; i < query.length; i += 1) {
    const c = query[i]!
    if (c === '"') return { kind: 'quoted', text, at, end: i + 1, isClosed: true }
    if (c === '\\' && i + 1 < query.length) {
      i += 1
      text += query[i]!
    } else text += c
  }
  return { kind: 'quoted', text, at, end: query.length, isClosed: false }
}

function readPlain(query: string, at: number): Token {
  const symbol = symbols.find((one) => query.startsWith(one, at))
  if (symbol !== undefined) return { kind: 'symbol', text: symbol, at, end: at + symbol.length }
  let end = at
  while (end < query.length && !wordEnd.test(query[end]!)) end += 1
  if (end === at) return { kind: 'unknown', text: query[at]!, at, end: at + 1 }
  return { kind: 'word', text: query.slice(at, end), at, end }
}
