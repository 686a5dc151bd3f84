import { Button, Select } from '@mantine/core'
import { useMemo, useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { formatCount, formatDuration } from '../../components/format.ts'
import { ColumnsMenu } from '../../components/grid/columns-menu.tsx'
import type { Column } from '../../components/grid/column.ts'
import { DataGrid } from '../../components/grid/data-grid.tsx'
import { useColumns } from '../../components/grid/use-columns.ts'
import { Portion } from '../../components/state-bar.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import { orderStates, type OrderSummary } from '../../../shared/rpc/contract/orders.ts'
import { orderMarks, reachedInWords, takeBackOf, whatOf } from './order-words.ts'
import type { OrderFilter } from './deployments.tsx'
import type { TakeBack } from './take-back.tsx'
import { useOrders } from './use-orders.ts'
import styles from './deployments.module.css'

/** Rows that stand for older orders that are not asked for yet. */
const ROOM_BELOW = 20

/** Every order, the newest first: what, who, when, how far; cancel and undo. */
export function OrderList({
  filter,
  onFilter,
  onTakeBack,
}: {
  filter: OrderFilter
  onFilter(change: Partial<OrderFilter>): void
  onTakeBack(asked: TakeBack): void
}) {
  const go = useGo()
  const [active, setActive] = useState<string | null>(null)
  const columns = useMemo(() => columnsOf(onTakeBack), [onTakeBack])
  const layout = useColumns('orders', columns)
  const isFiltered = filter.deployment !== '' || filter.model !== '' || filter.state !== 'any'
  const { orders, total, isMore, problem, onVisible, retry } = useOrders({
    ...(filter.state === 'any' ? {} : { state: filter.state }),
    ...(filter.deployment === '' ? {} : { deployment: filter.deployment }),
    ...(filter.model === '' ? {} : { model: filter.model }),
  })
  return (
    <>
      <div className={styles.toolbar}>
        <h2>Orders{total === null ? '' : `: ${formatCount(total)}`}</h2>
        <Filters filter={filter} onFilter={onFilter} />
        <ColumnsMenu columns={columns} layout={layout} />
      </div>
      {problem !== null && <ProblemBox problem={problem} onRetry={retry} isOverData={orders.length > 0} />}
      {total !== null && (
        <DataGrid
          label="Orders"
          layout={layout}
          total={orders.length + (isMore ? Math.min(ROOM_BELOW, total - orders.length) : 0)}
          rowAt={(index) => orders[index]}
          keyOf={({ order }) => String(order)}
          onVisible={onVisible}
          active={active}
          onActive={setActive}
          onOpen={({ order }) => go(paths.order(order))}
          empty={
            <EmptyState
              title={isFiltered ? 'No order is like that' : 'Nothing was ordered yet'}
              actions={isFiltered && <Button onClick={() => onFilter({ deployment: '', model: '', state: 'any' })}>Show all orders</Button>}
            >
              {isFiltered
                ? 'Other orders are hidden by the filters.'
                : 'Each deployment, removal, cancel and undo stands here with who did it.'}
            </EmptyState>
          }
        />
      )}
    </>
  )
}

function Filters({ filter, onFilter }: { filter: OrderFilter; onFilter(change: Partial<OrderFilter>): void }) {
  const deployments = useQuery('deployments.list', {}).data?.deployments ?? []
  const models = useQuery('models.list', {}).data?.versions ?? []
  const named = (names: readonly string[], chosen: string): string[] =>
    [...new Set([...names, ...(chosen === '' ? [] : [chosen])])].toSorted()
  return (
    <div className={styles.filters}>
      <Select
        aria-label="State of orders"
        value={filter.state}
        onChange={(state) => onFilter({ state: orderStates.find((one) => one === state) ?? 'any' })}
        data={[{ value: 'any', label: 'Any state' }, ...orderStates.map((state) => ({ value: state, label: state }))]}
        allowDeselect={false}
        w={120}
      />
      <Select
        aria-label="Deployment of orders"
        placeholder="Any deployment"
        value={filter.deployment === '' ? null : filter.deployment}
        onChange={(deployment) => onFilter({ deployment: deployment ?? '' })}
        data={named(
          deployments.map(({ deployment }) => deployment),
          filter.deployment,
        )}
        clearable
        clearButtonProps={{ 'aria-label': 'Any deployment' }}
        searchable
        w={180}
      />
      <Select
        aria-label="Model of orders"
        placeholder="Any model"
        value={filter.model === '' ? null : filter.model}
        onChange={(model) => onFilter({ model: model ?? '' })}
        data={named(
          models.map(({ model }) => model),
          filter.model,
        )}
        clearable
        clearButtonProps={{ 'aria-label': 'Any model' }}
        searchable
        w={160}
      />
    </div>
  )
}

function columnsOf(onTakeBack: (asked: TakeBack) => void): Column<OrderSummary>[] {
  return [
    {
      id: 'order',
      title: 'Order',
      width: 64,
      isNumeric: true,
      cell: ({ order }) => <RouteLink href={paths.order(order)}>{order}</RouteLink>,
      text: ({ order }) => String(order),
    },
    {
      id: 'state',
      title: 'State',
      width: 110,
      cell: ({ state }) => <StateMark state={orderMarks[state]} word={state} />,
      text: ({ state }) => state,
    },
    {
      id: 'what',
      title: 'What',
      width: 220,
      cell: (order) => (
        <span className="foreign" title={whatOf(order)}>
          {whatOf(order)}
        </span>
      ),
      text: whatOf,
    },
    { id: 'deployment', title: 'Deployment', width: 120, cell: ({ deployment }) => deployment, text: ({ deployment }) => deployment },
    {
      id: 'reached',
      title: 'Reached',
      width: 170,
      cell: ({ reached, devices }) => <Portion part={reached} whole={devices} label="Reached" />,
      text: reachedInWords,
    },
    {
      id: 'when',
      title: 'Ordered',
      width: 100,
      cell: ({ createdAt }) => <Ago at={createdAt} />,
      text: ({ createdAt }) => String(createdAt),
    },
    {
      id: 'actions',
      title: 'Take back',
      width: 90,
      cell: (order) => <TakeBackButton order={order} onTakeBack={onTakeBack} />,
      text: () => '',
    },
    {
      id: 'took',
      title: 'Took',
      width: 80,
      cell: ({ createdAt, endedAt }) => <span className="dim">{endedAt === null ? '' : formatDuration(endedAt - createdAt)}</span>,
      text: ({ createdAt, endedAt }) => (endedAt === null ? '' : formatDuration(endedAt - createdAt)),
    },
    { id: 'who', title: 'By', width: 90, cell: ({ actor }) => <span className="foreign">{actor}</span>, text: ({ actor }) => actor },
    {
      id: 'query',
      title: 'Query',
      width: 160,
      cell: ({ query }) => (query === '' ? <span className="dim">all devices</span> : <code title={query}>{query}</code>),
      text: ({ query }) => query,
    },
  ]
}

/** By keyboard an order is opened first; its page has the same buttons. */
function TakeBackButton({ order, onTakeBack }: { order: OrderSummary; onTakeBack(asked: TakeBack): void }) {
  const action = takeBackOf(order)
  if (action === null) return null
  const word = action === 'cancel' ? 'Cancel' : 'Undo'
  return (
    <Button
      size="compact-xs"
      tabIndex={-1}
      aria-label={`${word} order ${order.order}`}
      onClick={(event) => {
        event.stopPropagation()
        onTakeBack({ order: order.order, action })
      }}
    >
      {word}
    </Button>
  )
}
