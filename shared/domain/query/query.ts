import { attributeNames, findAttribute, type Attribute } from './attributes.ts'
import { nearestName } from './nearest.ts'
import { QueryProblem } from './query-problem.ts'
import { rangeOf, tokenize, type Token } from './tokens.ts'
import { isVersion, parseBytes, parseDecimal } from './values.ts'

export type Relation = '=' | '!=' | '<' | '<=' | '>' | '>='

/** A parsed query: the one filter language of groups, deployments, lists and the CLI. */
export type Query =
  | { op: 'all' }
  | { op: 'and' | 'or'; terms: Query[] }
  | { op: 'not'; term: Query }
  | { op: 'compare'; attribute: string; relation: Relation; value: string }
  | { op: 'in'; attribute: string; values: string[] }
  | { op: 'has'; attribute: string; value: string }

/** Deeper nesting is refused: the parser recurses. */
const MAX_DEPTH = 50

/**
 * Reads a query such as `site = "lyon" and tag:camera and agent >= 1.2 and not model:digits@1.0.0`. Empty text selects everything.
 * @param labels names of labels that are in use; a bare word that is neither a fact nor one of them is refused
 * @throws QueryProblem `query.syntax`, `query.unknown-attribute` (with the nearest name), `query.type`, each with its place
 */
export function parseQuery(text: string, labels: ReadonlySet<string>): Query {
  const tokens = tokenize(text)
  if (tokens.length === 1) return { op: 'all' }
  const reader = new QueryReader(tokens, labels)
  const query = reader.either(0)
  reader.expectEnd()
  return query
}

class QueryReader {
  readonly #tokens: Token[]
  readonly #labels: ReadonlySet<string>
  #next = 0

  constructor(tokens: Token[], labels: ReadonlySet<string>) {
    this.#tokens = tokens
    this.#labels = labels
  }

  either(depth: number): Query {
    return this.#chain('or', () => this.#both(depth))
  }

  #both(depth: number): Query {
    return this.#chain('and', () => this.#negated(depth))
  }

  #chain(word: 'and' | 'or', part: () => Query): Query {
    const terms = [part()]
    while (this.#takeWord(word)) terms.push(part())
    return terms.length === 1 ? terms[0]! : { op: word, terms }
  }

  #negated(depth: number): Query {
    if (depth > MAX_DEPTH)
      throw new QueryProblem('query.syntax', `The query is nested deeper than ${MAX_DEPTH} levels.`, rangeOf(this.#tokens[this.#next]!))
    if (this.#takeWord('not')) return { op: 'not', term: this.#negated(depth + 1) }
    if (this.#takeSymbol('(')) {
      const inner = this.either(depth + 1)
      if (!this.#takeSymbol(')')) throw this.#unexpected('")"')
      return inner
    }
    return this.#condition()
  }

  #condition(): Query {
    const name = this.#take()
    if (name.kind !== 'word') throw this.#unexpected('an attribute', name)
    const attribute = name.text
    const found = findAttribute(attribute, this.#labels)
    if (found === null) throw unknownAttribute(name, this.#labels)
    const at = this.#tokens[this.#next]!
    if (this.#takeSymbol(':')) {
      if (found.type !== 'set')
        throw new QueryProblem('query.type', `'${attribute}' is a ${found.type}: write ${attribute} = value.`, rangeOf(at))
      return { op: 'has', attribute, value: this.#value().text }
    }
    if (found.type === 'set')
      throw new QueryProblem('query.type', `'${attribute}' is a set: write ${attribute}:value.`, rangeOf(at.kind === 'end' ? name : at))
    if (this.#takeWord('in')) return { op: 'in', attribute, values: this.#values().map((value) => checkedValue(found, name, '=', value)) }
    const relation = this.#take()
    if (relation.kind !== 'symbol' || !isRelation(relation.text)) throw this.#unexpected('a comparison (= != < <= > >= or in)', relation)
    return { op: 'compare', attribute, relation: relation.text, value: checkedValue(found, name, relation.text, this.#value()) }
  }

  #values(): Token[] {
    if (!this.#takeSymbol('(')) throw this.#unexpected('"(" after in')
    const values = [this.#value()]
    while (this.#takeSymbol(',')) values.push(this.#value())
    if (!this.#takeSymbol(')')) throw this.#unexpected('")"')
    return values
  }

  #value(): Token {
    const token = this.#take()
    if (token.kind !== 'word' && token.kind !== 'quoted') throw this.#unexpected('a value', token)
    return token
  }

  expectEnd(): void {
    const token = this.#tokens[this.#next]!
    if (token.kind !== 'end') throw this.#unexpected('"and", "or" or the end', token)
  }

  #take(): Token {
    const token = this.#tokens[this.#next]!
    if (token.kind !== 'end') this.#next += 1
    return token
  }

  #takeWord(word: string): boolean {
    const token = this.#tokens[this.#next]!
    if (token.kind !== 'word' || token.text.toLowerCase() !== word) return false
    this.#next += 1
    return true
  }

  #takeSymbol(symbol: string): boolean {
    const token = this.#tokens[this.#next]!
    if (token.kind !== 'symbol' || token.text !== symbol) return false
    this.#next += 1
    return true
  }

  #unexpected(wanted: string, token: Token = this.#tokens[this.#next]!): QueryProblem {
    const found = token.kind === 'end' ? 'the query ends' : `'${token.text}' stands`
    return new QueryProblem('query.syntax', `At position ${token.at + 1} ${found} where ${wanted} was expected.`, rangeOf(token))
  }
}

function isRelation(text: string): text is Relation {
  return ['=', '!=', '<', '<=', '>', '>='].includes(text)
}

function unknownAttribute(name: Token, labels: ReadonlySet<string>): QueryProblem {
  const near = nearestName(name.text, attributeNames(labels))
  const advice = near === null ? '' : ` Did you mean '${near}'?`
  return new QueryProblem('query.unknown-attribute', `There is no attribute or label '${name.text}'.${advice}`, rangeOf(name))
}

function checkedValue({ type, values }: Attribute, name: Token, relation: Relation, { text: value, ...place }: Token): string {
  const attribute = name.text
  const refused = (message: string): QueryProblem => new QueryProblem('query.type', message, { from: place.at, to: place.end })
  const isOrder = relation !== '=' && relation !== '!='
  if (type === 'text' && isOrder) throw refused(`'${attribute}' is text: it can be compared with = and != only.`)
  if (type === 'number' && parseDecimal(value) === null) throw refused(`'${attribute}' is a number; '${value}' is none.`)
  if (type === 'bytes' && parseBytes(value) === null) throw refused(`'${attribute}' is a size such as 2GB; '${value}' is none.`)
  if (type === 'version' && !isVersion(value) && !value.endsWith('*'))
    throw refused(`'${attribute}' is a version such as 1.2; '${value}' is none.`)
  if (values !== undefined && !value.endsWith('*') && !values.includes(value.toLowerCase())) {
    const near = nearestName(value, values)
    const advice = near === null ? '' : ` Did you mean '${near}'?`
    throw refused(`'${attribute}' is one of ${values.join(', ')}; '${value}' is none of them.${advice}`)
  }
  return value
}

/** The query as text that parses to the same query. */
export function printQuery(query: Query): string {
  switch (query.op) {
    case 'all':
      return ''
    case 'and':
    case 'or':
      return query.terms
        .map((term) => (term.op === 'and' || term.op === 'or' ? `(${printQuery(term)})` : printQuery(term)))
        .join(` ${query.op} `)
    case 'not':
      return query.term.op === 'and' || query.term.op === 'or' ? `not (${printQuery(query.term)})` : `not ${printQuery(query.term)}`
    case 'compare':
      return `${query.attribute} ${query.relation} ${quoted(query.value)}`
    case 'in':
      return `${query.attribute} in (${query.values.map(quoted).join(', ')})`
    case 'has':
      return `${query.attribute}:${quoted(query.value)}`
  }
}

/** A value as it stands in a query, whatever characters it holds. */
export function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, (c) => `\\${c}`)}"`
}
