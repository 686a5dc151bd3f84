import { Checkbox, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import type { ApprovalPolicy } from '../../../shared/rpc/contract/approvals.ts'
import { Answered, ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Section } from '../../components/screen.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import { draftOf, gatesOf, isSameGates, type GateDraft } from './gate-draft.ts'
import { GateEditor } from './gate-editor.tsx'
import { PersonSettings } from './person-settings.tsx'
import { MayButton } from '../../shell/may-button.tsx'

const switches = [
  {
    name: 'isRequired',
    label: 'Only approved versions are released',
    description: 'A version that nobody approved can still be tried as a shadow or staged on devices: there it answers nobody.',
  },
  {
    name: 'needsSecondPerson',
    label: 'A second person approves',
    description: 'Who imported a version, or wrote, changed or started a rollout, does not approve it.',
  },
  { name: 'rolloutsNeedApproval', label: 'Each rollout is approved', description: 'Besides its version, before it starts.' },
] as const

/** What approval needs in this fleet, and who the person is. */
export function ApprovalSettings() {
  const answer = useQuery('approvals.policy', {})
  return (
    <Stack gap="lg">
      <Section title="Approval" actions={<CopyAsCommand command="npm run -s muster -- models policy" isIcon />}>
        <Answered answer={answer}>{(policy) => <PolicyForm key={JSON.stringify(policy)} policy={policy} />}</Answered>
      </Section>
      <PersonSettings />
    </Stack>
  )
}

function PolicyForm({ policy }: { policy: ApprovalPolicy }) {
  const [wanted, want] = useState(policy)
  const [gates, setGates] = useState<readonly GateDraft[]>(() => policy.gates.map(draftOf))
  const set = useCommand('approvals.setPolicy', { isShownInPlace: true })
  const parsed = gatesOf(gates)
  const isChanged = switches.some(({ name }) => wanted[name] !== policy[name]) || parsed === null || !isSameGates(parsed, policy.gates)
  const save = async (): Promise<void> => {
    if (parsed === null) return
    await set.run({ ...wanted, gates: parsed })
    showDone('What approval needs is saved.', { undo: () => void set.run(policy).catch(() => undefined) })
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (isChanged) void save().catch(() => undefined)
      }}
    >
      <Stack gap="sm">
        {switches.map(({ name, label, description }) => (
          <Checkbox
            key={name}
            label={label}
            description={description}
            checked={wanted[name]}
            onChange={(event) => want({ ...wanted, [name]: event.currentTarget.checked })}
          />
        ))}
        <GateEditor gates={gates} onChange={setGates} />
        {set.problem !== null && <ProblemBox problem={set.problem} />}
        <Group>
          <MayButton
            method="approvals.setPolicy"
            type="submit"
            variant="filled"
            disabled={!isChanged || parsed === null}
            loading={set.isRunning}
          >
            Save the policy
          </MayButton>
        </Group>
      </Stack>
    </form>
  )
}
