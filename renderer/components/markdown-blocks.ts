/** A piece of text within a line. */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong'; parts: Inline[] }
  | { kind: 'emphasis'; parts: Inline[] }
  | { kind: 'link'; href: string; parts: Inline[] }

/** A block of a page: what a runbook needs, and no more. */
export type Block =
  | { kind: 'heading'; level: 1 | 2 | 3; parts: Inline[] }
  | { kind: 'paragraph'; parts: Inline[] }
  | { kind: 'list'; isOrdered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string }
  | { kind: 'quote'; parts: Inline[] }

const heading = /^(#{1,6})\s+(.*?)\s*#*$/
const bullet = /^\s{0,3}[-*+]\s+(.*)$/
const numbered = /^\s{0,3}\d{1,4}[.)]\s+(.*)$/
const fence = /^\s{0,3}(`{3,}|~{3,})/

/**
 * Reads the part of Markdown that runbooks are written in: headings, paragraphs, lists of one level, quotes, fenced code, and within a line
 * code, strong, emphasis and links. The result is data that a screen draws as elements; HTML in the text stays text.
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
  if (fenced !== null) return codeAt(lines, at, fenced[1]!)
  const headed = heading.exec(line)
  if (headed !== null) {
    const level = Math.min(3, headed[1]!.length) as 1 | 2 | 3
    return { block: { kind: 'heading', level, parts: inlineParts(headed[2]!) }, next: at + 1 }
  }
  if (bullet.test(line)) return listAt(lines, at, bullet)
  if (numbered.test(line)) return listAt(lines, at, numbered)
  return textAt(lines, at)
}

function codeAt(lines: readonly string[], at: number, mark: string): { block: Block; next: number } {
  const end = lines.findIndex((line, i) => i > at && line.trim().startsWith(mark))
  const last = end === -1 ? lines.length : end
  return { block: { kind: 'code', text: lines.slice(at + 1, last).join('\n') }, next: last + 1 }
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
  if (/^\/(?![/\\])/.test(href)) return true
  return /^https?:\/\/[^\s\\]+$/i.test(href)
}
