import { Button } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { EmptyState, Loading, ProblemBox } from '../../components/answered.tsx'
import { plural } from '../../components/format.ts'
import { DataGrid } from '../../components/grid/data-grid.tsx'
import { useColumns, type ColumnLayout } from '../../components/grid/use-columns.ts'
import page from '../../components/list-page.module.css'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { useCursorPages, type CursorPages } from '../../data/use-cursor-pages.ts'
import { filterOf, isFiltered, noFilter, type AuditView, type ListedEntry } from './audit-view.ts'
import { entryColumns } from './entry-columns.tsx'
import { EntryPanel } from './entry-panel.tsx'
import { FilterBar } from './filter-bar.tsx'
import styles from './audit.module.css'

const PAGE = 100
/** Older entries are asked for before a person reaches the end. */
const LOAD_BEFORE_END = 20
const entriesOf = (answer: OutputOf<'audit.list'>): readonly ListedEntry[] => answer.entries
const keyOf = ({ seq }: ListedEntry): string => String(seq)

/** The entries of the log, the newest first, with a filter above and the chosen one beside. */
export function Entries({ view, onView }: { view: AuditView; onView(change: Partial<AuditView>): void }) {
  const layout = useColumns('audit', entryColumns)
  const pages = useCursorPages('audit.list', { filter: filterOf(view) }, { entriesOf, limit: PAGE })
  return (
    <>
      <FilterBar view={view} layout={layout} onView={onView} />
      {pages.problem !== null && (
        <div className={page.problem}>
          <ProblemBox problem={pages.problem} onRetry={pages.retry} isOverData={pages.entries !== undefined} />
        </div>
      )}
      <div className={page.split}>
        <List view={view} layout={layout} pages={pages} onView={onView} />
        {view.entry !== '' && <EntryPanel seq={Number(view.entry)} onClose={() => onView({ entry: '' })} />}
      </div>
    </>
  )
}

function List({
  view,
  layout,
  pages,
  onView,
}: {
  view: AuditView
  layout: ColumnLayout<ListedEntry>
  pages: CursorPages<ListedEntry>
  onView(change: Partial<AuditView>): void
}) {
  const go = useGo()
  const { entries, problem, hasMore, isLoadingMore, loadMore } = pages
  const rows = entries ?? []
  const waiting = problem === null ? <Loading /> : null
  return (
    <div className={page.list}>
      <DataGrid
        label="Entries"
        layout={layout}
        total={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={keyOf}
        onVisible={(_, last) => {
          // One answer looks at a part of the log: where nothing was found in it, a person says whether to look on.
          if (rows.length > 0 && last >= rows.length - LOAD_BEFORE_END) loadMore()
        }}
        active={view.entry === '' ? null : view.entry}
        onActive={(entry) => onView({ entry })}
        onOpen={({ seq }) => go(paths.auditEntry(seq))}
        empty={
          entries === undefined ? waiting : <NoEntries isNarrow={isFiltered(view)} hasMore={hasMore} onClear={() => onView(noFilter)} />
        }
      />
      {hasMore && (
        <div className={styles.more}>
          <span className="dim">
            {rows.length === 0 ? 'Nothing among the newest entries' : `The newest ${plural(rows.length, 'entry', 'entries')}`}
          </span>
          <Button loading={isLoadingMore} onClick={loadMore}>
            Look through older entries
          </Button>
        </div>
      )}
    </div>
  )
}

function NoEntries({ isNarrow, hasMore, onClear }: { isNarrow: boolean; hasMore: boolean; onClear(): void }) {
  return isNarrow ? (
    <EmptyState
      title={hasMore ? 'No entry matches so far' : 'No entry matches'}
      actions={<Button onClick={onClear}>Show all entries</Button>}
    >
      Nobody did that, in that time, as far as this log says.
    </EmptyState>
  ) : (
    <EmptyState title="Nothing has happened yet" actions={<RouteLink href={paths.overview}>Go to the overview</RouteLink>}>
      Every command of a person or program, and what the console and the devices do by themselves, leaves an entry here.
    </EmptyState>
  )
}
