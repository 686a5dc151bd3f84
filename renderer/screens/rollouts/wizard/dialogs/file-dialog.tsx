import { Button, FileButton, Group, Modal, Stack, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconFileUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { ProblemBox } from '../../../../components/answered.tsx'
import { plural } from '../../../../components/format.ts'
import { StateMark } from '../../../../components/state-mark.tsx'
import { useQuery } from '../../../../data/use-query.ts'
import type { RolloutPlan } from '../../../../../shared/domain/rollout/plan.ts'
import styles from '../preview/preview.module.css'

const SETTLE_MS = 300
const MOST_CHARACTERS = 200_000
const EXAMPLE = `model: digits
version: production
deployment: digits
query: site = lyon
waves:
  - size: { kind: percent, percent: 10 }
  - size: { kind: rest }`

/** Reads a rollout file into the form; what is wrong with it is said by its place before it is taken. */
export function FileDialog({ onTake, onClose }: { onTake(plan: RolloutPlan): void; onClose(): void }) {
  const [text, setText] = useState('')
  const [asked] = useDebouncedValue(text, SETTLE_MS)
  const answer = useQuery('rollouts.check', { text: asked }, { enabled: asked.trim() !== '' && asked.length <= MOST_CHARACTERS })
  const plan = asked === text ? (answer.data?.plan ?? null) : null
  const findings = asked === '' ? [] : (answer.data?.findings ?? [])
  const errors = findings.filter(({ severity }) => severity === 'error').length
  return (
    <Modal opened onClose={onClose} title="Open a rollout file" size={640}>
      <Stack gap="sm">
        <Textarea
          label="Rollout file"
          description="YAML or JSON, as the command line reads it. Paste it here, or choose a file."
          placeholder={EXAMPLE}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={text.length > MOST_CHARACTERS ? 'It is longer than a rollout file can be' : undefined}
          autosize
          minRows={10}
          maxRows={18}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          data-autofocus
        />
        {answer.error !== null && <ProblemBox problem={answer.error} />}
        {findings.length > 0 && (
          <ul className={styles.findings} aria-label="Findings in the file">
            {findings.map(({ severity, path, message }) => (
              <li key={`${path} ${message}`}>
                <StateMark
                  state={severity === 'error' ? 'failed' : severity === 'warning' ? 'attention' : 'offline'}
                  word={severity}
                  isBare
                />
                <span>
                  {path !== '' && <code>{path}</code>} {message}
                </span>
              </li>
            ))}
          </ul>
        )}
        <Group justify="space-between">
          <FileButton accept=".yaml,.yml,.json" onChange={(file) => void file?.text().then(setText)}>
            {(button) => (
              <Button {...button} leftSection={<IconFileUpload size={14} />}>
                Choose a file
              </Button>
            )}
          </FileButton>
          <Group gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <Button variant="filled" disabled={plan === null} onClick={() => plan !== null && onTake(plan)}>
              {errors > 0 && plan !== null ? `Fill the form, with ${plural(errors, 'error')}` : 'Fill the form'}
            </Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  )
}
