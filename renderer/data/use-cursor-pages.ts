import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Problem } from '../../shared/domain/problem.ts'
import type { InputOf, OutputOf } from '../../shared/rpc/contract.ts'
import { useLink } from './link-context.ts'

/** Queries whose pages follow each other: each answer says with `next` where the older ones begin. */
type Followed = 'audit.list' | 'telemetry.events' | 'devices.timeline' | 'alerts.list'

export interface CursorPages<Entry> {
  /** The newest first; `undefined` until the first page is there. */
  entries: Entry[] | undefined
  problem: Problem | null
  hasMore: boolean
  isLoadingMore: boolean
  /** True while the entries are of the question before. */
  isOld: boolean
  loadMore(): void
  retry(): void
}

/** A list of entries, the newest first, that grows at its end when asked and stays fresh at its beginning. */
export function useCursorPages<Name extends Followed, Entry>(
  method: Name,
  input: Omit<InputOf<Name>, 'before' | 'limit'>,
  { entriesOf, limit = 50, enabled = true }: { entriesOf(answer: OutputOf<Name>): readonly Entry[]; limit?: number; enabled?: boolean },
): CursorPages<Entry> {
  const link = useLink()
  const answer = useInfiniteQuery<OutputOf<Name>, Problem, { pages: OutputOf<Name>[] }, readonly unknown[], string | null>({
    queryKey: [method, input, limit, 'followed'],
    queryFn: ({ pageParam }) =>
      link.call(method, { ...input, limit, ...(pageParam === null ? {} : { before: pageParam }) } as InputOf<Name>),
    initialPageParam: null,
    getNextPageParam: (last) => last.next,
    enabled,
    placeholderData: keepPreviousData,
  })
  const { data } = answer
  const entries = useMemo(() => data?.pages.flatMap((page) => entriesOf(page)), [data, entriesOf])
  return {
    entries,
    problem: answer.error,
    hasMore: answer.hasNextPage,
    isLoadingMore: answer.isFetchingNextPage,
    isOld: answer.isPlaceholderData,
    loadMore() {
      if (answer.hasNextPage && !answer.isFetchingNextPage) void answer.fetchNextPage()
    },
    retry: () => void answer.refetch(),
  }
}
