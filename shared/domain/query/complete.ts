import { attributeNames, findAttribute, type Attribute } from './attributes.ts'
import { quoted } from './query.ts'
import type { QueryRange } from './query-problem.ts'
import { splitQuery, type Token } from './tokens.ts'

/** Something that can be written at the caret. */
export interface Completion {
  text: string
  kind: 'attribute' | 'operator' | 'value' | 'word'
  detail: string
}

/** What the fleet has: names of labels, and values in use with what is to be said of each. */
export interface Vocabulary {
  labels: ReadonlySet<string>
  valuesOf(attribute: string): readonly { value: string; detail: string }[]
}

const MAX_ITEMS = 100
const relations: Record<Attribute['type'], readonly string[]> = {
  text: ['=', '!=', 'in'],
  number: ['=', '!=', '<', '<=', '>', '>=', 'in'],
  bytes: ['=', '!=', '<', '<=', '>', '>=', 'in'],
  version: ['=', '!=', '<', '<=', '>', '>=', 'in'],
  set: [':'],
}
const meanings: Record<string, string> = {
  '=': 'is; a * at the end stands for any rest',
  '!=': 'is not',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is more than',
  '>=': 'is at least',
  in: 'is one of: in (a, b)',
  ':': 'holds',
}

/** What the grammar takes next, and for which attribute. */
type Place =
  | { wants: 'condition' }
  | { wants: 'relation' | 'value' | 'list' | 'rest-of-list'; attribute: string }
  | { wants: 'joint' | 'nothing' }

/** What can be written at a caret, and which characters it would replace: those of the word that the caret stands in. */
export function completeQuery(text: string, caret: number, vocabulary: Vocabulary): QueryRange & { items: Completion[] } {
  const at = Math.min(Math.max(0, caret), text.length)
  const tokens = splitQuery(text)
  const current = tokens.find((token) => isTouched(token, at)) ?? null
  const before = tokens.filter((token) => token.kind !== 'end' && token.end <= (current?.at ?? at) && token !== current)
  const place = placeAfter(before)
  const range = current === null ? { from: at, to: at } : { from: current.at, to: current.end }
  const written = current === null ? '' : text.slice(current.at, at).replace(/^"/, '').toLowerCase()
  const items = candidates(place, vocabulary)
    .filter(({ text: offered }) => offered.replace(/^"/, '').toLowerCase().includes(written))
    .sort((a, b) => rankOf(a, written) - rankOf(b, written))
  return { ...range, items: items.slice(0, MAX_ITEMS) }
}

/** True for the word or quoted text in which, or at whose end, the caret stands. A finished quoted text is left alone from its end on. */
function isTouched(token: Token, at: number): boolean {
  if (token.kind === 'word') return token.at <= at && at <= token.end
  if (token.kind === 'quoted') return token.at < at && (token.isClosed ? at < token.end : at <= token.end)
  // `!` alone is the beginning of a comparison.
  return token.kind === 'unknown' && token.end === at
}

function rankOf({ text }: Completion, written: string): number {
  return text.replace(/^"/, '').toLowerCase().startsWith(written) ? 0 : 1
}

/** Reads finished tokens and says what comes next; where they make no sense, nothing is offered. */
function placeAfter(tokens: readonly Token[]): Place {
  let place: Place = { wants: 'condition' }
  for (const token of tokens) {
    place = next(place, token)
    if (place.wants === 'nothing') return place
  }
  return place
}

function next(place: Place, token: Token): Place {
  const nothing: Place = { wants: 'nothing' }
  const isSymbol = (symbol: string): boolean => token.kind === 'symbol' && token.text === symbol
  const isWord = (word: string): boolean => token.kind === 'word' && token.text.toLowerCase() === word
  switch (place.wants) {
    case 'condition':
      if (isSymbol('(') || isWord('not')) return place
      return token.kind === 'word' ? { wants: 'relation', attribute: token.text } : nothing
    case 'relation':
      if (isWord('in')) return { wants: 'list', attribute: place.attribute }
      return token.kind === 'symbol' && token.text in meanings ? { wants: 'value', attribute: place.attribute } : nothing
    case 'value':
      return token.kind === 'word' || token.kind === 'quoted' ? { wants: 'joint' } : nothing
    case 'list':
      // After the bracket a value, after the value a comma or the end.
      if (isSymbol('(') || isSymbol(',')) return place
      return token.kind === 'word' || token.kind === 'quoted' ? { wants: 'rest-of-list', attribute: place.attribute } : nothing
    case 'rest-of-list':
      if (isSymbol(',')) return { wants: 'list', attribute: place.attribute }
      return isSymbol(')') ? { wants: 'joint' } : nothing
    case 'joint':
      if (isSymbol(')')) return place
      return isWord('and') || isWord('or') ? { wants: 'condition' } : nothing
    case 'nothing':
      return nothing
  }
}

function candidates(place: Place, vocabulary: Vocabulary): Completion[] {
  switch (place.wants) {
    case 'condition':
      return [
        ...attributeNames(vocabulary.labels).map((name): Completion => {
          return { text: name, kind: 'attribute', detail: findAttribute(name, vocabulary.labels)?.summary ?? '' }
        }),
        { text: 'not', kind: 'word', detail: 'turns the next condition around' },
      ]
    case 'relation': {
      const found = findAttribute(place.attribute, vocabulary.labels)
      return (found === null ? [] : relations[found.type]).map((relation) => {
        return { text: relation, kind: 'operator', detail: meanings[relation]! }
      })
    }
    case 'value':
    case 'list':
      return valuesOf(place.attribute, vocabulary)
    case 'rest-of-list':
      return [
        { text: ',', kind: 'operator', detail: 'another value' },
        { text: ')', kind: 'operator', detail: 'ends the list' },
      ]
    case 'joint':
      return [
        { text: 'and', kind: 'word', detail: 'both must hold' },
        { text: 'or', kind: 'word', detail: 'one of them must hold' },
      ]
    case 'nothing':
      return []
  }
}

function valuesOf(attribute: string, vocabulary: Vocabulary): Completion[] {
  return vocabulary.valuesOf(attribute).map(({ value, detail }) => ({
    text: isPlain(value) ? value : quoted(value),
    kind: 'value',
    detail,
  }))
}

/** True for a value that needs no quotes. The words of the grammar do: `site = and` reads well, but not to people. */
function isPlain(value: string): boolean {
  return /^[^\s()=<>!,:"]+$/.test(value) && !['and', 'or', 'not', 'in'].includes(value.toLowerCase())
}
