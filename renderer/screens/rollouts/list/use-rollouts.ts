import { useInfiniteQuery, type InfiniteData } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { useLink } from '../../../data/link-context.ts'
import { useQuery } from '../../../data/use-query.ts'
import type { Problem } from '../../../../shared/domain/problem.ts'
import type { RolloutState } from '../../../../shared/domain/rollout/life.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import type { RolloutSummary } from '../../../../shared/rpc/contract/rollouts.ts'
import { findRollouts, rolloutsQuestion, shownChoices, type RolloutsView } from './rollouts-view.ts'

type Listed = OutputOf<'rollouts.list'>

const PAGE = 100
/** Older rollouts are asked for when so many rows are left below the screen. */
const AHEAD = 20
const calmStates: readonly RolloutState[] = [...shownChoices.drafts.states, ...shownChoices.ended.states]

export interface RolloutRows {
  /** Live ones first, the newest first within each; `undefined` before the first answer. */
  rollouts: readonly RolloutSummary[] | undefined
  /** How many of them are live, for the line between. */
  live: number
  problem: Problem | null
  onVisible(first: number, last: number): void
  retry(): void
}

/** The rows of the list: what is live stands first, however old it is; below it the rest, asked for page by page. */
export function useRollouts(view: RolloutsView): RolloutRows {
  const hasLive = view.show === 'all' || view.show === 'live'
  const live = useQuery(
    'rollouts.list',
    { ...rolloutsQuestion(view, shownChoices.live.states), limit: 500 },
    { enabled: hasLive, keepsPrevious: true },
  )
  const calm = useCalm(view, view.show === 'all' ? calmStates : shownChoices[view.show].states, view.show !== 'live')
  const first = hasLive ? live.data?.rollouts : []
  const second = view.show === 'live' ? [] : calm.rollouts
  const isThere = first !== undefined && second !== undefined
  const found = useMemo(() => (isThere ? findRollouts([...first, ...second], view.text) : undefined), [isThere, first, second, view.text])
  const shownLive = useMemo(() => findRollouts(first ?? [], view.text).length, [first, view.text])
  return {
    rollouts: found,
    live: shownLive,
    problem: live.error ?? calm.problem,
    onVisible(_, last) {
      // What is searched for may be older than what was asked for so far.
      if (view.text !== '' || last >= (found?.length ?? 0) - AHEAD) calm.loadMore()
    },
    retry() {
      if (hasLive) void live.refetch()
      calm.retry()
    },
  }
}

function useCalm(view: RolloutsView, states: readonly RolloutState[] | null, enabled: boolean) {
  const link = useLink()
  const question = rolloutsQuestion(view, states)
  const answer = useInfiniteQuery<Listed, Problem, InfiniteData<Listed>, readonly unknown[], number | null>({
    queryKey: ['rollouts.list', question, 'followed'],
    queryFn: ({ pageParam }) =>
      link.call('rollouts.list', { ...question, limit: PAGE, ...(pageParam === null ? {} : { before: pageParam }) }),
    initialPageParam: null,
    getNextPageParam: ({ next }) => next,
    placeholderData: (before) => before,
    enabled,
  })
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = answer
  const rollouts = useMemo(() => data?.pages.flatMap((page) => page.rollouts), [data])
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  return { rollouts, problem: error, loadMore, retry: () => void refetch() }
}
