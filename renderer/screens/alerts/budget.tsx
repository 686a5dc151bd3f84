import { Button, NumberInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { Answered, ProblemBox } from '../../components/answered.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatNumber } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { budgetText } from './budget-words.ts'
import { pText } from './alert-words.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './alerts.module.css'

type Answer = OutputOf<'alerts.budget'>

/** How many false alarms the whole fleet may give, and which thresholds follow. */
export function Budget() {
  const current = useQuery('alerts.budget', {})
  return (
    <div className={styles.scroll}>
      <p className={styles.intro}>
        Every test errs at times. Say how many false alarms of the whole fleet you accept, and the thresholds of the rules follow from it
        and from how much is judged: more devices and features need stricter tests for the same quiet.
      </p>
      <Answered answer={current}>{(answer) => <Editor key={JSON.stringify(answer.budget)} current={answer} />}</Answered>
    </div>
  )
}

function Editor({ current }: { current: Answer }) {
  const [draft, setDraft] = useState<{ falseAlarms: number | ''; perDays: number | '' }>(current.budget)
  const set = useCommand('alerts.setBudget')
  const { falseAlarms, perDays } = draft
  const wanted = falseAlarms !== '' && perDays !== '' && falseAlarms > 0 && perDays > 0 ? { falseAlarms, perDays } : null
  const isChanged = wanted !== null && (wanted.falseAlarms !== current.budget.falseAlarms || wanted.perDays !== current.budget.perDays)
  const [asked] = useDebouncedValue(wanted, 300)
  const preview = useQuery(
    'alerts.budget',
    { budget: asked ?? current.budget },
    { enabled: isChanged && asked !== null, keepsPrevious: true },
  )
  const shown = isChanged ? preview.data : current
  const save = async (): Promise<void> => {
    if (wanted === null) return
    await set.run({ budget: wanted })
    showDone(`Accepted: ${budgetText(wanted)}.`, { undo: () => void set.run({ budget: current.budget }).catch(() => undefined) })
  }
  return (
    <>
      <form
        className={styles.budget}
        aria-label="Budget of false alarms"
        onSubmit={(event) => {
          event.preventDefault()
          if (isChanged && !set.isRunning) void save().catch(() => undefined)
        }}
      >
        <NumberInput
          label="False alarms at most"
          w={140}
          min={0.01}
          value={falseAlarms}
          onChange={(value) => setDraft({ ...draft, falseAlarms: value === '' ? '' : Number(value) })}
        />
        <NumberInput
          label="In"
          w={120}
          min={1}
          suffix={perDays === 1 ? ' day' : ' days'}
          value={perDays}
          onChange={(value) => setDraft({ ...draft, perDays: value === '' ? '' : Number(value) })}
        />
        <MayButton method="alerts.setBudget" type="submit" variant="filled" disabled={!isChanged} loading={set.isRunning}>
          Save budget
        </MayButton>
        {isChanged && <Button onClick={() => setDraft(current.budget)}>As it was</Button>}
      </form>
      {isChanged && preview.error !== null && <ProblemBox problem={preview.error} />}
      {shown !== undefined && <Derivation answer={shown} isPreview={isChanged} />}
    </>
  )
}

function Derivation({ answer, isPreview }: { answer: Answer; isPreview: boolean }) {
  const { budget, families, tests, q, rateAlpha, detectorSamples, expected, words } = answer
  return (
    <div className={styles.columns}>
      <Section title={isPreview ? 'What would follow' : 'What follows'}>
        <div role="status" aria-label="What follows from the budget">
          <ul className={styles.words}>
            {words.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </div>
      </Section>
      <Section title="In numbers">
        <Facts
          rows={[
            ['Accepted', budgetText(budget)],
            ['Expected', `${formatNumber(expected)} in the same time`],
            ['Verdict windows', `${formatNumber(families)} a day`],
            ['Tests', `${formatNumber(tests)} a day`],
            ['False findings, q', `${pText(q)} of the findings of a window`],
            ['Level of rate tests', pText(rateAlpha)],
            ['Detectors', `one false alarm in ${formatNumber(detectorSamples)} inferences`],
          ]}
        />
      </Section>
    </div>
  )
}
