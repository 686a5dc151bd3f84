import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { Problem } from '../../../shared/domain/problem.ts'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import type { OrderSummary } from '../../../shared/rpc/contract/orders.ts'
import { useLink } from '../../data/link-context.ts'

const PAGE = 50
/** Older orders are asked for when so many rows are left below the screen. */
const AHEAD = 20

export interface Orders {
  orders: readonly OrderSummary[]
  /** All that match, also those that are not asked for yet; `null` before the first answer. */
  total: number | null
  isMore: boolean
  problem: Problem | null
  onVisible(first: number, last: number): void
  retry(): void
}

/** Orders, the newest first; older ones are asked for as they come near the screen. */
export function useOrders(filter: Pick<InputOf<'orders.list'>, 'state' | 'deployment' | 'model'>): Orders {
  const link = useLink()
  const answer = useInfiniteQuery({
    queryKey: ['orders.list', filter],
    queryFn: ({ pageParam }): Promise<OutputOf<'orders.list'>> =>
      link.call('orders.list', { ...filter, limit: PAGE, ...(pageParam === null ? {} : { before: pageParam }) }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: (before) => before,
  })
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = answer
  const orders = useMemo(() => data?.pages.flatMap((page) => page.orders) ?? [], [data])
  const onVisible = useCallback(
    (_first: number, last: number) => {
      if (hasNextPage && !isFetchingNextPage && last >= orders.length - AHEAD) void fetchNextPage()
    },
    [hasNextPage, isFetchingNextPage, orders.length, fetchNextPage],
  )
  return {
    orders,
    total: data?.pages[0]?.total ?? null,
    isMore: hasNextPage,
    problem: error as Problem | null,
    onVisible,
    retry: () => void refetch(),
  }
}
