import { Checkbox, Stack, Textarea } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import type { Standing } from '../../../../shared/rpc/contract/approvals.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { Confirm } from '../../../components/confirm.tsx'
import { paths } from '../../../data/paths.ts'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { showDone } from '../../../shell/notices.tsx'
import styles from './approval.module.css'

/** What a person decides of a version. */
export type Decision = 'approve' | 'withdraw'

/** Asks for the reason, says what will happen, and decides. */
export function DecideDialog({ decision, standing, onClose }: { decision: Decision; standing: Standing; onClose(): void }) {
  const { model, version, gates, stage } = standing
  const approve = useCommand('approvals.approve', { isShownInPlace: true })
  const withdraw = useCommand('approvals.withdraw', { isShownInPlace: true })
  const me = useQuery('approvals.whoAmI', {})
  const [why, setWhy] = useState('')
  const [isDespite, setDespite] = useState(false)
  const command = decision === 'approve' ? approve : withdraw
  const open = gates.filter(({ state }) => state !== 'pass')
  const isUnproved = open.length > 0 || stage === 'draft'
  const needsDespite = decision === 'approve' && isUnproved
  const decide = async (): Promise<void> => {
    if (needsDespite && !isDespite) return
    if (decision === 'approve') await approve.run({ model, version, why, isDespiteGates: needsDespite })
    else await withdraw.run({ model, version, why })
    showDone(`${model} ${version} is ${decision === 'approve' ? 'approved' : 'withdrawn'}.`)
    onClose()
  }
  return (
    <Confirm
      isOpen
      title={`${decision === 'approve' ? 'Approve' : 'Withdraw'} ${model} ${version}`}
      action={decision === 'approve' ? `Approve ${version}` : `Withdraw ${version}`}
      isDangerous={decision === 'withdraw'}
      isBusy={command.isRunning}
      onConfirm={() => void decide().catch(() => undefined)}
      onClose={onClose}
    >
      <Stack gap="sm">
        {command.problem !== null && <ProblemBox problem={command.problem} />}
        <p>
          {decision === 'approve'
            ? 'It may be released to devices from now on. Nothing is ordered by this.'
            : 'It is not released any more, in no role. Devices that have it keep it. It can be approved again.'}
        </p>
        <Textarea
          label="Why"
          description="Stays with the decision for good."
          autosize
          minRows={2}
          maxRows={8}
          maxLength={2000}
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
        />
        {needsDespite && (
          <Checkbox
            label={
              open.length === 0
                ? 'Approve although it was never evaluated on hold-out rows'
                : `Approve although ${open.length === 1 ? 'a gate is' : `${open.length} gates are`} not passed`
            }
            required
            checked={isDespite}
            onChange={(event) => setDespite(event.currentTarget.checked)}
          />
        )}
        {me.data !== undefined && (
          <p className={`dim ${styles.print!}`}>
            Recorded as <span className="foreign">{me.data.actor}</span>.{' '}
            {me.data.person === null && <RouteLink href={paths.approvalSettings}>Say who you are</RouteLink>}
          </p>
        )}
      </Stack>
    </Confirm>
  )
}
