import type { HelpPage, HelpSection } from './help-pages.ts'

/** A section that holds every word that was asked for. */
export interface HelpHit {
  page: HelpPage
  section: HelpSection
  /** The line in which the first word stands; empty where only the title holds them. */
  line: string
}

const MOST_HITS = 40
const LINE_LENGTH = 180

/** Sections with every word of a text, those first that have them in their title; guides before references. */
export function searchHelp(pages: readonly HelpPage[], text: string): HelpHit[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  const found: (HelpHit & { rank: number })[] = []
  for (const page of pages) {
    for (const section of page.sections) {
      const rank = rankOf(section, words)
      if (rank !== null) found.push({ page, section, line: lineWith(section.text, words), rank: rank + kindRank(page) })
    }
  }
  // The order of the documents is that in which people read them: among equals it stays.
  return found.sort((a, b) => a.rank - b.rank).slice(0, MOST_HITS)
}

/** 0: all words are in the title; 1: some; 2: none; null: a word is nowhere. */
function rankOf(section: HelpSection, words: readonly string[]): number | null {
  const title = section.title.toLowerCase()
  const text = section.text.toLowerCase()
  if (!words.every((word) => title.includes(word) || text.includes(word))) return null
  const inTitle = words.filter((word) => title.includes(word)).length
  return inTitle === words.length ? 0 : inTitle > 0 ? 1 : 2
}

function kindRank({ document }: HelpPage): number {
  return document.kind === 'guide' ? 0 : 0.5
}

/** The line with the most of the words, cut around the first of them. */
function lineWith(text: string, words: readonly string[]): string {
  let best = { line: '', count: 0 }
  for (const line of text.split('\n')) {
    const lower = line.toLowerCase()
    const count = words.filter((word) => lower.includes(word)).length
    if (count > best.count) best = { line, count }
  }
  const lower = best.line.toLowerCase()
  const first = Math.min(...words.map((word) => lower.indexOf(word)).filter((at) => at >= 0), best.line.length)
  const from = Math.max(0, first - LINE_LENGTH / 3)
  const cut = best.line.slice(from, from + LINE_LENGTH)
  return `${from > 0 ? '…' : ''}${cut}${from + LINE_LENGTH < best.line.length ? '…' : ''}`
}

/** A text in pieces: which of them are words that were asked for. */
export function markedParts(text: string, asked: string): { text: string; isFound: boolean }[] {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return [{ text, isFound: false }]
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)).join('|')})`, 'gi')
  return text
    .split(pattern)
    .map((part, i) => ({ text: part, isFound: i % 2 === 1 }))
    .filter((part) => part.text !== '')
}
