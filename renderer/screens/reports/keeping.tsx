import { Button, Group, NumberInput, Radio, Stack } from '@mantine/core'
import { useState } from 'react'
import { Answered, ProblemBox } from '../../components/answered.tsx'
import { plural } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import styles from './reports.module.css'

const USUAL_DAYS = 365

/** How long reports that people asked for are kept. */
export function Keeping() {
  const answer = useQuery('reports.keeping', {})
  return (
    <div className={styles.scroll}>
      <Answered answer={answer}>{({ keepDays }) => <KeepingForm key={String(keepDays)} stored={keepDays} />}</Answered>
    </div>
  )
}

function KeepingForm({ stored }: { stored: number | null }) {
  const [keepDays, setKeepDays] = useState(stored)
  const save = useCommand('reports.setKeeping', { isShownInPlace: true })
  const isChanged = keepDays !== stored
  const submit = async (): Promise<void> => {
    await save.run({ keepDays })
    showDone(
      keepDays === null
        ? 'Reports stay until a person removes them.'
        : `Reports are removed ${plural(keepDays, 'day')} after they were asked for.`,
      {
        undo: () => void save.run({ keepDays: stored }).catch(() => undefined),
      },
    )
  }
  return (
    <Section title="Reports that people asked for">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isChanged) void submit().catch(() => undefined)
        }}
      >
        <Stack gap="sm" maw={560}>
          <Radio.Group
            aria-label="How long"
            value={keepDays === null ? 'all' : 'days'}
            onChange={(value) => setKeepDays(value === 'all' ? null : (stored ?? USUAL_DAYS))}
          >
            <Stack gap="xs">
              <Radio value="all" label="Stay until a person removes them" />
              <Radio value="days" label="Are removed after some days" />
            </Stack>
          </Radio.Group>
          {keepDays !== null && (
            <NumberInput
              label="Days after it was asked for"
              min={1}
              max={36_500}
              allowDecimal={false}
              w={200}
              value={keepDays}
              onChange={(value) => setKeepDays(Math.min(36_500, Math.max(1, Math.round(Number(value)))))}
            />
          )}
          <p className="dim">
            Reports of a schedule follow what the schedule says. No backup holds the files of reports: what must outlive this console is
            saved elsewhere; JSON carries its signature and can be verified on any console.
          </p>
          {save.problem !== null && <ProblemBox problem={save.problem} />}
          <Group>
            <MayButton method="reports.setKeeping" type="submit" variant="filled" disabled={!isChanged} loading={save.isRunning}>
              Save
            </MayButton>
            {isChanged && <Button onClick={() => setKeepDays(stored)}>Discard changes</Button>}
          </Group>
        </Stack>
      </form>
    </Section>
  )
}
