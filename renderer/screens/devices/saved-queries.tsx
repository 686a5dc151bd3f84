import { ActionIcon, Group, Popover, TextInput, Tooltip } from '@mantine/core'
import { IconBookmark, IconRefresh, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { Answered } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { formatCount } from '../../components/format.ts'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { saveLine } from './device-lines.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './devices.module.css'

/** What is kept of a view of the devices. */
export type KeptView = Pick<Saved, 'query' | 'columns' | 'sort'>
type Saved = OutputOf<'queries.list'>['queries'][number]

/** Saves the view under a name, and loads, replaces and removes saved ones. The names also stand in the rail. */
export function SavedQueries({ view, onLoad }: { view: KeptView; onLoad(view: KeptView): void }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" shadow="md" width={400} trapFocus>
      <Tooltip label="Saved views" disabled={isOpen}>
        <Popover.Target>
          <ActionIcon aria-label="Saved views" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            <IconBookmark size={16} />
          </ActionIcon>
        </Popover.Target>
      </Tooltip>
      <Popover.Dropdown>
        <SavedList
          view={view}
          onLoad={(saved) => {
            setOpen(false)
            onLoad(saved)
          }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}

function SavedList({ view, onLoad }: { view: KeptView; onLoad(view: KeptView): void }) {
  const answer = useQuery('queries.list', { view: 'devices' })
  const { keep, forget, isBusy } = useSaving()
  return (
    <div className={styles.saved}>
      <h2>Saved views</h2>
      <Answered answer={answer}>
        {({ queries }) =>
          queries.length === 0 ? (
            <p className="dim">None yet. A saved view keeps the query, the columns and the order, and stands in the navigation.</p>
          ) : (
            <ul className={styles.savedList}>
              {queries.map((one) => (
                <SavedRow
                  key={one.name}
                  saved={one}
                  onLoad={() => onLoad(one)}
                  onReplace={() => void keep(one.name, view)}
                  onRemove={() => void forget(one.name)}
                />
              ))}
            </ul>
          )
        }
      </Answered>
      <SaveForm
        names={answer.data?.queries.map(({ name }) => name) ?? []}
        query={view.query}
        isBusy={isBusy}
        onSave={(name) => keep(name, view)}
      />
    </div>
  )
}

function SaveForm({
  names,
  query,
  isBusy,
  onSave,
}: {
  names: readonly string[]
  query: string
  isBusy: boolean
  onSave(name: string): Promise<void>
}) {
  const [written, setWritten] = useState('')
  const name = written.trim()
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        // What fails is shown as a notice; the name stays for another try.
        if (name !== '')
          onSave(name).then(
            () => setWritten(''),
            () => undefined,
          )
      }}
    >
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput
          label="Name of this view"
          placeholder="Cameras in Lyon"
          value={written}
          maxLength={80}
          onChange={(event) => setWritten(event.currentTarget.value)}
          flex={1}
          data-autofocus
        />
        {name !== '' && <CopyAsCommand command={saveLine(name, query)} isIcon />}
        <MayButton method="queries.save" type="submit" variant="filled" disabled={name === ''} loading={isBusy}>
          {names.includes(name) ? 'Replace view' : 'Save view'}
        </MayButton>
      </Group>
    </form>
  )
}

function SavedRow({ saved, onLoad, onReplace, onRemove }: { saved: Saved; onLoad(): void; onReplace(): void; onRemove(): void }) {
  const { name, query, total } = saved
  return (
    <li>
      <button type="button" className={styles.savedLoad} onClick={onLoad}>
        <span className={styles.savedName}>
          <span className="foreign">{name}</span>
          <span className="dim">{total === null ? 'cannot be read' : formatCount(total)}</span>
        </span>
        <span className={`${styles.savedQuery} mono dim foreign`}>{query === '' ? 'all devices' : query}</span>
      </button>
      <Tooltip label="Replace with what is shown now">
        <ActionIcon size="sm" aria-label={`Replace ${name} with what is shown now`} onClick={onReplace}>
          <IconRefresh size={14} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Remove">
        <ActionIcon size="sm" aria-label={`Remove ${name}`} onClick={onRemove}>
          <IconTrash size={14} />
        </ActionIcon>
      </Tooltip>
    </li>
  )
}

/** Saving and forgetting, each with its undo. */
function useSaving() {
  const save = useCommand('queries.save')
  const remove = useCommand('queries.remove')
  const restore = ({ name, query, columns, sort }: { name: string } & KeptView): void =>
    void save.run({ name, query, columns, sort, mayReplace: true })
  return {
    isBusy: save.isRunning,
    async keep(name: string, { query, columns, sort }: KeptView): Promise<void> {
      const { replaced } = await save.run({ name, query, columns, sort, mayReplace: true })
      showDone(replaced === null ? `${name} is saved.` : `${name} is replaced.`, {
        undo: () => (replaced === null ? void remove.run({ name }) : restore(replaced)),
      })
    },
    async forget(name: string): Promise<void> {
      const { removed } = await remove.run({ name })
      showDone(`${name} is removed.`, { undo: () => restore(removed) })
    },
  }
}
