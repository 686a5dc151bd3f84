import { Button, NativeSelect, TextInput } from '@mantine/core'
import { IconArrowsDiff, IconRocket, IconSearch, IconTag } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { z } from 'zod'
import { versionStages, type VersionStage } from '../../../../shared/domain/version-stage.ts'
import type { VersionSummary } from '../../../../shared/rpc/contract/models.ts'
import { EmptyState } from '../../../components/answered.tsx'
import { plural } from '../../../components/format.ts'
import { nothingSelected, type Selection } from '../../../components/grid/column.ts'
import { ColumnsMenu } from '../../../components/grid/columns-menu.tsx'
import { DataGrid } from '../../../components/grid/data-grid.tsx'
import { useColumns } from '../../../components/grid/use-columns.ts'
import { paths } from '../../../data/paths.ts'
import { useGo, useUrlState } from '../../../data/url-state.ts'
import { AliasDialog } from '../alias/alias-dialog.tsx'
import { AliasLists } from '../alias/alias-lists.tsx'
import { comparePath } from '../compare/compare-path.ts'
import page from '../../../components/list-page.module.css'
import styles from '../models.module.css'
import { keyOfVersion, registryRows } from './registry-rows.ts'
import { modelColumns, registryColumns } from './version-columns.tsx'
import { VersionPanel } from './version-panel.tsx'
import { MayButton } from '../../../shell/may-button.tsx'

const view = z.object({
  search: z.string().max(200).default(''),
  stage: z.enum(['', ...versionStages]).default(''),
  sort: z.string().max(20).default(''),
  order: z.enum(['up', 'down']).default('up'),
  show: z.string().max(140).default(''),
})

/** Versions as a dense table that keeps a model together; the active one in the panel beside it. @param model `null`: of all models */
export function VersionList({ versions, model }: { versions: readonly VersionSummary[]; model: string | null }) {
  const [state, change] = useUrlState(view)
  const go = useGo()
  const layout = useColumns(model === null ? 'models' : 'model', model === null ? registryColumns : modelColumns)
  const [selection, setSelection] = useState<Selection>(nothingSelected)
  const [named, setNamed] = useState<VersionSummary | null>(null)
  const sort = useMemo(() => ({ column: state.sort, descending: state.order === 'down' }), [state.sort, state.order])
  const rows = useMemo(
    () => registryRows(versions, { search: state.search, stage: state.stage === '' ? null : state.stage, sort }),
    [versions, state.search, state.stage, sort],
  )
  const isNarrowed = state.search !== '' || state.stage !== ''
  const selected = rows.map((row) => row.version).filter((one) => selection.isAll || selection.keys.has(keyOfVersion(one)))
  const shown = versions.find((one) => keyOfVersion(one) === state.show) ?? null
  return (
    <div className={page.split}>
      <div className={page.list}>
        <div className={styles.toolbar}>
          <SearchBox value={state.search} onChange={(search) => change({ search })} />
          <StageFilter stage={state.stage} onChange={(stage) => change({ stage })} />
          <span className="dim" role="status">
            {selected.length > 0 ? `${selected.length} selected` : isNarrowed ? plural(rows.length, 'version') : ''}
          </span>
          <div className={styles.spacer} />
          <SelectionActions selected={selected} onAlias={setNamed} />
          <ColumnsMenu columns={model === null ? registryColumns : modelColumns} layout={layout} />
        </div>
        <DataGrid
          label={model === null ? 'Model versions' : `Versions of ${model}`}
          layout={layout}
          total={rows.length}
          rowAt={(index) => rows[index]}
          keyOf={({ version }) => keyOfVersion(version)}
          sort={sort}
          onSort={({ column, descending }) => change({ sort: column, order: descending ? 'down' : 'up' })}
          selection={selection}
          onSelection={setSelection}
          active={state.show === '' ? null : state.show}
          onActive={(show) => change({ show })}
          onOpen={({ version }) => go(paths.version(version.model, version.version))}
          empty={
            <EmptyState
              title="Nothing matches the search"
              actions={<Button onClick={() => change({ search: '', stage: '' })}>Clear the search</Button>}
            >
              The search looks at names, aliases, task, source file and digest.
            </EmptyState>
          }
        />
      </div>
      {shown !== null && <VersionPanel version={shown} onAlias={() => setNamed(shown)} onClose={() => change({ show: '' })} />}
      {shown === null && model !== null && (
        <aside className={styles.aside} aria-label={`Aliases of ${model}`}>
          <AliasLists model={model} />
        </aside>
      )}
      {named !== null && <AliasDialog model={named.model} version={named.version} onClose={() => setNamed(null)} />}
    </div>
  )
}

function SearchBox({ value, onChange }: { value: string; onChange(search: string): void }) {
  return (
    <TextInput
      className={styles.search}
      aria-label="Search models"
      placeholder="Search names, aliases, tasks, files, digests"
      leftSection={<IconSearch size={14} />}
      value={value}
      maxLength={200}
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/** Versions of one stage, or of all. */
function StageFilter({ stage, onChange }: { stage: VersionStage | ''; onChange(stage: VersionStage | ''): void }) {
  return (
    <NativeSelect
      aria-label="Stage"
      size="xs"
      value={stage}
      onChange={(event) => onChange(versionStages.find((one) => one === event.currentTarget.value) ?? '')}
      data={[{ value: '', label: 'Any stage' }, ...versionStages.map((one) => ({ value: one, label: one }))]}
    />
  )
}

/** What can be done with the selected versions. */
function SelectionActions({ selected, onAlias }: { selected: readonly VersionSummary[]; onAlias(version: VersionSummary): void }) {
  const [one, two] = [...selected].sort((a, b) => a.importedAt - b.importedAt)
  if (one === undefined) return null
  if (two === undefined) {
    return (
      <>
        <span className="dim">Select a second one to compare</span>
        <MayButton method="models.setAlias" leftSection={<IconTag size={14} />} onClick={() => onAlias(one)}>
          Set alias
        </MayButton>
        <Button
          component={RouteLink}
          href={paths.deploy({ model: one.model, version: one.version })}
          leftSection={<IconRocket size={14} />}
        >
          Deploy
        </Button>
      </>
    )
  }
  if (selected.length > 2) return <span className="dim">Select two versions to compare them</span>
  return (
    <Button component={RouteLink} href={comparePath(one, two)} variant="filled" leftSection={<IconArrowsDiff size={14} />}>
      Compare
    </Button>
  )
}
