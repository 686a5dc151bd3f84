import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { IconRocket, IconTrash, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { Confirm } from '../../components/confirm.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { formatCount, plural } from '../../components/format.ts'
import { nothingSelected, type Selection } from '../../components/grid/column.ts'
import { paths } from '../../data/paths.ts'
import { listLine, removeManyLine } from './device-lines.ts'
import { ClearLabel, SetLabel } from './label-forms.tsx'
import { selectedCount, selectionBatches, selectionQuery } from './selection-query.ts'
import { useBulk } from './use-bulk.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './devices.module.css'

/** Above this many devices a person writes the number before they are removed. */
const TYPED_ABOVE = 10

/** What can be done with the selected devices. It stands below the table only while something is selected. */
export function BulkBar({
  selection,
  query,
  total,
  onSelection,
  children,
}: {
  selection: Selection
  query: string
  total: number
  onSelection(selection: Selection): void
  /** More actions, such as export. */
  children?: React.ReactNode
}) {
  const bulk = useBulk()
  const count = selectedCount(selection, total)
  if (count === 0) return null
  const whole = selectionQuery(selection, query)
  const batches = selectionBatches(selection, query, total)
  return (
    <div className={styles.bulk} role="toolbar" aria-label="Selected devices">
      <span className={styles.bulkCount}>
        <strong>{formatCount(count)} selected</strong>
        <Tooltip label="Select nothing">
          <ActionIcon size="sm" aria-label="Select nothing" onClick={() => onSelection(nothingSelected)}>
            <IconX size={14} />
          </ActionIcon>
        </Tooltip>
      </span>
      <DeployLink query={whole} count={count} />
      <SetLabel count={count} query={whole} onSet={(key, value) => bulk.setLabels(batches, { [key]: value })} />
      <ClearLabel count={count} query={whole} onClear={(key) => bulk.setLabels(batches, { [key]: null })} />
      {children}
      {whole !== null && <CopyAsCommand command={listLine(whole, { column: 'device', descending: false })} isIcon />}
      <RemoveButton
        count={count}
        query={whole}
        names={selection.isAll ? [] : [...selection.keys]}
        isBusy={bulk.isBusy}
        onRemove={async () => {
          await bulk.remove(batches)
          onSelection(nothingSelected)
        }}
      />
    </div>
  )
}

function DeployLink({ query, count }: { query: string | null; count: number }) {
  if (query !== null)
    return (
      <MayButton method="deployments.apply" href={paths.deploy({ query })} leftSection={<IconRocket size={14} />}>
        Deploy to {formatCount(count)}
      </MayButton>
    )
  return (
    <Tooltip label="Too many single devices for one query: give them a label, and deploy to the label.">
      <Button leftSection={<IconRocket size={14} />} data-disabled aria-disabled="true" onClick={(event) => event.preventDefault()}>
        Deploy to {formatCount(count)}
      </Button>
    </Tooltip>
  )
}

function RemoveButton({
  count,
  query,
  names,
  isBusy,
  onRemove,
}: {
  count: number
  /** `null`: it cannot be written as one query. */
  query: string | null
  names: readonly string[]
  isBusy: boolean
  onRemove(): Promise<void>
}) {
  const [isAsked, setAsked] = useState(false)
  const devices = plural(count, 'device')
  return (
    <>
      <MayButton method="devices.removeMany" leftSection={<IconTrash size={14} />} onClick={() => setAsked(true)}>
        Remove
      </MayButton>
      <Confirm
        isOpen={isAsked}
        title={`Remove ${devices} from the fleet`}
        action={`Remove ${devices}`}
        {...(count > TYPED_ABOVE ? { typed: String(count) } : {})}
        isBusy={isBusy}
        onClose={() => setAsked(false)}
        onConfirm={() => {
          // A failure is shown as a notice; the selection stays for another try.
          onRemove().then(
            () => setAsked(false),
            () => setAsked(false),
          )
        }}
      >
        {names.length > 0 && (
          <p className="mono foreign">
            {names.slice(0, 8).join(', ')}
            {names.length > 8 ? ` and ${formatCount(names.length - 8)} more` : ''}
          </p>
        )}
        <p>
          {count === 1 ? 'Its credentials stop working' : 'Their credentials stop working'} at once, and no order reaches{' '}
          {count === 1 ? 'it' : 'them'} any more. The models on {count === 1 ? 'it' : 'them'} go on answering locally. Telemetry that is
          stored here stays.
        </p>
        <p>This cannot be undone: to come back, {count === 1 ? 'it' : 'each'} must be enrolled again with a new code.</p>
        {query !== null && <CopyAsCommand command={removeManyLine(query, count)} />}
      </Confirm>
    </>
  )
}
