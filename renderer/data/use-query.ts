import { keepPreviousData, useQuery as useCached, type UseQueryResult } from '@tanstack/react-query'
import type { Problem } from '../../shared/domain/problem.ts'
import type { InputOf, MethodName, OutputOf } from '../../shared/rpc/contract.ts'
import { useLink } from './link-context.ts'

export type Answer<Name extends MethodName> = UseQueryResult<OutputOf<Name>, Problem>

export interface QueryOptions {
  /** False: not asked yet. */
  enabled?: boolean
  /** Keeps the answer of the input before on screen while the new one is under way (paging, typing). */
  keepsPrevious?: boolean
  /** Asks again after so many ms, for what no topic tells (rates, clocks). */
  everyMs?: number
}

/** Asks a query of the core and keeps its answer fresh by the change feed. */
export function useQuery<Name extends MethodName>(method: Name, input: InputOf<Name>, options: QueryOptions = {}): Answer<Name> {
  const link = useLink()
  const { enabled = true, keepsPrevious = false, everyMs } = options
  return useCached<OutputOf<Name>, Problem>({
    queryKey: [method, input],
    queryFn: () => link.call(method, input),
    enabled,
    ...(keepsPrevious ? { placeholderData: keepPreviousData } : {}),
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  })
}
