import { Button, Loader } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { Problem } from '../../shared/domain/problem.ts'
import styles from './answered.module.css'

/**
 * Draws the states of an answer: loading (only after a moment, so that fast answers do not flicker), failed, and there. A newer failure over an
 * answer that is there says so above it: the view is stale, not gone.
 */
export function Answered<Data>({ answer, children }: { answer: UseQueryResult<Data, Problem>; children: (data: Data) => React.ReactNode }) {
  if (answer.data !== undefined) {
    return (
      <>
        {answer.error !== null && <ProblemBox problem={answer.error} onRetry={() => void answer.refetch()} isOverData />}
        {children(answer.data)}
      </>
    )
  }
  if (answer.error !== null) return <ProblemBox problem={answer.error} onRetry={() => void answer.refetch()} />
  return <Loading />
}

/** An answer is under way; it shows only after a moment. */
export function Loading() {
  return (
    <div className={styles.loading} role="status">
      <Loader size="xs" type="dots" color="gray" /> <span>Loading</span>
    </div>
  )
}

/** What failed, in place: what happened, what to do, the stable code. */
export function ProblemBox({
  problem,
  onRetry,
  isOverData = false,
}: {
  problem: { code: string; message: string; hint?: string | undefined }
  onRetry?: () => void
  isOverData?: boolean
}) {
  return (
    <div className={styles.problem} role="alert">
      <div>
        <strong className="foreign">{problem.message}</strong>
        {isOverData && <div>What is shown below is from before.</div>}
        <div className="dim">
          {problem.hint} <span className="mono">{problem.code}</span>
        </div>
      </div>
      {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
    </div>
  )
}

/** An empty page or list: says why it is empty and what to do; never just blank. */
export function EmptyState({ title, children, actions }: { title: string; children?: React.ReactNode; actions?: React.ReactNode }) {
  return (
    <div className={styles.empty}>
      <strong>{title}</strong>
      {children !== undefined && <div className="dim">{children}</div>}
      {actions !== undefined && <div className={styles.emptyActions}>{actions}</div>}
    </div>
  )
}
