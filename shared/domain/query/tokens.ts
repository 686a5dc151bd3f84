import { Problem } from '../problem.ts'

export type Token =
  | { kind: 'word'; text: string; at: number }
  | { kind: 'quoted'; text: string; at: number }
  | { kind: 'symbol'; text: string; at: number }
  | { kind: 'end'; text: ''; at: number }

const symbols = ['<=', '>=', '!=', '=', '<', '>', '(', ')', ',', ':']
const wordEnd = /[\s()=<>!,:"]/

/**
 * Splits a query into words, quoted texts and symbols. After `:` a word may hold `:` and `@`.
 * @throws Problem `query.syntax` with the place.
 */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < query.length) {
    if (/\s/.test(query[at]!)) {
      at += 1
      continue
    }
    const token = query[at] === '"' ? readQuoted(query, at) : readPlain(query, at)
    tokens.push(token.token)
    at = token.end
  }
  tokens.push({ kind: 'end', text: '', at: query.length })
  return tokens
}

function readQuoted(query: string, at: number): { token: Token; end: number } {
  let text = ''
  for (let i = at + 1; i < query.length; i += 1) {
    const c = query[i]!
    if (c === '"') return { token: { kind: 'quoted', text, at }, end: i + 1 }
    if (c === '\\' && i + 1 < query.length) {
      i += 1
      text += query[i]!
    } else text += c
  }
  throw new Problem('query.syntax', `The quoted text that begins at position ${at + 1} does not end.`)
}

function readPlain(query: string, at: number): { token: Token; end: number } {
  const symbol = symbols.find((one) => query.startsWith(one, at))
  if (symbol !== undefined) return { token: { kind: 'symbol', text: symbol, at }, end: at + symbol.length }
  let end = at
  while (end < query.length && !wordEnd.test(query[end]!)) end += 1
  if (end === at) throw new Problem('query.syntax', `'${query[at]!}' at position ${at + 1} means nothing here.`)
  return { token: { kind: 'word', text: query.slice(at, end), at }, end }
}
