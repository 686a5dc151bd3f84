import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useRef } from 'react'
import { Link as RouteLink } from 'wouter'
import { z } from 'zod'
import { EmptyState } from '../../components/answered.tsx'
import { Screen } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useUrlState } from '../../data/url-state.ts'
import { usePlaceKeys } from '../../shell/place-shortcuts.ts'
import { pagesOfHelp } from './document-texts.ts'
import { HelpArticle } from './help-article.tsx'
import type { HelpPage } from './help-pages.ts'
import { HelpResults } from './help-results.tsx'
import { searchHelp } from './search-help.ts'
import styles from './help.module.css'

const helpView = z.object({ q: z.string().max(200).default('') })

/**
 * Guides and references, carried with the console: they are read without a network.
 * @param name of a document; none: all of them
 * @param section id of a heading in it
 */
export function Help({ name = '', section = '' }: { name?: string; section?: string }) {
  const [{ q }, setView] = useUrlState(helpView)
  const box = useRef<HTMLInputElement>(null)
  const results = useRef<HTMLOListElement>(null)
  usePlaceKeys({ s: () => box.current?.focus() })
  const shown = pagesOfHelp.find(({ document }) => document.name === name)
  const hits = searchHelp(pagesOfHelp, q)
  const keyInBox = (event: React.KeyboardEvent): void => {
    if (event.key === 'Escape' && q !== '') setView({ q: '' })
    else if (event.key === 'ArrowDown' || event.key === 'Enter') results.current?.querySelector('a')?.focus()
    else return
    event.preventDefault()
  }
  return (
    <Screen title={shown?.document.title ?? 'Help'} isFlush beside={shown === undefined ? null : <span>{shown.document.summary}</span>}>
      <div className={styles.help}>
        <div className={styles.side}>
          <TextInput
            ref={box}
            type="search"
            aria-label="Search in help (S)"
            placeholder="Search in help"
            leftSection={<IconSearch size={14} />}
            value={q}
            onChange={(event) => setView({ q: event.currentTarget.value.slice(0, 200) })}
            onKeyDown={keyInBox}
          />
          <DocumentList title="Guides" kind="guide" name={name} />
          <DocumentList title="Reference" kind="reference" name={name} />
        </div>
        {q.trim() !== '' ? (
          <HelpResults hits={hits} asked={q} list={results} onLeave={() => box.current?.focus()} />
        ) : shown !== undefined ? (
          <HelpArticle key={name} page={shown} section={section} />
        ) : (
          <AllDocuments isWrong={name !== ''} />
        )}
      </div>
    </Screen>
  )
}

const ofKind = (kind: HelpPage['document']['kind']): HelpPage[] => pagesOfHelp.filter(({ document }) => document.kind === kind)

function DocumentList({ title, kind, name }: { title: string; kind: HelpPage['document']['kind']; name: string }) {
  return (
    <nav aria-label={title}>
      <h2 className={styles.listTitle}>{title}</h2>
      {ofKind(kind).map(({ document }) => (
        <RouteLink
          key={document.name}
          href={paths.help(document.name)}
          className={styles.listLink}
          aria-current={document.name === name ? 'page' : undefined}
        >
          {document.title}
        </RouteLink>
      ))}
    </nav>
  )
}

function AllDocuments({ isWrong }: { isWrong: boolean }) {
  return (
    <div className={styles.content} tabIndex={0} role="region" aria-label="All documents">
      {isWrong && (
        <EmptyState title="There is no such guide">
          The link may be of another version of Muster. These are the guides of this one.
        </EmptyState>
      )}
      <dl className={styles.all}>
        {pagesOfHelp.map(({ document }) => (
          <div key={document.name}>
            <dt>
              <RouteLink href={paths.help(document.name)}>{document.title}</RouteLink>
            </dt>
            <dd>{document.summary}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
