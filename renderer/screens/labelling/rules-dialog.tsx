import { Button, Group, Modal, NumberInput, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered, ProblemBox } from '../../components/answered.tsx'
import { paths } from '../../data/paths.ts'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'

/** Who labels here, how many people must agree, and how narrow the interval is to become. */
export function RulesDialog({ by, onBy, onClose }: { by: string; onBy(by: string): void; onClose(): void }) {
  const answer = useQuery('labelling.settings', {})
  return (
    <Modal opened onClose={onClose} title="Rules of the desk">
      <Answered answer={answer}>{(settings) => <Form settings={settings} by={by} onBy={onBy} onClose={onClose} />}</Answered>
    </Modal>
  )
}

function Form({
  settings,
  by,
  onBy,
  onClose,
}: {
  settings: OutputOf<'labelling.settings'>
  by: string
  onBy(by: string): void
  onClose(): void
}) {
  const [name, setName] = useState(by)
  const [needed, setNeeded] = useState(settings.labellersNeeded)
  const [points, setPoints] = useState(settings.targetHalfWidth * 100)
  const set = useCommand('labelling.set', { isShownInPlace: true })
  const save = async (): Promise<void> => {
    const targetHalfWidth = points / 100
    if (needed !== settings.labellersNeeded || targetHalfWidth !== settings.targetHalfWidth)
      await set.run({ labellersNeeded: needed, targetHalfWidth })
    onBy(name.trim())
    showDone('The rules of the desk are set.')
    onClose()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save().catch(() => undefined)
      }}
    >
      <Stack gap="sm">
        <TextInput
          label="Your name at this desk"
          description="Labels are kept under it; this browser remembers it."
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <NumberInput
          label="People who must agree on a row"
          description="With more than one, a row is settled when so many labels agree, and disputed when so many do not."
          value={needed}
          min={1}
          max={9}
          allowDecimal={false}
          onChange={(value) => setNeeded(Math.min(9, Math.max(1, Number(value) || 1)))}
        />
        <NumberInput
          label="Half the width of the interval to come to"
          suffix=" points"
          value={points}
          min={0.1}
          max={50}
          decimalScale={1}
          onChange={(value) => setPoints(Math.min(50, Math.max(0.1, Number(value) || 2)))}
        />
        <p className="dim">
          {settings.sampling} <RouteLink href={paths.configuration}>Configuration</RouteLink>
        </p>
        {set.problem !== null && <ProblemBox problem={set.problem} />}
        <Group justify="flex-end" gap="xs">
          <Button onClick={onClose}>Cancel</Button>
          <MayButton method="labelling.set" type="submit" variant="filled" loading={set.isRunning}>
            Set the rules
          </MayButton>
        </Group>
      </Stack>
    </form>
  )
}
