import { Link as RouteLink } from 'wouter'
import { markdownBlocks, type Block, type Inline } from './markdown-blocks.ts'
import styles from './markdown.module.css'

/** A page of Markdown, drawn as elements: nothing in it is ever taken for HTML. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className={styles.page}>
      {markdownBlocks(text).map((block, i) => (
        // A page does not change while it is shown: the place of a block is its identity.
        <BlockView key={i} block={block} />
      ))}
    </div>
  )
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      return block.level === 1 ? (
        <h3 className={styles.title}>
          <Parts parts={block.parts} />
        </h3>
      ) : (
        <h4 className={styles.heading}>
          <Parts parts={block.parts} />
        </h4>
      )
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
      return (
        <pre className={styles.code} tabIndex={0}>
          {block.text}
        </pre>
      )
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
