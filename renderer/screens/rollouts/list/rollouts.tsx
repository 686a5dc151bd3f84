import { SegmentedControl, Select, TextInput } from '@mantine/core'
import { IconSearch, IconStairsUp } from '@tabler/icons-react'
import { Loading, ProblemBox } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { plural } from '../../../components/format.ts'
import { ColumnsMenu } from '../../../components/grid/columns-menu.tsx'
import { DataGrid } from '../../../components/grid/data-grid.tsx'
import { useColumns } from '../../../components/grid/use-columns.ts'
import { Screen } from '../../../components/screen.tsx'
import { paths } from '../../../data/paths.ts'
import { useGo, useUrlState } from '../../../data/url-state.ts'
import { useQuery } from '../../../data/use-query.ts'
import { NoRollouts } from './no-rollouts.tsx'
import { pathOfRollout, rolloutColumns } from './rollout-columns.tsx'
import { RolloutPanel } from './rollout-panel.tsx'
import { rolloutsCommand, rolloutsView, shownChoices, shownNames, type RolloutsView } from './rollouts-view.ts'
import { useRollouts } from './use-rollouts.ts'
import page from '../../../components/list-page.module.css'
import { MayButton } from '../../../shell/may-button.tsx'
import styles from './rollouts.module.css'

/** Every rollout: what is live first, then drafts and what ended. */
export function Rollouts() {
  const go = useGo()
  const [view, setView] = useUrlState(rolloutsView)
  const layout = useColumns('rollouts', rolloutColumns)
  const rows = useRollouts(view)
  const rollouts = rows.rollouts ?? []
  return (
    <Screen
      title="Rollouts"
      isFlush
      beside={rows.rollouts !== undefined && <span>{rows.live === 0 ? 'none is live' : `${plural(rows.live, 'rollout')} live`}</span>}
      actions={
        <>
          <CopyAsCommand command={rolloutsCommand(view)} isIcon />
          <MayButton method="rollouts.create" href={paths.newRollout()} variant="filled" leftSection={<IconStairsUp size={14} />}>
            New rollout
          </MayButton>
        </>
      }
    >
      <div className={page.bar}>
        <Filters view={view} onView={setView} />
        <ColumnsMenu columns={rolloutColumns} layout={layout} />
      </div>
      {rows.problem !== null && (
        <div className={page.problem}>
          <ProblemBox problem={rows.problem} onRetry={rows.retry} isOverData={rows.rollouts !== undefined} />
        </div>
      )}
      <div className={page.split}>
        <div className={page.list}>
          <DataGrid
            label="Rollouts"
            layout={layout}
            total={rollouts.length}
            rowAt={(index) => rollouts[index]}
            keyOf={({ rollout }) => String(rollout)}
            onVisible={rows.onVisible}
            active={view.rollout === 0 ? null : String(view.rollout)}
            onActive={(key) => setView({ rollout: Number(key) })}
            onOpen={(row) => go(pathOfRollout(row))}
            empty={rows.rollouts === undefined ? rows.problem === null ? <Loading /> : null : <NoRollouts view={view} onView={setView} />}
          />
        </div>
        {view.rollout !== 0 && <RolloutPanel rollout={view.rollout} onClose={() => setView({ rollout: 0 })} />}
      </div>
    </Screen>
  )
}

function Filters({ view, onView }: { view: RolloutsView; onView(change: Partial<RolloutsView>): void }) {
  const deployments = useQuery('deployments.list', {}).data?.deployments ?? []
  const models = useQuery('models.list', {}).data?.versions ?? []
  const named = (names: readonly string[], chosen: string): string[] =>
    [...new Set([...names, ...(chosen === '' ? [] : [chosen])])].toSorted()
  return (
    <div className={styles.filters}>
      <SegmentedControl
        aria-label="Which rollouts"
        value={view.show}
        onChange={(value) => onView({ show: shownNames.find((one) => one === value) ?? 'all', rollout: 0 })}
        data={shownNames.map((value) => ({ value, label: shownChoices[value].title }))}
      />
      <TextInput
        aria-label="Search rollouts"
        placeholder="Search name, version, person"
        leftSection={<IconSearch size={14} />}
        value={view.text}
        onChange={(event) => onView({ text: event.currentTarget.value })}
        maxLength={200}
        className={styles.search}
      />
      <Select
        aria-label="Deployment"
        placeholder="Any deployment"
        value={view.deployment === '' ? null : view.deployment}
        onChange={(deployment) => onView({ deployment: deployment ?? '' })}
        data={named(
          deployments.map(({ deployment }) => deployment),
          view.deployment,
        )}
        clearable
        clearButtonProps={{ 'aria-label': 'Any deployment' }}
        searchable
        w={150}
      />
      <Select
        aria-label="Model"
        placeholder="Any model"
        value={view.model === '' ? null : view.model}
        onChange={(model) => onView({ model: model ?? '' })}
        data={named(
          models.map(({ model }) => model),
          view.model,
        )}
        clearable
        clearButtonProps={{ 'aria-label': 'Any model' }}
        searchable
        w={130}
      />
      <Select
        aria-label="Kind"
        value={view.kind}
        onChange={(kind) => onView({ kind: kind === 'comparisons' || kind === 'releases' ? kind : 'any' })}
        data={[
          { value: 'any', label: 'Any kind' },
          { value: 'releases', label: 'Releases' },
          { value: 'comparisons', label: 'Comparisons' },
        ]}
        allowDeselect={false}
        w={130}
      />
    </div>
  )
}
