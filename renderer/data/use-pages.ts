import { useQueries } from '@tanstack/react-query'
import { useCallback, useRef, useState } from 'react'
import type { Problem } from '../../shared/domain/problem.ts'
import type { InputOf, MethodName, OutputOf } from '../../shared/rpc/contract.ts'
import { useLink } from './link-context.ts'

/** Rows per page: one screen of a large display, so that a scroll asks for two pages at most. */
const PAGE = 100

export interface Pages<Row, Answer> {
  rowAt(index: number): Row | undefined
  /** The newest answer of any page on screen: totals and counts. */
  head: Answer | undefined
  problem: Problem | null
  onVisible(first: number, last: number): void
  retry(): void
}

/**
 * The rows of a long list, asked for page by page as they come on screen.
 * @param input the query's input without its page
 * @param rowsOf where the rows stand in an answer
 */
export function usePages<Name extends MethodName, Row>(
  method: Name,
  input: Omit<InputOf<Name>, 'offset' | 'limit'>,
  rowsOf: (answer: OutputOf<Name>) => readonly Row[],
): Pages<Row, OutputOf<Name>> {
  const link = useLink()
  const [range, setRange] = useState({ first: 0, last: 0 })
  const wanted = Array.from({ length: range.last - range.first + 1 }, (_, i) => range.first + i)
  const answers = useQueries({
    queries: wanted.map((page) => {
      const whole = { ...input, offset: page * PAGE, limit: PAGE } as InputOf<Name>
      return { queryKey: [method, whole] as const, queryFn: (): Promise<OutputOf<Name>> => link.call(method, whole) }
    }),
  })
  const onVisible = useCallback((first: number, last: number) => {
    const next = { first: Math.floor(first / PAGE), last: Math.floor(last / PAGE) }
    setRange((before) => (before.first === next.first && before.last === next.last ? before : next))
  }, [])
  // While nothing of a new input or a new place is there, the pages of before stay on screen: a list never blinks.
  const kept = useRef(new Map<number, OutputOf<Name>>())
  if (answers.some(({ data }) => data !== undefined)) {
    kept.current = new Map(answers.flatMap(({ data }, i) => (data === undefined ? [] : [[range.first + i, data] as const])))
  }
  const pages = kept.current
  return {
    rowAt(index) {
      const answer = pages.get(Math.floor(index / PAGE))
      return answer === undefined ? undefined : rowsOf(answer)[index % PAGE]
    },
    head: pages.values().next().value,
    problem: (answers.find(({ error }) => error !== null)?.error as Problem | undefined) ?? null,
    onVisible,
    retry: () => answers.forEach((answer) => void answer.refetch()),
  }
}
