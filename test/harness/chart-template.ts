import { parseAllDocuments, stringify } from 'yaml'

/** What a template is rendered with. */
export interface ChartInput {
  Values: Record<string, unknown>
  Release: { Name: string; Namespace: string; Service: string }
  Chart: { Name: string; AppVersion: string }
}

type Scope = { root: ChartInput; dot: unknown }
type Node = { text: string } | { put: string } | { block: 'if' | 'with'; of: string; body: Node[]; otherwise: Node[] }

/**
 * Renders the part of Helm's template language that the chart uses, where Helm itself is not there. Whatever it does not know is an error and no
 * empty text, so a chart that grows beyond it is noticed.
 * @returns the text, as Helm would give it
 */
export function renderTemplate(source: string, root: ChartInput): string {
  const { nodes, rest } = parse(tokensOf(source))
  if (rest.length > 0) throw new Error('a block is ended that was not begun')
  return print(nodes, { root, dot: root })
}

/** The objects of a rendered template, each checked to be strict YAML. */
export function objectsOf(text: string): Record<string, unknown>[] {
  return parseAllDocuments(text, { strict: true, uniqueKeys: true })
    .map((document) => {
      if (document.errors.length > 0) throw document.errors[0]!
      return document.toJS() as Record<string, unknown> | null
    })
    .filter((value) => value !== null)
}

function tokensOf(source: string): string[] {
  // A dash beside the braces takes the white space on that side away.
  return source
    .replace(/\s*\{\{-\s*/g, '{{ ')
    .replace(/\s*-\}\}\s*/g, ' }}')
    .split(/(\{\{.*?\}\})/s)
}

function parse(tokens: readonly string[]): { nodes: Node[]; rest: string[] } {
  const nodes: Node[] = []
  let left = [...tokens]
  while (left.length > 0) {
    const token = left[0]!
    const action = /^\{\{\s*(.*?)\s*\}\}$/s.exec(token)?.[1]
    if (action === 'end' || action === 'else') return { nodes, rest: left }
    left = left.slice(1)
    const [, block, of] = /^(if|with) (.+)$/s.exec(action ?? '') ?? []
    if (action === undefined) nodes.push({ text: token })
    else if (block === undefined || of === undefined) nodes.push({ put: action })
    else {
      const body = parse(left)
      const hasElse = /\belse\b/.test(body.rest[0] ?? '')
      const otherwise = hasElse ? parse(body.rest.slice(1)) : { nodes: [], rest: body.rest }
      if (otherwise.rest.length === 0) throw new Error(`{{ ${action} }} has no end`)
      nodes.push({ block: block as 'if' | 'with', of, body: body.nodes, otherwise: otherwise.nodes })
      left = otherwise.rest.slice(1)
    }
  }
  return { nodes, rest: [] }
}

function print(nodes: readonly Node[], scope: Scope): string {
  return nodes
    .map((node) => {
      if ('text' in node) return node.text
      if ('put' in node) return String(pipeline(node.put, scope))
      const value = node.of.startsWith('not ') ? !isTrue(pipeline(node.of.slice(4), scope)) : pipeline(node.of, scope)
      if (!isTrue(value)) return print(node.otherwise, scope)
      return print(node.body, node.block === 'with' ? { ...scope, dot: value } : scope)
    })
    .join('')
}

/** Empty lists, maps and texts are false, as in Go. */
function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return value !== '' && value !== 0 && value !== false && value !== null && value !== undefined
}

function pipeline(text: string, scope: Scope): unknown {
  const [first, ...later] = text.split(' | ')
  return later.reduce((value: unknown, step) => call(wordsOf(step), scope, [value]), call(wordsOf(first!), scope, []))
}

/** Words of an expression; what stands in parentheses or quotes is one. */
function wordsOf(text: string): string[] {
  return text.match(/"(?:[^"\\]|\\.)*"|\((?:[^()"]|"(?:[^"\\]|\\.)*"|\([^()]*\))*\)|[^\s()"]+/g) ?? []
}

function call(words: readonly string[], scope: Scope, piped: readonly unknown[]): unknown {
  const [name, ...given] = words
  if (given.length === 0 && piped.length === 0) return valueOf(name!, scope)
  const known = functions[name!]
  if (known === undefined) throw new Error(`the function ${name ?? ''} is not known here`)
  return known(...given.map((word) => valueOf(word, scope)), ...piped)
}

function valueOf(word: string, scope: Scope): unknown {
  if (word.startsWith('(')) return pipeline(word.slice(1, -1), scope)
  if (word.startsWith('"')) return JSON.parse(word)
  if (/^\d+$/.test(word)) return Number(word)
  if (word === '.') return scope.dot
  if (!word.startsWith('.')) throw new Error(`${word} is not known here`)
  let value: unknown = scope.dot
  for (const key of word.slice(1).split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) throw new Error(`there is no ${word}`)
    value = Reflect.get(value, key)
  }
  return value
}

const functions: Record<string, (...given: unknown[]) => unknown> = {
  quote: (value) => JSON.stringify(String(value)),
  default: (otherwise, value) => (isTrue(value) ? value : otherwise),
  join: (between, list) => (list as unknown[]).join(String(between)),
  toYaml: (value) => stringify(value).trimEnd(),
  nindent: (spaces, text) =>
    String(text)
      .replace(/^/gm, ' '.repeat(Number(spaces)))
      .replace(/^/, '\n'),
  printf: (format, ...given) => String(format).replace(/%s/g, () => String(given.shift())),
}
