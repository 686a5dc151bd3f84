import { Button, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered, EmptyState, ProblemBox } from '../../components/answered.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatBytes, formatCount, plural } from '../../components/format.ts'
import type { Column } from '../../components/grid/column.ts'
import { DataGrid } from '../../components/grid/data-grid.tsx'
import { useColumns } from '../../components/grid/use-columns.ts'
import { StateBar } from '../../components/state-bar.tsx'
import { StateMark, type State } from '../../components/state-mark.tsx'
import { deviceColumn, versionName } from '../../components/device-column.tsx'
import { fetchText } from '../../components/wire-text.ts'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { usePages } from '../../data/use-pages.ts'
import type { Answer } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { VersionSummary } from '../../../shared/rpc/contract/models.ts'
import type { DeployTarget } from './deploy.tsx'
import { warningWords } from './deploy-words.ts'
import { AgainstIncumbent } from './incumbent.tsx'
import styles from './deploy.module.css'

type Preview = OutputOf<'deployments.preview'>
type PreviewDevice = Preview['devices'][number]

/** Groups of devices by what they have now, named in the preview. */
const MOST_GROUPS = 4

/** What a deployment will change, before it is done: counts, bytes, warnings, and the devices one by one. */
export function DeployPreview({
  target,
  answer,
  chosen,
  versions,
  isOnlyChanges,
  onOnlyChanges,
}: {
  target: DeployTarget
  answer: Answer<'deployments.preview'>
  chosen: VersionSummary | null
  versions: readonly VersionSummary[]
  isOnlyChanges: boolean
  onOnlyChanges(isOnly: boolean): void
}) {
  return (
    <div className={styles.preview} data-stale={answer.isPlaceholderData || undefined}>
      <div className={styles.numbers}>
        <Answered answer={answer}>
          {(preview) => (
            <>
              <Counts preview={preview} />
              <Facts rows={rowsOf(preview)} />
              {chosen !== null && <AgainstIncumbent chosen={chosen} from={preview.from} versions={versions} />}
              <Warnings warnings={preview.warnings} />
            </>
          )}
        </Answered>
      </div>
      {answer.data !== undefined && (
        <>
          <div className={styles.toolbar}>
            <h2>Devices</h2>
            <SegmentedControl
              aria-label="Devices in the list"
              value={isOnlyChanges ? 'changes' : 'all'}
              onChange={(value) => onOnlyChanges(value === 'changes')}
              data={[
                { value: 'changes', label: `That change: ${formatCount(answer.data.counts.changing)}` },
                { value: 'all', label: `All: ${formatCount(answer.data.counts.selected)}` },
              ]}
            />
          </div>
          <Devices target={target} isOnlyChanges={isOnlyChanges} selected={answer.data.counts.selected} />
        </>
      )}
    </div>
  )
}

function Counts({ preview: { counts } }: { preview: Preview }) {
  return (
    <StateBar
      label="Devices that the query selects"
      parts={[
        { state: 'working', word: 'change', count: counts.changing - counts.changingOffline },
        { state: 'offline', word: 'change when they connect', count: counts.changingOffline },
        { state: 'ok', word: 'have it already', count: counts.unchanged },
      ]}
    />
  )
}

function rowsOf({ from, bundleBytes, bytes, deployment, model, version, alias }: Preview): [string, React.ReactNode][] {
  const groups = from
    .slice(0, MOST_GROUPS)
    .map(({ current, devices }) => `${current === null ? 'nothing' : `${current.model} ${current.version}`} on ${formatCount(devices)}`)
  if (from.length > MOST_GROUPS) groups.push(`and ${from.length - MOST_GROUPS} more`)
  return [
    ['Deployment', deployment],
    ['To', `${model} ${version}${alias === null ? '' : `, which ${alias} stands for now`}`],
    ['From', groups.length === 0 ? 'no device changes' : groups.join(', ')],
    [
      'Bytes',
      `${fetchText({ bytes: bytes.toFetch, published: bytes.published })}; the bundle takes ${formatBytes(bundleBytes)} on the disk of each device`,
    ],
  ]
}

function Warnings({ warnings }: { warnings: Preview['warnings'] }) {
  return (
    <ul className={styles.warnings} aria-label="Warnings">
      {warnings.map(({ warning, devices, examples, message }) => (
        <li key={warning}>
          <StateMark state="attention" word={plural(devices, 'device')} />
          <span className="foreign">
            {message}{' '}
            {examples.slice(0, 3).map((device, i) => (
              <span key={device}>
                {i > 0 && ', '}
                <RouteLink href={paths.device(device)} className="mono">
                  {device}
                </RouteLink>
              </span>
            ))}
            {devices > Math.min(3, examples.length) && examples.length > 0 && <span className="dim"> and others</span>}
          </span>
        </li>
      ))}
    </ul>
  )
}

function Devices({ target, isOnlyChanges, selected }: { target: DeployTarget; isOnlyChanges: boolean; selected: number }) {
  const go = useGo()
  const [active, setActive] = useState<string | null>(null)
  const layout = useColumns('deploy-preview', columns)
  const pages = usePages('deployments.preview', { ...target, onlyChanges: isOnlyChanges }, ({ devices }) => devices)
  return (
    <>
      {pages.problem !== null && pages.head === undefined && <ProblemBox problem={pages.problem} onRetry={pages.retry} />}
      {pages.head !== undefined && (
        <DataGrid
          label="Devices of the deployment"
          layout={layout}
          total={pages.head.total}
          rowAt={pages.rowAt}
          keyOf={({ device }) => device}
          onVisible={pages.onVisible}
          active={active}
          onActive={setActive}
          onOpen={({ device }) => go(paths.device(device))}
          empty={
            selected === 0 ? (
              <EmptyState
                title="The query selects no device"
                actions={
                  <Button component={RouteLink} href={paths.devices()}>
                    See all devices
                  </Button>
                }
              >
                Change the query, or enrol the devices first.
              </EmptyState>
            ) : (
              <EmptyState title="No device changes">All that the query selects have this version ordered already.</EmptyState>
            )
          }
        />
      )}
    </>
  )
}

const statusMarks: Record<string, State> = { online: 'ok', offline: 'offline', 'never-seen': 'offline' }
const columns: Column<PreviewDevice>[] = [
  deviceColumn<PreviewDevice>(),
  {
    id: 'status',
    title: 'Status',
    width: 100,
    cell: ({ status }) => <StateMark state={statusMarks[status] ?? 'offline'} word={status} />,
    text: ({ status }) => status,
  },
  {
    id: 'now',
    title: 'Has now',
    width: 140,
    cell: ({ current }) => <span className={current === null ? 'dim' : 'foreign'}>{versionName(current)}</span>,
    text: ({ current }) => versionName(current),
  },
  {
    id: 'change',
    title: 'Changes',
    width: 80,
    cell: ({ change }) => (change ? 'changes' : <span className="dim">stays</span>),
    text: ({ change }) => (change ? 'changes' : 'stays'),
  },
  {
    id: 'bytes',
    title: 'On the wire',
    width: 90,
    isNumeric: true,
    cell: ({ change, bytesToFetch }) => (change ? formatBytes(bytesToFetch) : ''),
    text: ({ bytesToFetch }) => String(bytesToFetch),
  },
  {
    id: 'warnings',
    title: 'Warnings',
    width: 220,
    cell: ({ warnings }) =>
      warnings.length === 0 ? '' : <StateMark state="attention" word={warnings.map((warning) => warningWords[warning]).join(', ')} />,
    text: ({ warnings }) => warnings.join(' '),
  },
]
