import { Button } from '@mantine/core'
import { useState } from 'react'
import { z } from 'zod'
import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { formatBytes, formatCount, formatPercent, plural } from '../../components/format.ts'
import type { Column } from '../../components/grid/column.ts'
import { ColumnsMenu } from '../../components/grid/columns-menu.tsx'
import { DataGrid } from '../../components/grid/data-grid.tsx'
import { useColumns } from '../../components/grid/use-columns.ts'
import { Progress } from '../../components/progress.tsx'
import { QueryBox } from '../../components/query-box.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { Sentence } from '../../components/time.tsx'
import { Ago } from '../../components/time.tsx'
import { deviceColumn, versionName } from '../../components/device-column.tsx'
import { paths } from '../../data/paths.ts'
import { useGo, useUrlState } from '../../data/url-state.ts'
import { usePages } from '../../data/use-pages.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { orderDeviceStateMeanings, orderDeviceStates, type OrderDeviceState } from '../../../shared/rpc/contract/orders.ts'
import { deviceMarks, deviceStatesInOrder } from './order-words.ts'
import styles from './order.module.css'

type OrderDevice = OutputOf<'orders.devices'>['devices'][number]

const view = z.object({
  state: z.enum(['any', ...orderDeviceStates]).default('any'),
  query: z.string().max(4000).default(''),
})

/** The devices of an order with where they are, how much they have and why; by state and query. */
export function OrderDevices({ order, counts }: { order: number; counts: Record<OrderDeviceState, number> }) {
  const go = useGo()
  const [{ state, query }, change] = useUrlState(view)
  const [active, setActive] = useState<string | null>(null)
  const layout = useColumns('order-devices', columns)
  const pages = usePages('orders.devices', { order, query, ...(state === 'any' ? {} : { state }) }, ({ devices }) => devices)
  return (
    <>
      <div className={styles.toolbar}>
        <div className={styles.chips} role="group" aria-label="Devices by state">
          <Chip isOn={state === 'any'} onClick={() => change({ state: 'any' })}>
            All
          </Chip>
          {deviceStatesInOrder
            .filter((one) => counts[one] > 0 || one === state)
            .map((one) => (
              <Chip
                key={one}
                isOn={state === one}
                title={orderDeviceStateMeanings[one]}
                onClick={() => change({ state: state === one ? 'any' : one })}
              >
                <StateMark state={deviceMarks[one].state} word={`${formatCount(counts[one])} ${deviceMarks[one].word}`} />
              </Chip>
            ))}
        </div>
        <QueryBox value={query} onChange={(next) => change({ query: next })} label="Devices of the order" hasTotal={false} />
        <span className="dim">{pages.head === undefined ? '' : plural(pages.head.total, 'device')}</span>
        <ColumnsMenu columns={columns} layout={layout} />
      </div>
      {pages.problem !== null && <ProblemBox problem={pages.problem} onRetry={pages.retry} isOverData={pages.head !== undefined} />}
      {pages.head !== undefined && (
        <DataGrid
          label="Devices of the order"
          layout={layout}
          total={pages.head.total}
          rowAt={pages.rowAt}
          keyOf={({ device }) => device}
          onVisible={pages.onVisible}
          active={active}
          onActive={setActive}
          onOpen={({ device }) => go(paths.device(device))}
          empty={
            <EmptyState
              title="No device of this order is like that"
              actions={<Button onClick={() => change({ state: 'any', query: '' })}>Show all devices of the order</Button>}
            >
              Others are hidden by the state or the query.
            </EmptyState>
          }
        />
      )}
    </>
  )
}

function Chip({ isOn, title, onClick, children }: { isOn: boolean; title?: string; onClick(): void; children: React.ReactNode }) {
  return (
    <button type="button" className={styles.chip} aria-pressed={isOn} title={title} onClick={onClick}>
      {children}
    </button>
  )
}

const columns: Column<OrderDevice>[] = [
  deviceColumn<OrderDevice>(),
  {
    id: 'state',
    title: 'State',
    width: 120,
    cell: ({ state }) => (
      <span title={orderDeviceStateMeanings[state]}>
        <StateMark state={deviceMarks[state].state} word={deviceMarks[state].word} />
      </span>
    ),
    text: ({ state }) => state,
  },
  {
    id: 'why',
    title: 'Why',
    width: 440,
    cell: ({ why }) => <Sentence text={why} />,
    text: ({ why }) => why,
  },
  {
    id: 'share',
    title: 'Has',
    width: 120,
    cell: ({ device, share }) =>
      share === null ? (
        <span className="dim">unknown</span>
      ) : (
        <span className={styles.share}>
          <Progress share={share} label={`Share that ${device} has`} />
          <span>{formatPercent(share, 0)}</span>
        </span>
      ),
    text: ({ share }) => (share === null ? '' : String(share)),
  },
  {
    id: 'bytes',
    title: 'Bytes',
    width: 140,
    isNumeric: true,
    cell: ({ bytesPresent, bytesPlanned }) => (bytesPlanned === 0 ? '' : `${formatBytes(bytesPresent)} of ${formatBytes(bytesPlanned)}`),
    text: ({ bytesPresent }) => String(bytesPresent),
  },
  {
    id: 'from',
    title: 'Had before',
    width: 120,
    cell: ({ previous }) => <span className={previous === null ? 'dim' : 'foreign'}>{versionName(previous)}</span>,
    text: ({ previous }) => versionName(previous),
  },
  {
    id: 'active',
    title: 'Runs now',
    width: 120,
    cell: ({ active }) => <span className={active === null ? 'dim' : 'foreign'}>{versionName(active)}</span>,
    text: ({ active }) => versionName(active),
  },
  {
    id: 'reachedAt',
    title: 'Reached',
    width: 100,
    cell: ({ reachedAt }) => <Ago at={reachedAt} never="not yet" />,
    text: ({ reachedAt }) => String(reachedAt ?? ''),
  },
  {
    id: 'problem',
    title: 'Problem',
    width: 180,
    isHidden: true,
    cell: ({ problem }) => <span className="mono foreign">{problem?.code ?? ''}</span>,
    text: ({ problem }) => problem?.code ?? '',
  },
]
