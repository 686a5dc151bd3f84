import { Link as RouteLink } from 'wouter'
import { Copy } from './copy.tsx'
import { anchorOf, headingIds } from './heading-ids.ts'
import { markdownBlocks, type Block, type Inline } from './markdown-blocks.ts'
import styles from './markdown.module.css'

/** A piece of Markdown within a page, drawn as elements: nothing in it is ever taken for HTML. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className={styles.page}>
      {markdownBlocks(text).map((block, i) => (
        // A page does not change while it is shown: the place of a block is its identity.
        <BlockView key={i} block={block} id={null} />
      ))}
    </div>
  )
}

/** A whole page of Markdown: its headings are those of the page, and each has an id that an address can name. */
export function MarkdownPage({ blocks }: { blocks: readonly Block[] }) {
  const ids = headingIds(blocks)
  return (
    <div className={`${styles.page} ${styles.whole}`}>
      {blocks.map((block, i) => (
        <BlockView key={i} block={block} id={ids.get(i) ?? null} />
      ))}
    </div>
  )
}

/** @param id of a heading of a page; null: the piece stands within a page that has its own headings */
function BlockView({ block, id }: { block: Block; id: string | null }) {
  switch (block.kind) {
    case 'heading':
      return <Heading level={block.level} id={id} parts={block.parts} />
    case 'paragraph':
      return (
        <p>
          <Parts parts={block.parts} />
        </p>
      )
    case 'quote':
      return (
        <blockquote className={styles.quote}>
          <Parts parts={block.parts} />
        </blockquote>
      )
    case 'code':
      return <Code text={block.text} language={block.language ?? ''} />
    case 'image':
      return <img className={styles.image} src={block.src} alt={block.alt} loading="lazy" />
    case 'table':
      return <Table head={block.head} rows={block.rows} />
    case 'list': {
      const items = block.items.map((parts, i) => (
        <li key={i}>
          <Parts parts={parts} />
        </li>
      ))
      return block.isOrdered ? <ol>{items}</ol> : <ul>{items}</ul>
    }
  }
}

function Heading({ level, id, parts }: { level: 1 | 2 | 3; id: string | null; parts: readonly Inline[] }) {
  const words = <Parts parts={parts} />
  if (id === null) return level === 1 ? <h3 className={styles.title}>{words}</h3> : <h4 className={styles.heading}>{words}</h4>
  // The focus goes there when an address names it, so that reading goes on from there.
  return level === 3 ? (
    <h3 className={styles.part} id={anchorOf(id)} tabIndex={-1}>
      {words}
    </h3>
  ) : (
    <h2 className={styles.chapter} id={anchorOf(id)} tabIndex={-1}>
      {words}
    </h2>
  )
}

function Code({ text, language }: { text: string; language: string }) {
  return (
    <div className={styles.codeBox}>
      <pre className={styles.code} tabIndex={0}>
        {text}
      </pre>
      {language === 'sh' && (
        <div className={styles.copy}>
          <Copy value={text} label="Copy the commands" />
        </div>
      )}
    </div>
  )
}

function Table({ head, rows }: { head: readonly (readonly Inline[])[]; rows: readonly (readonly (readonly Inline[])[])[] }) {
  return (
    <div className={styles.tableBox} tabIndex={0} role="group" aria-label="Table">
      <table className={styles.table}>
        <thead>
          <tr>
            {head.map((cell, i) => (
              <th key={i} scope="col">
                <Parts parts={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, i) => (
            <tr key={i}>
              {cells.map((cell, k) => (
                <td key={k}>
                  <Parts parts={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Parts({ parts }: { parts: readonly Inline[] }) {
  return parts.map((part, i) => <Part key={i} part={part} />)
}

function Part({ part }: { part: Inline }) {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'code':
      return <code>{part.text}</code>
    case 'strong':
      return (
        <strong>
          <Parts parts={part.parts} />
        </strong>
      )
    case 'emphasis':
      return (
        <em>
          <Parts parts={part.parts} />
        </em>
      )
    case 'link':
      return part.href.startsWith('/') ? (
        <RouteLink href={part.href}>
          <Parts parts={part.parts} />
        </RouteLink>
      ) : (
        <a href={part.href} target="_blank" rel="noreferrer noopener">
          <Parts parts={part.parts} />
        </a>
      )
  }
}
