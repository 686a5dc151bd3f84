import { headingIds } from '../../components/heading-ids.ts'
import { markdownBlocks, plainText, type Block } from '../../components/markdown-blocks.ts'
import { helpDocuments, type HelpDocument } from './help-documents.ts'
import { linkedText, type LinkPlaces } from './linked-text.ts'

/** A heading of a page, with what stands below it up to the next one. */
export interface HelpSection {
  id: string
  title: string
  level: 1 | 2 | 3
  /** The words below the heading, one block a line. */
  text: string
}

/** A document as it is read. */
export interface HelpPage {
  document: HelpDocument
  /** What stands below the title of the document. */
  blocks: readonly Block[]
  sections: readonly HelpSection[]
}

/**
 * Makes the pages of the documents that there are texts of.
 * @param texts Markdown by the path of a document
 * @param pictures addresses of pictures by their path
 */
export function helpPages(texts: ReadonlyMap<string, string>, pictures: ReadonlyMap<string, string>): HelpPage[] {
  const documents = new Map(helpDocuments.map(({ path, name }) => [path, name]))
  return helpDocuments.flatMap((document) => {
    const text = texts.get(document.path)
    return text === undefined ? [] : [pageOf(document, text, { documents, pictures })]
  })
}

function pageOf(document: HelpDocument, text: string, places: LinkPlaces): HelpPage {
  // The title of the document is that of the screen.
  const blocks = markdownBlocks(linkedText(text, document.path, places)).filter(({ kind }, i) => kind !== 'heading' || i > 0)
  const ids = headingIds(blocks)
  const sections: HelpSection[] = [{ id: '', title: document.title, level: 1, text: '' }]
  for (const [at, block] of blocks.entries()) {
    if (block.kind === 'heading') sections.push({ id: ids.get(at)!, title: plainText(block.parts), level: block.level, text: '' })
    else sections.at(-1)!.text += `${wordsOf(block)}\n`
  }
  return { document, blocks, sections }
}

function wordsOf(block: Block): string {
  switch (block.kind) {
    case 'code':
      return block.text
    case 'image':
      return block.alt
    case 'list':
      return block.items.map((parts) => plainText(parts)).join('\n')
    case 'table':
      return [block.head, ...block.rows].map((cells) => cells.map((parts) => plainText(parts)).join('  ')).join('\n')
    case 'heading':
    case 'paragraph':
    case 'quote':
      return plainText(block.parts)
  }
}
