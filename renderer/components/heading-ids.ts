import { plainText, type Block } from './markdown-blocks.ts'

/** The part of an address that stands for a heading: its words in small letters with hyphens between, as hosts of Markdown make it too. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
}

/** The id of each heading of a page by the place of its block; a heading that comes again has a number behind it. */
export function headingIds(blocks: readonly Block[]): ReadonlyMap<number, string> {
  const seen = new Map<string, number>()
  const ids = new Map<number, string>()
  for (const [at, block] of blocks.entries()) {
    if (block.kind !== 'heading') continue
    const slug = slugOf(plainText(block.parts))
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    ids.set(at, times === 0 ? slug : `${slug}-${times}`)
  }
  return ids
}

/** The id of the element of a heading: nothing else of the console begins like this. */
export function anchorOf(id: string): string {
  return `at-${id}`
}
