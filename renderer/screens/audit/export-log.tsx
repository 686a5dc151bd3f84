import { Menu, ActionIcon, Tooltip } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { csvColumns, csvOfEntries, type ExportEntry } from '../../../shared/domain/audit/export.ts'
import { csvText } from '../../../shared/domain/csv.ts'
import { ExportButton } from '../../components/export-button.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { plural } from '../../components/format.ts'
import { useLink } from '../../data/link-context.ts'
import { exportLine, filterOf, type AuditView } from './audit-view.ts'

const PAGE = 500
/** The page holds the file in memory; the command line writes any number. */
const MOST_EXPORTED = 50_000

/** Writes the entries of the view to a file, with the signed checkpoint and a proof for each. */
export function ExportLog({ view }: { view: AuditView }) {
  const day = new Date().toISOString().slice(0, 10)
  const make = useExport(view)
  return (
    <Menu position="bottom-end" closeOnItemClick={false}>
      <Menu.Target>
        <Tooltip label="Export the entries">
          <ActionIcon aria-label="Export the entries">
            <IconDownload size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>With a signed checkpoint and proofs</Menu.Label>
        <ExportButton label="JSON Lines, to verify anywhere" fileName={`audit-${day}.jsonl`} make={(work) => make('jsonl', work)} />
        <ExportButton label="CSV, for reading" fileName={`audit-${day}.csv`} make={(work) => make('csv', work)} />
        <Menu.Label>More than {MOST_EXPORTED.toLocaleString('en-GB')}, or by a script</Menu.Label>
        <CopyAsCommand command={exportLine(view)} />
      </Menu.Dropdown>
    </Menu>
  )
}

interface Work {
  signal: AbortSignal
  onProgress(share: number): void
}

function useExport(view: AuditView) {
  const link = useLink()
  const filter = filterOf(view)
  return async (format: 'jsonl' | 'csv', { signal, onProgress }: Work): Promise<{ text: string; done: string }> => {
    await link.call('audit.checkpoint', {})
    const { head } = await link.call('audit.exportHead', { filter })
    const parts = [format === 'csv' ? csvText(csvColumns, []) : `${JSON.stringify(head)}\n`]
    let count = 0
    let after: number | null = 0
    while (after !== null && count < MOST_EXPORTED) {
      signal.throwIfAborted()
      const page: { entries: ExportEntry[]; next: number | null } = await link.call('audit.exportPage', {
        filter,
        size: head.size,
        after,
        limit: PAGE,
      })
      parts.push(format === 'csv' ? csvOfEntries(page.entries) : page.entries.map((one) => `${JSON.stringify(one)}\n`).join(''))
      count += page.entries.length
      after = page.next
      onProgress(Math.min(0.99, (after ?? head.size) / head.size))
    }
    const exported = `${plural(count, 'entry', 'entries')} exported.`
    // A file that was cut has no last line: whoever verifies it is told.
    if (format === 'jsonl' && after === null) parts.push(`${JSON.stringify({ kind: 'end', entries: count })}\n`)
    return { text: parts.join(''), done: after === null ? exported : `${exported} Newer ones are left out: use the command line for all.` }
  }
}
