import { Button, Select } from '@mantine/core'
import { ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Section } from '../../components/screen.tsx'
import { useCursorPages } from '../../data/use-cursor-pages.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { HistoryEntry } from '../../../shared/rpc/contract/devices.ts'
import { timelineLine } from './device-lines.ts'
import { EntryList } from './entry-list.tsx'
import { timelineFilters, timelineFilterWords, type TimelineFilter } from './timeline-filter.ts'

const entriesOf = (answer: OutputOf<'devices.timeline'>): readonly HistoryEntry[] => answer.entries
const choices = timelineFilters.map((value) => ({ value, label: timelineFilterWords[value] }))

/** Everything that happened to a device, the newest first. */
export function Timeline({
  device,
  orders,
  filter,
  onFilter,
}: {
  device: string
  orders: readonly HistoryEntry[]
  filter: TimelineFilter
  onFilter(filter: TimelineFilter): void
}) {
  return (
    <Section
      title="Timeline"
      actions={
        <>
          {filter !== 'orders' && <CopyAsCommand command={timelineLine(device, filter)} isIcon />}
          <Select
            aria-label="What the timeline shows"
            data={choices}
            value={filter}
            allowDeselect={false}
            w={170}
            onChange={(value) => onFilter(timelineFilters.find((one) => one === value) ?? 'info')}
          />
        </>
      }
    >
      {filter === 'orders' ? (
        <EntryList label="Orders of people" entries={orders} empty="Nobody has ordered anything of this device yet." />
      ) : (
        <Followed device={device} severity={filter} />
      )}
    </Section>
  )
}

function Followed({ device, severity }: { device: string; severity: Exclude<TimelineFilter, 'orders'> }) {
  const pages = useCursorPages('devices.timeline', { device, severity }, { entriesOf, limit: 30 })
  return (
    <>
      {pages.problem !== null && <ProblemBox problem={pages.problem} onRetry={pages.retry} isOverData={pages.entries !== undefined} />}
      {pages.entries !== undefined && (
        <EntryList
          label="Timeline"
          entries={pages.entries}
          empty={severity === 'info' ? 'Nothing has happened to this device yet.' : 'Nothing so severe has happened to this device.'}
        />
      )}
      {pages.hasMore && (
        <Button mt={8} loading={pages.isLoadingMore} onClick={pages.loadMore}>
          Load older entries
        </Button>
      )}
    </>
  )
}
