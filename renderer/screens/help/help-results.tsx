import { Link as RouteLink } from 'wouter'
import { EmptyState } from '../../components/answered.tsx'
import { plural } from '../../components/format.ts'
import { paths } from '../../data/paths.ts'
import { markedParts, type HelpHit } from './search-help.ts'
import styles from './help.module.css'

/** What a search found: links that the arrow keys move through; up from the first one, or Esc, leads back to the box. */
export function HelpResults({
  hits,
  asked,
  list,
  onLeave,
}: {
  hits: readonly HelpHit[]
  asked: string
  list: React.RefObject<HTMLOListElement | null>
  onLeave(): void
}) {
  const move = (event: React.KeyboardEvent): void => {
    const links = [...(list.current?.querySelectorAll('a') ?? [])]
    const at = links.findIndex((link) => link === event.target)
    if (event.key === 'Escape' || (event.key === 'ArrowUp' && at === 0)) onLeave()
    else if (event.key === 'ArrowDown') links[Math.min(at + 1, links.length - 1)]?.focus()
    else if (event.key === 'ArrowUp') links[at - 1]?.focus()
    else return
    event.preventDefault()
  }
  return (
    <div className={styles.content} tabIndex={0} role="region" aria-label="Found">
      <p role="status" className="dim">
        {hits.length === 0 ? '' : plural(hits.length, 'section')}
      </p>
      {hits.length === 0 && (
        <EmptyState title={`Nothing in help has "${asked.trim().slice(0, 60)}"`}>
          Each word must be in a section, in any order. Fewer or shorter words find more.
        </EmptyState>
      )}
      <ol className={styles.results} ref={list} onKeyDown={move} aria-label="Sections that were found">
        {hits.map(({ page: { document }, section, line }) => (
          <li key={`${document.name} ${section.id}`}>
            <RouteLink href={paths.help(document.name, section.id)} className={styles.result}>
              <span className={styles.resultTitle}>
                <Marked text={section.title} asked={asked} />
                <span className="dim"> {document.title}</span>
              </span>
              <span className={styles.resultLine}>
                <Marked text={line} asked={asked} />
              </span>
            </RouteLink>
          </li>
        ))}
      </ol>
    </div>
  )
}

function Marked({ text, asked }: { text: string; asked: string }) {
  return markedParts(text, asked).map((part, i) => (part.isFound ? <mark key={i}>{part.text}</mark> : part.text))
}
