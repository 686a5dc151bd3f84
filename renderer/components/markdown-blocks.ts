/** A piece of text within a line. */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong'; parts: Inline[] }
  | { kind: 'emphasis'; parts: Inline[] }
  | { kind: 'link'; href: string; parts: Inline[] }

/** A block of a page: what runbooks and guides need, and no more. */
export type Block =
  | { kind: 'heading'; level: 1 | 2 | 3; parts: Inline[] }
  | { kind: 'paragraph'; parts: Inline[] }
  | { kind: 'list'; isOrdered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string; language?: string }
  | { kind: 'quote'; parts: Inline[] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'image'; src: string; alt: string }

const heading = /^(#{1,6})\s+(.*?)\s*#*$/
const bullet = /^\s{0,3}[-*+]\s+(.*)$/
const numbered = /^\s{0,3}\d{1,4}[.)]\s+(.*)$/
const fence = /^\s{0,3}(`{3,}|~{3,})\s*([a-z]{0,20})/
const divider = /^\|(?:\s*:?-+:?\s*\|)+$/
const image = /^!\[([^\]]{1,500})\]\(([^()\s]{1,2048})\)$/

/**
 * Reads the part of Markdown that runbooks and guides are written in: headings, paragraphs, lists of one level, quotes, fenced code, tables,
 * images that stand alone, and within a line code, strong, emphasis and links. The result is data that a screen draws as elements; HTML in the text stays text.
 */
export function markdownBlocks(markdown: string): Block[] {
  const lines = markdown.replaceAll('\r\n', '\n').split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length;) {
    const { block, next } = blockAt(lines, at)
    if (block !== null) blocks.push(block)
    at = next
  }
  return blocks
}

function blockAt(lines: readonly string[], at: number): { block: Block | null; next: number } {
  const line = lines[at]!
  if (line.trim() === '') return { block: null, next: at + 1 }
  const fenced = fence.exec(line)
  if (fenced !== null) return codeAt(lines, at, { mark: fenced[1]!, language: fenced[2]! })
  if (divider.test(lines[at + 1]?.trim() ?? '') && line.startsWith('|')) return tableAt(lines, at)
  const pictured = image.exec(line.trim())
  // An address that is none of ours stays as it was written.
  if (pictured !== null && isOwnPage(pictured[2]!)) return { block: { kind: 'image', src: pictured[2]!, alt: pictured[1]! }, next: at + 1 }
  const headed = heading.exec(line)
  if (headed !== null) {
    const level = Math.min(3, headed[1]!.length) as 1 | 2 | 3
    return { block: { kind: 'heading', level, parts: inlineParts(headed[2]!) }, next: at + 1 }
  }
  if (bullet.test(line)) return listAt(lines, at, bullet)
  if (numbered.test(line)) return listAt(lines, at, numbered)
  return textAt(lines, at)
}

function codeAt(
  lines: readonly string[],
  at: number,
  { mark, language }: { mark: string; language: string },
): { block: Block; next: number } {
  const end = lines.findIndex((line, i) => i > at && line.trim().startsWith(mark))
  const last = end === -1 ? lines.length : end
  const text = lines.slice(at + 1, last).join('\n')
  return { block: { kind: 'code', text, ...(language === '' ? {} : { language }) }, next: last + 1 }
}

function tableAt(lines: readonly string[], at: number): { block: Block; next: number } {
  let next = at + 2
  while (lines[next]?.startsWith('|') === true) next += 1
  const head = cellsOf(lines[at]!)
  // Every row has the cells that the head has: a row that is cut short must not move its neighbours.
  const rows = lines.slice(at + 2, next).map((line) => {
    const cells = cellsOf(line)
    return head.map((_, i) => cells[i] ?? [])
  })
  return { block: { kind: 'table', head, rows }, next }
}

/** Cells between bars; a bar that is part of a text is written with a backslash. */
function cellsOf(line: string): Inline[][] {
  return line
    .trim()
    .replace(/^\||(?<!\\)\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => inlineParts(cell.trim().replaceAll('\\|', '|')))
}

function listAt(lines: readonly string[], at: number, item: RegExp): { block: Block; next: number } {
  const items: string[] = []
  let next = at
  for (; next < lines.length && lines[next]!.trim() !== ''; next += 1) {
    const found = item.exec(lines[next]!)
    if (found !== null) items.push(found[1]!)
    else if (startsOther(lines[next]!)) break
    // A line that is set in belongs to the item above it.
    else items[items.length - 1] = `${items.at(-1)} ${lines[next]!.trim()}`
  }
  return { block: { kind: 'list', isOrdered: item === numbered, items: items.map((text) => inlineParts(text)) }, next }
}

function textAt(lines: readonly string[], at: number): { block: Block; next: number } {
  const isQuote = lines[at]!.startsWith('>')
  const words: string[] = []
  let next = at
  for (; next < lines.length && lines[next]!.trim() !== '' && (next === at || !startsOther(lines[next]!)); next += 1) {
    words.push(lines[next]!.replace(isQuote ? /^>\s?/ : /^\s+/, '').trim())
  }
  return { block: { kind: isQuote ? 'quote' : 'paragraph', parts: inlineParts(words.join(' ')) }, next }
}

function startsOther(line: string): boolean {
  return [heading, bullet, numbered, fence].some((pattern) => pattern.test(line))
}

const inline = /`([^`]+)`|\*\*([^*]+(?:\*(?!\*)[^*]*)*)\*\*|\*([^*\s][^*]*)\*|\[([^\]]{1,500})\]\(([^()\s]{1,2048})\)/

function inlineParts(text: string): Inline[] {
  const parts: Inline[] = []
  let rest = text
  for (let found = inline.exec(rest); found !== null; found = inline.exec(rest)) {
    if (found.index > 0) parts.push({ kind: 'text', text: rest.slice(0, found.index) })
    parts.push(inlineOf(found))
    rest = rest.slice(found.index + found[0].length)
  }
  if (rest !== '') parts.push({ kind: 'text', text: rest })
  return parts
}

function inlineOf([whole, code, strong, emphasis, label, href]: RegExpExecArray): Inline {
  if (code !== undefined) return { kind: 'code', text: code }
  if (strong !== undefined) return { kind: 'strong', parts: inlineParts(strong) }
  if (emphasis !== undefined) return { kind: 'emphasis', parts: inlineParts(emphasis) }
  // An address that is none of ours stays as it was written: it is read, not followed.
  return isSafeAddress(href!) ? { kind: 'link', href: href!, parts: inlineParts(label!) } : { kind: 'text', text: whole }
}

/** True for pages of this console and for https and http; everything that could run (`javascript:`, `data:`) is none. */
export function isSafeAddress(href: string): boolean {
  return isOwnPage(href) || /^https?:\/\/[^\s\\]+$/i.test(href)
}

/** True for an address of this console; `//host` and `/\\host` are others. */
function isOwnPage(href: string): boolean {
  return /^\/(?![/\\])/.test(href)
}

/** The words of a line without their marks. */
export function plainText(parts: readonly Inline[]): string {
  return parts.map((part) => ('text' in part ? part.text : plainText(part.parts))).join('')
}
