import { Button, Tooltip } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { ExportButton } from '../../components/export-button.tsx'
import { plural } from '../../components/format.ts'
import { useLink } from '../../data/link-context.ts'
import { allRows } from './all-rows.ts'
import type { TableSort } from './devices-view.ts'
import { devicesCsv } from './device-csv.ts'

/** Writes every device that a query selects, with the columns that are shown, to a CSV file. @param query `null`: it would be too long */
export function ExportDevices({
  query,
  sort,
  columns,
  label,
  isIcon = false,
}: {
  query: string | null
  sort: TableSort
  columns: readonly string[]
  label: string
  isIcon?: boolean
}) {
  const link = useLink()
  if (query === null)
    return (
      <Tooltip label="Too many single devices for one query: give them a label, and export the label.">
        <Button leftSection={<IconDownload size={14} />} data-disabled aria-disabled="true">
          {label}
        </Button>
      </Tooltip>
    )
  return (
    <ExportButton
      label={label}
      isIcon={isIcon}
      fileName={`devices-${new Date().toISOString().slice(0, 10)}.csv`}
      make={async (work) => {
        const rows = await allRows((input) => link.call('devices.table', input), { query, sort }, work)
        return { text: devicesCsv(columns, rows), done: `${plural(rows.length, 'device')} exported.` }
      }}
    />
  )
}
