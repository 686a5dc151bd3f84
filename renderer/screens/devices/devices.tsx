import { IconPlus } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import type { z } from 'zod'
import { Loading, ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { plural } from '../../components/format.ts'
import { nothingSelected } from '../../components/grid/column.ts'
import { ColumnsMenu } from '../../components/grid/columns-menu.tsx'
import { DataGrid } from '../../components/grid/data-grid.tsx'
import { useColumns, type ColumnLayout } from '../../components/grid/use-columns.ts'
import { QueryBox } from '../../components/query-box.tsx'
import { Screen } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useGo, useUrlState } from '../../data/url-state.ts'
import { usePages, type Pages } from '../../data/use-pages.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { DeviceTableRow } from '../../../shared/rpc/contract/device-views.ts'
import { BulkBar } from './bulk-bar.tsx'
import { deviceColumns } from './device-columns.tsx'
import { listLine } from './device-lines.ts'
import { DevicePanel } from './device-panel.tsx'
import { devicesView, sortFrom, sortText, type TableSort } from './devices-view.ts'
import { ExportDevices } from './export-devices.tsx'
import { HealthChips } from './health-chips.tsx'
import { NoDevices, NoMatch } from './no-devices.tsx'
import { SavedQueries } from './saved-queries.tsx'
import { selectionQuery } from './selection-query.ts'
import { PendingDevices } from './trust/pending-devices.tsx'
import page from '../../components/list-page.module.css'
import { MayButton } from '../../shell/may-button.tsx'

const rowsOf = (answer: OutputOf<'devices.table'>): readonly DeviceTableRow[] => answer.rows
type View = z.output<typeof devicesView>
type ChangeView = (change: Partial<View>, options?: { push?: boolean }) => void
const byDevice: TableSort = { column: 'device', descending: false }
const keyOf = (row: DeviceTableRow): string => row.device

/** All devices: found with a query, sorted, selected, changed together; each opens beside the list. */
export function Devices() {
  const [view, setView] = useUrlState(devicesView)
  const layout = useColumns('devices', deviceColumns)
  const sort = sortFrom(view.sort) ?? byDevice
  const pages = usePages('devices.table', { query: view.query, sort }, rowsOf)
  if (pages.head?.fleet === 0)
    return (
      <Screen title="Devices">
        <PendingDevices isInset />
        <NoDevices />
      </Screen>
    )
  return (
    <Screen
      title="Devices"
      isFlush
      beside={<HealthChips query={view.query} onChange={(query) => setView({ query })} />}
      actions={
        <MayButton method="devices.createCode" href={paths.enrol} variant="filled" leftSection={<IconPlus size={14} />}>
          Enrol a device
        </MayButton>
      }
    >
      <PendingDevices />
      <DevicesBar query={view.query} sort={sort} layout={layout} total={pages.head?.total ?? 0} onView={setView} />
      {pages.problem !== null && (
        <div className={page.problem}>
          <ProblemBox problem={pages.problem} onRetry={pages.retry} isOverData={pages.head !== undefined} />
        </div>
      )}
      <div className={page.split}>
        <DevicesList view={view} sort={sort} layout={layout} pages={pages} onView={setView} />
        {view.device !== '' && <DevicePanel key={view.device} device={view.device} onClose={() => setView({ device: '' })} />}
      </div>
    </Screen>
  )
}

/** What stands above the table: the query, and what is done with the whole of it. */
function DevicesBar({
  query,
  sort,
  layout,
  total,
  onView,
}: {
  query: string
  sort: TableSort
  layout: ColumnLayout<DeviceTableRow>
  total: number
  onView: ChangeView
}) {
  const columns = layout.shown.map(({ id }) => id)
  return (
    <div className={page.bar}>
      <QueryBox value={query} onChange={(next) => onView({ query: next })} />
      <SavedQueries
        view={{ query, columns, sort }}
        onLoad={(saved) => {
          if (saved.columns.length > 0) layout.choose(saved.columns)
          onView({ query: saved.query, sort: sortText(saved.sort ?? byDevice) }, { push: true })
        }}
      />
      <ColumnsMenu columns={deviceColumns} layout={layout} />
      <ExportDevices query={query} sort={sort} columns={columns} label={`Export ${plural(total, 'device')} as CSV`} isIcon />
      <CopyAsCommand command={listLine(query, sort)} isIcon />
    </div>
  )
}

function DevicesList({
  view,
  sort,
  layout,
  pages,
  onView,
}: {
  view: View
  sort: TableSort
  layout: ColumnLayout<DeviceTableRow>
  pages: Pages<DeviceTableRow, OutputOf<'devices.table'>>
  onView: ChangeView
}) {
  const go = useGo()
  const [selection, setSelection] = useState(nothingSelected)
  const total = pages.head?.total ?? 0
  // What was selected in another list of devices would be changed unseen.
  useEffect(() => setSelection(nothingSelected), [view.query])
  const nothing = pages.problem === null ? <Loading /> : null
  return (
    <div className={page.list}>
      <DataGrid
        label="Devices"
        layout={layout}
        total={total}
        rowAt={pages.rowAt}
        keyOf={keyOf}
        onVisible={pages.onVisible}
        sort={sort}
        onSort={(next) => onView({ sort: sortText(next) })}
        selection={selection}
        onSelection={setSelection}
        active={view.device === '' ? null : view.device}
        onActive={(device) => onView({ device })}
        onOpen={({ device }) => go(paths.device(device))}
        empty={pages.head === undefined ? nothing : <NoMatch query={view.query} onClear={() => onView({ query: '' })} />}
      />
      <BulkBar selection={selection} query={view.query} total={total} onSelection={setSelection}>
        <ExportDevices
          query={selectionQuery(selection, view.query)}
          sort={sort}
          columns={layout.shown.map(({ id }) => id)}
          label="Export as CSV"
        />
      </BulkBar>
    </div>
  )
}
