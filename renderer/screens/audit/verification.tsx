import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { auditVerdict, type AuditFinding, type AuditVerdict } from '../../../shared/domain/audit/finding.ts'
import { ProblemBox } from '../../components/answered.tsx'
import { plural } from '../../components/format.ts'
import { Progress } from '../../components/progress.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useCommand } from '../../data/use-command.ts'
import { useJob } from '../../data/use-job.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './audit.module.css'

/** A verification that runs, or the last one. */
export interface Verification {
  start(): void
  cancel(): void
  isStarting: boolean
  isRunning: boolean
  job: OutputOf<'jobs.show'> | undefined
  verdict: AuditVerdict | null
}

/** @param last of the console, from before this page was opened */
export function useVerification(last: AuditVerdict | null): Verification {
  const [started, setStarted] = useState<string | null>(null)
  const verify = useCommand('audit.verify')
  const cancel = useCommand('jobs.cancel')
  const job = useJob(started).data
  const result = job?.state === 'done' ? auditVerdict.safeParse(job.result) : null
  return {
    start: () =>
      void verify
        .run({})
        .then(({ job: id }) => setStarted(id))
        .catch(() => undefined),
    cancel: () => void (started !== null && cancel.run({ job: started }).catch(() => undefined)),
    isStarting: verify.isRunning,
    isRunning: job?.state === 'running',
    job,
    verdict: result?.success === true ? result.data : last,
  }
}

/** How far a verification is, and what the last one found. */
export function VerificationBar({ verification }: { verification: Verification }) {
  const { job, verdict } = verification
  if (job?.state === 'running')
    return (
      <div className={styles.verification}>
        <StateMark state="working" word="Verifying" />
        <Progress share={job.progress} label="Verification of the audit log" />
        <span className="dim">{job.note}</span>
        <MayButton method="jobs.cancel" onClick={verification.cancel}>
          Stop
        </MayButton>
      </div>
    )
  if (job?.state === 'failed' && job.problem !== null)
    return (
      <div className={styles.verification}>
        <ProblemBox problem={job.problem} onRetry={verification.start} />
      </div>
    )
  return verdict === null ? null : <Verdict verdict={verdict} />
}

function Verdict({ verdict }: { verdict: AuditVerdict }) {
  const { isGood, sentence, findings, found, at, tookMs, uncovered } = verdict
  return (
    <section className={styles.verification} aria-label="Result of the verification" role={isGood ? undefined : 'alert'}>
      <StateMark state={isGood ? 'ok' : 'failed'} word={isGood ? 'The log is good' : 'The log is not good'} />
      <div className={styles.verdict}>
        <span>
          {verdict.first !== null && (
            <>
              First bad entry: <Place of={verdict.first} text={String(verdict.first.seq)} />.{' '}
            </>
          )}
          {sentence}
        </span>{' '}
        <span className="dim">
          {uncovered > 0 && `${plural(uncovered, 'entry', 'entries')} after the newest checkpoint. `}
          Verified <Ago at={at} /> in {(tookMs / 1000).toFixed(1)} s.
        </span>
        {findings.length > 1 && (
          <ul className={styles.findings}>
            {findings.slice(0, 20).map((one) => (
              <li key={`${one.kind} ${one.seq} ${one.through}`}>
                <Place of={one} text={one.seq === one.through ? String(one.seq) : `${one.seq} to ${one.through}`} />: {one.sentence}
              </li>
            ))}
            {found > 20 && <li className="dim">and {found - 20} more</li>}
          </ul>
        )}
      </div>
    </section>
  )
}

/** Where a finding is; what is gone has no page. */
function Place({ of: { kind, seq }, text }: { of: AuditFinding; text: string }) {
  return kind === 'missing' ? <>{text}</> : <RouteLink href={paths.auditEntry(seq)}>{text}</RouteLink>
}
