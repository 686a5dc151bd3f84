import { useState } from 'react'
import { Problem, reportOf, type ProblemReport } from '../../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { useLink } from '../../../data/link-context.ts'

interface Answer {
  isRunning: boolean
  found: OutputOf<'sources.check'> | null
  problem: ProblemReport | null
}

/** What came of asking a place whether it answers and lets us in. */
export interface Check extends Answer {
  run(): void
}

/** Asks a place when told to, and keeps what it said until it is asked again. */
export function useCheck(source: string): Check {
  const link = useLink()
  const [answer, setAnswer] = useState<Answer>({ isRunning: false, found: null, problem: null })
  const run = (): void => {
    setAnswer({ isRunning: true, found: null, problem: null })
    link.call('sources.check', { source }).then(
      (found) => setAnswer({ isRunning: false, found, problem: null }),
      (thrown: unknown) => {
        const problem = thrown instanceof Problem ? thrown.toReport() : reportOf(thrown)
        setAnswer({ isRunning: false, found: null, problem })
      },
    )
  }
  return { ...answer, run }
}
