import { useEffect, useRef } from 'react'
import { Link as RouteLink } from 'wouter'
import { anchorOf } from '../../components/heading-ids.ts'
import { MarkdownPage } from '../../components/markdown.tsx'
import { paths } from '../../data/paths.ts'
import type { HelpPage } from './help-pages.ts'
import styles from './help.module.css'

/** One document, with its headings beside it. @param section heading to begin at; one that is not there is passed over */
export function HelpArticle({ page, section }: { page: HelpPage; section: string }) {
  const content = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (section === '') {
      content.current?.scrollTo({ top: 0 })
      return
    }
    const heading = document.getElementById(anchorOf(section))
    heading?.scrollIntoView({ block: 'start' })
    heading?.focus({ preventScroll: true })
  }, [page, section])
  const chapters = page.sections.filter(({ id, level }) => id !== '' && level < 3)
  return (
    <>
      <div className={styles.content} ref={content} tabIndex={0} role="region" aria-label={page.document.title}>
        <MarkdownPage blocks={page.blocks} />
      </div>
      <nav className={styles.chapters} aria-label="On this page">
        <h2 className={styles.listTitle}>On this page</h2>
        {chapters.map(({ id, title }) => (
          <RouteLink
            key={id}
            href={paths.help(page.document.name, id)}
            className={styles.chapterLink}
            aria-current={id === section ? 'location' : undefined}
          >
            {title}
          </RouteLink>
        ))}
      </nav>
    </>
  )
}
