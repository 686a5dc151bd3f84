import { Button, Select } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { EmptyState, Loading, ProblemBox } from '../../../components/answered.tsx'
import { ExportButton } from '../../../components/export-button.tsx'
import { formatCount, plural } from '../../../components/format.ts'
import { ColumnsMenu } from '../../../components/grid/columns-menu.tsx'
import { DataGrid } from '../../../components/grid/data-grid.tsx'
import { useColumns, type ColumnLayout } from '../../../components/grid/use-columns.ts'
import { QueryBox } from '../../../components/query-box.tsx'
import { useLink } from '../../../data/link-context.ts'
import { paths } from '../../../data/paths.ts'
import { useGo } from '../../../data/url-state.ts'
import { usePages } from '../../../data/use-pages.ts'
import { rolloutDeviceMeanings, type RolloutDeviceState } from '../../../../shared/domain/rollout/life.ts'
import type { InputOf, OutputOf } from '../../../../shared/rpc/contract.ts'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import type { Act } from '../live/act-words.ts'
import { CellMark } from '../live/cell-mark.tsx'
import type { ChangeRolloutView, RolloutView } from '../live/rollout-view.ts'
import { deviceMarks, deviceStatesInOrder, waveTitle } from '../live/rollout-words.ts'
import { rolloutDeviceColumns, type RolloutDeviceRow } from './device-columns.tsx'
import { allDevices, devicesCsv } from './devices-csv.ts'
import page from '../../../components/list-page.module.css'
import { MayButton } from '../../../shell/may-button.tsx'
import styles from './devices.module.css'

type Question = Omit<InputOf<'rollouts.devices'>, 'offset' | 'limit'>

const rowsOf = ({ devices }: OutputOf<'rollouts.devices'>): readonly RolloutDeviceRow[] => devices
const triedAgain: readonly RolloutDeviceState[] = ['failed', 'rejected', 'timed-out', 'fell-back']

/** What the core is asked for. */
export function devicesQuestion(rollout: number, { state, wave, query }: RolloutView): Question {
  return { rollout, query, ...(state === 'any' ? {} : { state: [state] }), ...(wave === 0 ? {} : { wave: wave - 1 }) }
}

/** The devices of a rollout, each with its wave, its state and its one sentence; by state, wave and query. */
export function DevicesTab({
  shown,
  view,
  onView,
  onAct,
}: {
  shown: RolloutDetail
  view: RolloutView
  onView: ChangeRolloutView
  onAct(act: Act): void
}) {
  const go = useGo()
  const layout = useColumns('rollout-devices', rolloutDeviceColumns)
  const question = devicesQuestion(shown.rollout, view)
  const pages = usePages('rollouts.devices', question, rowsOf)
  return (
    <div className={page.list}>
      <DevicesBar shown={shown} view={view} onView={onView} layout={layout} question={question} total={pages.head?.total} />
      <StateChips shown={shown} view={view} onView={onView} onAct={onAct} />
      {pages.problem !== null && (
        <div className={page.problem}>
          <ProblemBox problem={pages.problem} onRetry={pages.retry} isOverData={pages.head !== undefined} />
        </div>
      )}
      <DataGrid
        label="Devices of the rollout"
        layout={layout}
        total={pages.head?.total ?? 0}
        rowAt={pages.rowAt}
        keyOf={({ device }) => device}
        onVisible={pages.onVisible}
        active={view.device === '' ? null : view.device}
        onActive={(device) => onView({ device })}
        onOpen={({ device }) => go(paths.device(device))}
        empty={pages.head === undefined ? pages.problem === null ? <Loading /> : null : <NoDevices view={view} onView={onView} />}
      />
    </div>
  )
}

function DevicesBar({
  shown,
  view,
  onView,
  layout,
  question,
  total,
}: {
  shown: RolloutDetail
  view: RolloutView
  onView: ChangeRolloutView
  layout: ColumnLayout<RolloutDeviceRow>
  question: Question
  total: number | undefined
}) {
  const link = useLink()
  return (
    <div className={page.bar}>
      <QueryBox
        value={view.query}
        onChange={(query) => onView({ query })}
        label="Query of the devices of the rollout"
        placeholder="All devices of the rollout. Try: site = lyon"
        hasTotal={false}
      />
      <Select
        aria-label="Wave"
        w={170}
        value={String(view.wave)}
        allowDeselect={false}
        onChange={(value) => onView({ wave: Number(value ?? 0) })}
        data={[
          { value: '0', label: 'Every wave' },
          ...shown.waveViews.map((one) => ({ value: String(one.wave + 1), label: waveTitle(one) })),
        ]}
      />
      <ColumnsMenu columns={rolloutDeviceColumns} layout={layout} />
      <ExportButton
        isIcon
        label={`Export ${plural(total ?? 0, 'device')} as CSV`}
        fileName={`rollout-${shown.rollout}-devices.csv`}
        make={async (work) => {
          const rows = await allDevices((input) => link.call('rollouts.devices', input), question, work)
          return { text: devicesCsv(rows), done: `${plural(rows.length, 'device')} exported.` }
        }}
      />
    </div>
  )
}

/** How many devices are in each state; each filters the list. */
function StateChips({
  shown,
  view,
  onView,
  onAct,
}: {
  shown: RolloutDetail
  view: RolloutView
  onView: ChangeRolloutView
  onAct(act: Act): void
}) {
  const counts = (view.wave === 0 ? undefined : shown.waveViews[view.wave - 1]?.counts) ?? shown.counts
  const canRetry = (shown.state === 'running' || shown.state === 'paused') && triedAgain.some((state) => (shown.counts[state] ?? 0) > 0)
  return (
    <div className={styles.toolbar}>
      <div className={styles.chips} role="group" aria-label="Devices by state">
        <Chip isOn={view.state === 'any'} onClick={() => onView({ state: 'any' })}>
          All
        </Chip>
        {deviceStatesInOrder
          .filter((state) => (counts[state] ?? 0) > 0 || state === view.state)
          .map((state) => (
            <Chip
              key={state}
              isOn={view.state === state}
              title={rolloutDeviceMeanings[state]}
              onClick={() => onView({ state: view.state === state ? 'any' : state })}
            >
              <CellMark state={state} word={`${formatCount(counts[state] ?? 0)} ${deviceMarks[state].word}`} />
            </Chip>
          ))}
      </div>
      {canRetry && (
        <MayButton
          method="rollouts.retry"
          leftSection={<IconRefresh size={14} />}
          onClick={() => onAct({ verb: 'retry', query: view.query })}
        >
          Try failed ones again
        </MayButton>
      )}
    </div>
  )
}

function Chip({ isOn, title, onClick, children }: { isOn: boolean; title?: string; onClick(): void; children: React.ReactNode }) {
  return (
    <button type="button" className={styles.chip} aria-pressed={isOn} title={title} onClick={onClick}>
      {children}
    </button>
  )
}

function NoDevices({ view, onView }: { view: RolloutView; onView: ChangeRolloutView }) {
  const isFiltered = view.state !== 'any' || view.wave !== 0 || view.query !== ''
  return isFiltered ? (
    <EmptyState
      title="No device of this rollout is like that"
      actions={<Button onClick={() => onView({ state: 'any', wave: 0, query: '' })}>Show all devices of the rollout</Button>}
    >
      Others are hidden by the state, the wave or the query.
    </EmptyState>
  ) : (
    <EmptyState title="No device is in this rollout yet">
      Devices enter when it is started and its query matches them; those that join the fleet later enter the wave that they belong to.
    </EmptyState>
  )
}
