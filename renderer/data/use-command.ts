import { useMutation } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { Problem } from '../../shared/domain/problem.ts'
import type { InputOf, MethodName, OutputOf } from '../../shared/rpc/contract.ts'
import { showProblem } from '../shell/notices.tsx'
import { useLink } from './link-context.ts'

export interface Command<Name extends MethodName> {
  /** @param commandId given where a form must act once, however often it is sent; else every run is a command of its own */
  run(input: InputOf<Name>, commandId?: string): Promise<OutputOf<Name>>
  isRunning: boolean
  problem: Problem | null
  reset(): void
}

/** Runs a command of the core. What fails is shown as a notice, unless the caller shows it in place. */
export function useCommand<Name extends MethodName>(method: Name, { isShownInPlace = false } = {}): Command<Name> {
  const link = useLink()
  const mutation = useMutation<OutputOf<Name>, Problem, { input: InputOf<Name>; commandId: string | undefined }>({
    mutationFn: ({ input, commandId }) => link.call(method, input, commandId === undefined ? {} : { commandId }),
    onError: (problem) => {
      if (!isShownInPlace) showProblem(problem)
    },
  })
  const { mutateAsync } = mutation
  const run = useCallback<Command<Name>['run']>((input, commandId) => mutateAsync({ input, commandId }), [mutateAsync])
  return { run, isRunning: mutation.isPending, problem: mutation.error, reset: mutation.reset }
}
