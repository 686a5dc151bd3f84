import { ActionIcon, Autocomplete, TextInput, Tooltip } from '@mantine/core'
import { IconFilterOff } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { ColumnsMenu } from '../../components/grid/columns-menu.tsx'
import type { ColumnLayout } from '../../components/grid/use-columns.ts'
import { useQuery } from '../../data/use-query.ts'
import { isFiltered, noFilter, type AuditView, type ListedEntry } from './audit-view.ts'
import { entryColumns } from './entry-columns.tsx'
import { ExportLog } from './export-log.tsx'
import styles from './audit.module.css'

/** The log is asked when a person has stopped typing. */
const TYPING_MS = 250

type Field = keyof typeof noFilter

/** Who, what, where, which words, and when. */
export function FilterBar({
  view,
  layout,
  onView,
}: {
  view: AuditView
  layout: ColumnLayout<ListedEntry>
  onView(change: Partial<AuditView>): void
}) {
  const choices = useQuery('audit.choices', {}).data
  const [typed, type] = useTyped(view, (change) => onView({ ...change, entry: '' }))
  return (
    <div className={styles.filters} role="search" aria-label="Entries that are shown">
      <Autocomplete
        aria-label="By whom"
        placeholder="By whom"
        value={typed.actor}
        onChange={(actor) => type({ actor })}
        data={choices?.actors ?? []}
        limit={50}
      />
      <Autocomplete
        aria-label="Action"
        placeholder="Action or its kind"
        value={typed.action}
        onChange={(action) => type({ action })}
        data={choices?.actions ?? []}
        limit={50}
      />
      <TextInput
        aria-label="Device"
        placeholder="Device"
        value={typed.device}
        onChange={(event) => type({ device: event.currentTarget.value })}
      />
      <TextInput
        aria-label="Text of the entry"
        placeholder="Any text of the entry"
        value={typed.text}
        onChange={(event) => type({ text: event.currentTarget.value })}
      />
      <TextInput type="date" aria-label="From day" value={typed.from} onChange={(event) => type({ from: event.currentTarget.value })} />
      <TextInput
        type="date"
        aria-label="Through day"
        value={typed.through}
        onChange={(event) => type({ through: event.currentTarget.value })}
      />
      {isFiltered(view) && (
        <Tooltip label="Show all entries">
          <ActionIcon aria-label="Show all entries" onClick={() => type(noFilter)}>
            <IconFilterOff size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      <ColumnsMenu columns={entryColumns} layout={layout} />
      <ExportLog view={view} />
    </div>
  )
}

/** What stands in the fields; it goes into the address a moment after the last key. */
function useTyped(view: AuditView, onChange: (change: Record<Field, string>) => void) {
  const { actor, action, device, text, from, through } = view
  const [typed, setTyped] = useState<Record<Field, string> | null>(null)
  const tell = useRef(onChange)
  tell.current = onChange
  useEffect(() => {
    if (typed === null) return undefined
    const timer = setTimeout(() => {
      tell.current(typed)
      setTyped(null)
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed])
  const shown = typed ?? { actor, action, device, text, from, through }
  return [shown, (change: Partial<Record<Field, string>>) => setTyped({ ...shown, ...change })] as const
}
