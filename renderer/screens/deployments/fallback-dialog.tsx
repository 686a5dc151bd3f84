import { Button, Group, Modal, NativeSelect, Stack } from '@mantine/core'
import { useState } from 'react'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { Answered, EmptyState, ProblemBox } from '../../components/answered.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'

type Fallback = OutputOf<'approvals.fallbacks'>['fallbacks'][number]
type Version = OutputOf<'models.list'>['versions'][number]

interface Asked {
  deployment: string
  models: readonly string[]
  current: Fallback | null
  onUndo(before: Fallback | null): void
  onClose(): void
}

/** Chooses the fallback version of a deployment among the versions of its models. */
export function FallbackDialog(asked: Asked) {
  const answer = useQuery('models.list', {})
  return (
    <Modal opened onClose={asked.onClose} title={`Fallback version of ${asked.deployment}`} size="md">
      <Answered answer={answer}>
        {({ versions }) => {
          const own = versions.filter(({ model, stage }) => asked.models.includes(model) && stage !== 'withdrawn')
          return own.length === 0 ? (
            <EmptyState title="There is no version to fall back to">Every version of this deployment was withdrawn.</EmptyState>
          ) : (
            <FallbackForm asked={asked} versions={own} />
          )
        }}
      </Answered>
    </Modal>
  )
}

function FallbackForm({ asked, versions }: { asked: Asked; versions: readonly Version[] }) {
  const { deployment, current, onUndo, onClose } = asked
  const named = ({ model, version }: { model: string; version: string }): string => `${model}@${version}`
  const [choice, setChoice] = useState(current === null ? named(versions[0]!) : named(current))
  const set = useCommand('approvals.setFallback', { isShownInPlace: true })
  const save = async (): Promise<void> => {
    const chosen = versions.find((one) => named(one) === choice)
    if (chosen === undefined) return
    await set.run({ deployment, model: chosen.model, version: chosen.version })
    showDone(`${deployment} falls back to ${chosen.model} ${chosen.version}.`, { undo: () => onUndo(current) })
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
        {set.problem !== null && <ProblemBox problem={set.problem} />}
        <NativeSelect
          label="Version"
          size="xs"
          description="Nothing changes on devices now. When the deployment is reverted, devices that have no last good version fetch this one."
          value={choice}
          data-autofocus
          onChange={(event) => setChoice(event.currentTarget.value)}
          data={versions.map((one) => ({ value: named(one), label: `${one.model} ${one.version} (${one.stage})` }))}
        />
        <Group justify="flex-end" gap="xs">
          <Button onClick={onClose}>Cancel</Button>
          <MayButton method="approvals.setFallback" type="submit" variant="filled" loading={set.isRunning}>
            Set the fallback
          </MayButton>
        </Group>
      </Stack>
    </form>
  )
}
