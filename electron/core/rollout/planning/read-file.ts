import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml'
import { nearestName } from '../../../../shared/domain/query/nearest.ts'
import { rolloutPlan, type RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import { formAt, nameInFile, nameInPlan, namesAt, pathText, type PlanPath } from './file-fields.ts'
import { longhand } from './file-shorthand.ts'
import { exampleOf, readValue } from './file-values.ts'
import { finding, type Finding } from './finding.ts'
import { depthOf } from './file-depth.ts'

/** What a rollout file says. */
export interface ReadFile {
  /** null: it has errors. */
  plan: RolloutPlan | null
  findings: Finding[]
  /** Place of a path of the plan in the text, from 1; null: it is not in the text. */
  lineOf(path: string): { line: number; column: number } | null
}

/** Most bytes of a file; a plan with 50 waves has some thousand. */
export const MOST_BYTES = 200_000
/** A plan is five levels deep. Deeper text is hostile: it costs the parser a second, or all of its stack. */
const MOST_DEPTH = 40
/** Columns of indent and marks before what a line says: a level of a block takes at least one. */
const MOST_INDENT = 200
/** A text that is wrong everywhere is told often enough. */
const MOST_FINDINGS = 100

/**
 * Reads a rollout file, YAML or JSON. Nothing is thrown: what is wrong is a finding with its line. Comments are not kept: a plan has no place for them.
 * Anchors, aliases and tags are refused, so that a text means what it says and cannot grow.
 */
export function readRolloutFile(text: string): ReadFile {
  const nowhere = (): null => null
  const refused = (message: string): ReadFile => ({ plan: null, findings: [finding('error', 'file.syntax', '', message)], lineOf: nowhere })
  if (Buffer.byteLength(text) > MOST_BYTES) return refused(`The file is larger than ${MOST_BYTES / 1000} kB.`)
  const { brackets, indent } = depthOf(text)
  if (brackets > MOST_DEPTH) return refused(`The file has more than ${MOST_DEPTH} brackets within each other.`)
  if (indent > MOST_INDENT) return refused(`The file is indented by more than ${MOST_INDENT} columns, marks of lists counted.`)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'silent', prettyErrors: false })
  const wrong = document.errors[0]
  if (wrong !== undefined) return refused(`${wrong.message}${placeText(lines.linePos(wrong.pos[0]))}`)
  return readDocument(document, lines)
}

function readDocument(document: Document, lines: LineCounter): ReadFile {
  const reader = new FileReader(lines)
  const content = document.contents
  if (!isMap(content)) {
    const message = 'A rollout file is a list of names with values: deployment, model, version, waves and so on.'
    return { plan: null, findings: [finding('error', 'file.syntax', '', message)], lineOf: () => null }
  }
  const value = reader.read(content, [])
  const { findings } = reader
  const lineOf = (path: string) => reader.placeOf(path)
  if (findings.some(({ severity }) => severity === 'error')) return { plan: null, findings, lineOf }
  const parsed = rolloutPlan.safeParse(value)
  if (parsed.success) return { plan: parsed.data, findings, lineOf }
  for (const issue of parsed.error.issues) {
    const path = issue.path.filter((part) => typeof part !== 'symbol')
    const isMissing = issue.message.endsWith('received undefined')
    reader.note('file.value', path, isMissing ? `${nameOf(path)} is missing` : `${nameOf(path)}: ${issue.message}`)
  }
  return { plan: null, findings, lineOf }
}

class FileReader {
  readonly findings: Finding[] = []
  readonly #lines: LineCounter
  readonly #places = new Map<string, number>()

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  /** Of what a short form leaves out: the place of the short form. */
  placeOf(path: string): { line: number; column: number } | null {
    const offset = this.#places.get(path)
    const outer = path.replace(/(\.\w+|\[\d+\])$/, '')
    if (offset === undefined) return outer === path ? null : this.placeOf(outer)
    const { line, col } = this.#lines.linePos(offset)
    return { line, column: col }
  }

  /** Notes an error at the innermost place of the path that is in the text. */
  note(code: string, path: PlanPath, message: string): void {
    if (this.findings.length >= MOST_FINDINGS) return
    let place: number | undefined
    for (let length = path.length; length > 0 && place === undefined; length -= 1) place = this.#places.get(pathText(path.slice(0, length)))
    const where = place === undefined ? '' : placeText(this.#lines.linePos(place))
    this.findings.push(finding('error', code, pathText(path), `${message.replace(/\.$/, '')}${where}.`))
  }

  read(node: unknown, path: PlanPath): unknown {
    const { range } = (node ?? {}) as Node
    if (range != null && !this.#places.has(pathText(path))) this.#places.set(pathText(path), range[0])
    if (path.length > MOST_DEPTH) return this.#refuse(path, 'It is nested too deep')
    if (isAlias(node) || (isNode(node) && node.anchor !== undefined))
      return this.#refuse(path, 'Anchors and aliases are not taken: write the value itself')
    if (isNode(node) && node.tag !== undefined) return this.#refuse(path, `The tag ${node.tag.slice(0, 40)} is not taken`)
    if (isMap(node)) return longhand(path, this.#readMap(node, path))
    if (isSeq(node)) return node.items.map((item, i) => this.read(item, [...path, i]))
    return isScalar(node) ? this.#readScalar({ value: node.value, source: node.source ?? '' }, path) : null
  }

  #readScalar({ value, source }: { value: unknown; source: string }, path: PlanPath): unknown {
    const whole = longhand(path, value)
    if (whole !== value) return whole
    const form = formAt(path)
    if (form === null || value === null) return value
    // 1.10 is a version, and no number.
    const read = form === 'text' ? source : typeof value === 'string' || typeof value === 'number' ? readValue(form, value) : undefined
    return read ?? this.#refuse(path, `'${source.slice(0, 80)}' cannot be read; write ${exampleOf(form)}`)
  }

  #readMap(map: YAMLMap, path: PlanPath): Record<string, unknown> {
    const made: Record<string, unknown> = {}
    const known = namesAt(path)
    for (const pair of map.items) {
      const written = keyOf(pair)
      const name = written === null ? null : nameInPlan(path, written)
      const at = [...path, name ?? '']
      const { range } = pair.key as Node
      if (range != null) this.#places.set(pathText(at), range[0])
      if (name === null || !(known.includes(name) || isShorthandKey(path, name))) this.#unknown(path, written ?? '?', known)
      else if (Object.hasOwn(made, name)) this.note('file.key', at, `'${written}' is there twice`)
      else made[name] = this.read(pair.value, at)
    }
    return made
  }

  #unknown(path: PlanPath, written: string, known: readonly string[]): void {
    const names = known.map((name) => nameInFile(path, name))
    const near = nearestName(written, names)
    const where = path.length === 0 ? 'A plan' : nameOf(path)
    const hint = near === null ? `the names are ${names.join(', ')}` : `is '${near}' meant?`
    this.note('file.key', [...path, nameInPlan(path, written.slice(0, 80))], `${where} has no '${written.slice(0, 80)}'; ${hint}`)
  }

  #refuse(path: PlanPath, message: string): undefined {
    this.note('file.value', path, path.length === 0 ? message : `${nameOf(path)}: ${message}`)
    return undefined
  }
}

function keyOf({ key }: Pair): string | null {
  return isScalar(key) && (typeof key.value === 'string' || typeof key.value === 'number') ? String(key.value) : null
}

/** A wave may name its query without a size. */
function isShorthandKey(path: PlanPath, name: string): boolean {
  return path.length === 2 && path[0] === 'waves' && name === 'query'
}

/** The path as the file writes it. */
function nameOf(path: PlanPath): string {
  const last = path.at(-1)
  if (typeof last !== 'string') return pathText(path)
  const before = path.slice(0, -1)
  return pathText([...before, nameInFile(before, last)])
}

function placeText({ line, col }: { line: number; col: number }): string {
  return line === 0 ? '' : ` (line ${line}, column ${col})`
}
