import { Button, SegmentedControl } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import type { z } from 'zod'
import { EmptyState, Loading, ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { ExportButton } from '../../components/export-button.tsx'
import { plural } from '../../components/format.ts'
import { ColumnsMenu } from '../../components/grid/columns-menu.tsx'
import { DataGrid } from '../../components/grid/data-grid.tsx'
import { useColumns, type ColumnLayout } from '../../components/grid/use-columns.ts'
import { QueryBox } from '../../components/query-box.tsx'
import { Screen } from '../../components/screen.tsx'
import { useLink } from '../../data/link-context.ts'
import { paths } from '../../data/paths.ts'
import { useGo, useUrlState } from '../../data/url-state.ts'
import { useCursorPages, type CursorPages } from '../../data/use-cursor-pages.ts'
import { severities } from '../../../shared/rpc/contract/devices.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { eventsLine } from '../devices/device-lines.ts'
import { eventColumns } from './event-columns.tsx'
import { EventPanel } from './event-panel.tsx'
import { allEvents, eventKey, eventsCsv, eventsView, MOST_EXPORTED, severityWords, type FleetEvent } from './events-view.ts'
import page from '../../components/list-page.module.css'
import styles from './events.module.css'

type View = z.output<typeof eventsView>
const PAGE = 100
/** Older events are asked for before a person reaches the end. */
const LOAD_BEFORE_END = 10
const entriesOf = (answer: OutputOf<'telemetry.events'>): readonly FleetEvent[] => answer.events
const choices = severities.map((value) => ({ value, label: severityWords[value] }))

/** What the devices of the fleet told, the newest first. */
export function Events() {
  const [view, setView] = useUrlState(eventsView)
  const layout = useColumns('events', eventColumns)
  const { query, severity } = view
  const pages = useCursorPages('telemetry.events', { query, severity }, { entriesOf, limit: PAGE })
  const shown = pages.entries?.find((event) => eventKey(event) === view.event)
  return (
    <Screen
      title="Events"
      isFlush
      beside={<span>What devices told, by their own clocks</span>}
      actions={
        <SegmentedControl
          aria-label="Severity"
          data={choices}
          value={severity}
          onChange={(value) => setView({ severity: severities.find((one) => one === value) ?? 'info' })}
        />
      }
    >
      <div className={page.bar}>
        <QueryBox
          value={query}
          onChange={(next) => setView({ query: next })}
          label="Query of the devices whose events are shown"
          placeholder="Events of all devices. Try: site = lyon"
        />
        <ColumnsMenu columns={eventColumns} layout={layout} />
        <ExportEvents query={query} severity={severity} />
        <CopyAsCommand command={eventsLine(query, severity)} isIcon />
      </div>
      {pages.problem !== null && (
        <div className={page.problem}>
          <ProblemBox problem={pages.problem} onRetry={pages.retry} isOverData={pages.entries !== undefined} />
        </div>
      )}
      <div className={page.split}>
        <EventsList view={view} layout={layout} pages={pages} onView={setView} />
        {shown !== undefined && <EventPanel event={shown} onClose={() => setView({ event: '' })} />}
      </div>
    </Screen>
  )
}

function EventsList({
  view,
  layout,
  pages,
  onView,
}: {
  view: View
  layout: ColumnLayout<FleetEvent>
  pages: CursorPages<FleetEvent>
  onView(change: Partial<View>): void
}) {
  const go = useGo()
  const { entries, problem, hasMore, isLoadingMore, loadMore } = pages
  const events = entries ?? []
  const nothing = problem === null ? <Loading /> : null
  return (
    <div className={page.list}>
      <DataGrid
        label="Events"
        layout={layout}
        total={events.length}
        rowAt={(index) => events[index]}
        keyOf={eventKey}
        onVisible={(_, last) => {
          if (last >= events.length - LOAD_BEFORE_END) loadMore()
        }}
        active={view.event === '' ? null : view.event}
        onActive={(event) => onView({ event })}
        onOpen={({ device }) => go(paths.device(device))}
        empty={
          entries === undefined ? (
            nothing
          ) : (
            <NoEvents isFiltered={view.query !== '' || view.severity !== 'info'} onClear={() => onView({ query: '', severity: 'info' })} />
          )
        }
      />
      {hasMore && (
        <div className={styles.more}>
          <span className="dim">The newest {plural(events.length, 'event')}</span>
          <Button loading={isLoadingMore} onClick={loadMore}>
            Load older events
          </Button>
        </div>
      )}
    </div>
  )
}

function ExportEvents({ query, severity }: { query: string; severity: (typeof severities)[number] }) {
  const link = useLink()
  return (
    <ExportButton
      isIcon
      label="Export events as CSV"
      fileName={`events-${new Date().toISOString().slice(0, 10)}.csv`}
      make={async (work) => {
        const { events, isCut } = await allEvents(
          (before) => link.call('telemetry.events', { query, severity, limit: 200, ...(before === null ? {} : { before }) }),
          work,
        )
        const exported = `${plural(events.length, 'event')} exported.`
        return {
          text: eventsCsv(events),
          done: isCut ? `${exported} Older ones are left out: one file holds about ${plural(MOST_EXPORTED, 'event')}.` : exported,
        }
      }}
    />
  )
}

function NoEvents({ isFiltered, onClear }: { isFiltered: boolean; onClear(): void }) {
  return isFiltered ? (
    <EmptyState title="No event matches" actions={<Button onClick={onClear}>Show all events</Button>}>
      No device that the query selects told of anything so severe.
    </EmptyState>
  ) : (
    <EmptyState
      title="No device has told of any event yet"
      actions={
        <Button component={RouteLink} href={paths.devices()}>
          Show the devices
        </Button>
      }
    >
      Devices tell when they start, fetch, try, activate, refuse or return to a model, and when something fails.
    </EmptyState>
  )
}
