import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import type { Standing } from '../../../../shared/rpc/contract/approvals.ts'
import { Answered, EmptyState } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { Section } from '../../../components/screen.tsx'
import { paths } from '../../../data/paths.ts'
import { useQuery } from '../../../data/use-query.ts'
import { cliLines } from '../cli-lines.ts'
import pageStyles from '../models.module.css'
import styles from './approval.module.css'
import { DecideDialog, type Decision } from './decide-dialog.tsx'
import { DecisionList } from './decision-list.tsx'
import { GateTable } from './gate-table.tsx'
import { StageSteps } from './stage-steps.tsx'
import { MayButton } from '../../../shell/may-button.tsx'

/** Where a version stands on its way to devices: its stage, the gates, who decided what, and what can be decided now. */
export function ApprovalTab({ model, version }: { model: string; version: string }) {
  const answer = useQuery('approvals.show', { model, version })
  return <Answered answer={answer}>{(standing) => <StandingSections standing={standing} />}</Answered>
}

function StandingSections({ standing }: { standing: Standing }) {
  const [asked, ask] = useState<Decision | null>(null)
  const { model, version, sentence, gates, incumbent, decisions, canApprove, canWithdraw } = standing
  return (
    <div className={styles.page}>
      <Section
        title="Approval"
        actions={
          <>
            <CopyAsCommand command={cliLines.gates(model, version)} isIcon />
            {canWithdraw && (
              <MayButton method="approvals.withdraw" onClick={() => ask('withdraw')}>
                Withdraw
              </MayButton>
            )}
            {canApprove && (
              <MayButton method="approvals.approve" variant="filled" onClick={() => ask('approve')}>
                Approve
              </MayButton>
            )}
          </>
        }
      >
        <StageSteps standing={standing} />
        <p className={styles.sentence}>{sentence}</p>
      </Section>
      <Section title="Gates" actions={<RouteLink href={paths.approvalSettings}>What approval needs</RouteLink>}>
        {gates.length === 0 ? (
          <EmptyState title="No gates are set">
            Gates compare a version on hold-out rows with a bound, or with the version in service.
          </EmptyState>
        ) : (
          <>
            <GateTable gates={gates} incumbent={incumbent} />
            {incumbent !== null && (
              <p className={`dim ${styles.print!}`}>
                Incumbent: <RouteLink href={paths.version(model, incumbent)}>{incumbent}</RouteLink>, the version in service.{' '}
                <RouteLink href={paths.compare(model, incumbent, version)}>Compare the two</RouteLink>
              </p>
            )}
          </>
        )}
      </Section>
      <Section title="Decisions">
        {decisions.length === 0 ? (
          <p className={`dim ${pageStyles.actions}`}>Nothing was decided yet. Who decides what, when and why stays here for good.</p>
        ) : (
          <DecisionList decisions={decisions} />
        )}
      </Section>
      {asked !== null && <DecideDialog decision={asked} standing={standing} onClose={() => ask(null)} />}
    </div>
  )
}
