import { healths, type Health } from '../../../shared/domain/device-health.ts'
import { splitQuery, type Token } from '../../../shared/domain/query/tokens.ts'

/** A condition at the top of a query, as it was written. */
interface Part {
  text: string
  health: Health | null
}

/** The state that a query asks for at its top, as a chip sets it; `null` if none or more than one. */
export function healthOf(query: string): Health | null {
  const found = (topParts(query) ?? []).flatMap(({ health }) => (health === null ? [] : [health]))
  return found.length === 1 ? found[0]! : null
}

/** The query with `health = …` set at its top, or with `null` taken away; everything else stays as it was written. */
export function withHealth(query: string, health: Health | null): string {
  const parts = topParts(query)
  const others = parts === null ? [`(${query.trim()})`] : parts.filter((part) => part.health === null).map(({ text }) => text)
  if (health === null) return parts === null ? query : others.length === 1 ? withoutBrackets(others[0]!) : others.join(' and ')
  return [...others, `health = ${health}`].join(' and ')
}

/** The conditions that `and` joins at the top; `null` where an `or` stands among them. */
function topParts(query: string): Part[] | null {
  const tokens = splitQuery(query).filter(({ kind }) => kind !== 'end')
  const groups: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.text === '(') depth += 1
    if (token.kind === 'symbol' && token.text === ')') depth -= 1
    const word = token.kind === 'word' && depth === 0 ? token.text.toLowerCase() : ''
    if (word === 'or') return null
    if (word === 'and') groups.push([])
    else groups.at(-1)!.push(token)
  }
  return groups
    .filter((group) => group.length > 0)
    .map((group) => ({ text: query.slice(group[0]!.at, group.at(-1)!.end), health: healthIn(group) }))
}

function healthIn(group: readonly Token[]): Health | null {
  const [name, relation, value] = group
  if (group.length !== 3 || name!.text !== 'health' || relation!.text !== '=') return null
  return healths.find((one) => one === value!.text.toLowerCase()) ?? null
}

/** Takes off brackets that stand around the whole, such as those that setting a state put there. */
function withoutBrackets(text: string): string {
  if (!text.startsWith('(')) return text
  let depth = 0
  for (const token of splitQuery(text)) {
    if (token.kind === 'symbol' && token.text === '(') depth += 1
    if (token.kind === 'symbol' && token.text === ')') depth -= 1
    if (depth === 0) return token.end === text.length ? text.slice(1, -1).trim() : text
  }
  return text
}
