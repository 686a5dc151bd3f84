import { useInfiniteQuery, type InfiniteData } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useLink } from '../../../data/link-context.ts'
import type { Problem } from '../../../../shared/domain/problem.ts'
import type { RolloutEvent } from '../../../../shared/domain/rollout/event.ts'
import type { InputOf, OutputOf } from '../../../../shared/rpc/contract.ts'

type Answer = OutputOf<'rollouts.events'>

export interface EventPages {
  /** The newest first; `undefined` until the first page is there. */
  events: RolloutEvent[] | undefined
  problem: Problem | null
  hasMore: boolean
  isLoadingMore: boolean
  loadMore(): void
  retry(): void
}

/** The log of a rollout, the newest first: grows at its end when asked and stays fresh at its beginning. */
export function useRolloutEvents(input: Omit<InputOf<'rollouts.events'>, 'before' | 'limit'>, limit: number): EventPages {
  const link = useLink()
  const answer = useInfiniteQuery<Answer, Problem, InfiniteData<Answer>, readonly unknown[], number | null>({
    queryKey: ['rollouts.events', input, limit, 'followed'],
    queryFn: ({ pageParam }) => link.call('rollouts.events', { ...input, limit, ...(pageParam === null ? {} : { before: pageParam }) }),
    initialPageParam: null,
    getNextPageParam: ({ next }) => next,
    placeholderData: (before) => before,
  })
  const { data } = answer
  const events = useMemo(() => data?.pages.flatMap((page) => page.events), [data])
  return {
    events,
    problem: answer.error,
    hasMore: answer.hasNextPage,
    isLoadingMore: answer.isFetchingNextPage,
    loadMore() {
      if (answer.hasNextPage && !answer.isFetchingNextPage) void answer.fetchNextPage()
    },
    retry: () => void answer.refetch(),
  }
}
