import { ActionIcon, Tooltip } from '@mantine/core'
import { IconBookmark, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react'
import { Link as RouteLink, useLocation } from 'wouter'
import { formatCount } from '../components/format.ts'
import { paths } from '../data/paths.ts'
import { useQuery } from '../data/use-query.ts'
import { helpPage, isOnPage, pages, type Page } from './pages.ts'
import { fetchPage } from './routes.tsx'
import styles from './shell.module.css'

/** The pages, below them the queries that people saved, and help at the bottom. */
export function Rail({ isFolded, onFold }: { isFolded: boolean; onFold(): void }) {
  const [location] = useLocation()
  const saved = useQuery('queries.list', { view: 'devices' })
  return (
    <nav className={styles.rail} aria-label="Pages">
      {pages.map((page) => (
        <PageLink key={page.path} page={page} location={location} isFolded={isFolded} />
      ))}
      {!isFolded && (saved.data?.queries.length ?? 0) > 0 && <div className={styles.railTitle}>Saved views</div>}
      {saved.data?.queries.map(({ name, query, total }) => (
        <Tooltip key={name} label={`${name} (${total ?? 'cannot be read'})`} position="right" disabled={!isFolded}>
          <RouteLink href={paths.devices(query)} className={styles.railLink} aria-label={isFolded ? name : undefined}>
            <IconBookmark size={16} stroke={1.6} aria-hidden="true" />
            {!isFolded && (
              <>
                <span className="foreign">{name}</span>
                <span className="dim">{total === null ? '' : formatCount(total)}</span>
              </>
            )}
          </RouteLink>
        </Tooltip>
      ))}
      <div className={styles.spacer} />
      <PageLink page={helpPage} location={location} isFolded={isFolded} />
      <Tooltip label={isFolded ? 'Unfold ([)' : 'Fold ([)'} position="right">
        <ActionIcon aria-label={isFolded ? 'Unfold the navigation' : 'Fold the navigation'} onClick={onFold}>
          {isFolded ? <IconLayoutSidebarLeftExpand size={18} /> : <IconLayoutSidebarLeftCollapse size={18} />}
        </ActionIcon>
      </Tooltip>
    </nav>
  )
}

function PageLink({ page, location, isFolded }: { page: Page; location: string; isFolded: boolean }) {
  const { path, title, icon: Icon } = page
  return (
    <Tooltip label={title} position="right" disabled={!isFolded}>
      <RouteLink
        href={path}
        className={styles.railLink}
        onPointerEnter={() => fetchPage(path)}
        onFocus={() => fetchPage(path)}
        aria-current={isOnPage(location, path) ? 'page' : undefined}
        aria-label={title}
      >
        <Icon size={18} stroke={1.6} aria-hidden="true" />
        {!isFolded && <span>{title}</span>}
      </RouteLink>
    </Tooltip>
  )
}
