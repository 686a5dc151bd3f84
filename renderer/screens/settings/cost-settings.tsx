import { Button, Group, NumberInput, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import type { PriceSheet } from '../../../shared/rpc/contract/costs.ts'
import { Answered, ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Section } from '../../components/screen.tsx'
import { useNow } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import { Budget } from '../costs/cost-figures.tsx'
import { spanOf } from '../costs/costs-view.ts'
import { CostLinks } from './cost-links.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './cost-settings.module.css'

/** Prices of links, computing and storage, what an inference is worth, and the budget of the month. */
export function CostSettings() {
  const answer = useQuery('costs.sheet', {})
  return (
    <Section title="Price sheet" actions={<CopyAsCommand command="npm run -s muster -- costs sheet" isIcon />}>
      <Answered answer={answer}>{(sheet) => <SheetForm key={JSON.stringify(sheet)} stored={sheet} />}</Answered>
    </Section>
  )
}

function SheetForm({ stored }: { stored: PriceSheet }) {
  const [sheet, setSheet] = useState(stored)
  const save = useCommand('costs.setSheet', { isShownInPlace: true })
  const isChanged = JSON.stringify(sheet) !== JSON.stringify(stored)
  const change = (part: Partial<PriceSheet>): void => setSheet((before) => ({ ...before, ...part }))
  const submit = async (): Promise<void> => {
    await save.run(sheet)
    showDone('The price sheet is kept; reports and forecasts use it from now on.', { undo: () => void save.run(stored) })
  }
  return (
    <form
      aria-label="Price sheet"
      onSubmit={(event) => {
        event.preventDefault()
        if (isChanged) void submit().catch(() => undefined)
      }}
    >
      <Stack gap="md">
        <p className="dim">
          A device names its link by its label <span className="mono">link</span>; without one it has the usual link. No download begins in
          quiet hours. Reports reckon all of the past at the prices of now.
        </p>
        <CostLinks sheet={sheet} onChange={change} />
        <OtherPrices sheet={sheet} onChange={change} />
        <MonthBudget />
        {save.problem !== null && <ProblemBox problem={save.problem} />}
        <Group>
          <MayButton method="costs.setSheet" type="submit" variant="filled" disabled={!isChanged} loading={save.isRunning}>
            Save price sheet
          </MayButton>
          {isChanged && <Button onClick={() => setSheet(stored)}>Discard changes</Button>}
          <RouteLink href={paths.costs}>See the costs</RouteLink>
        </Group>
      </Stack>
    </form>
  )
}

function OtherPrices({ sheet, onChange }: { sheet: PriceSheet; onChange(change: Partial<PriceSheet>): void }) {
  const { currency } = sheet
  return (
    <div className={styles.fields}>
      <TextInput
        label="Currency"
        description="Shown behind every amount"
        maxLength={8}
        required
        value={currency}
        onChange={({ currentTarget }) => onChange({ currency: currentTarget.value })}
      />
      <Price
        label={`Computing, ${currency} per hour`}
        description="One hour of CPU on a device"
        value={sheet.computePerHour}
        onChange={(computePerHour) => onChange({ computePerHour })}
      />
      <Price
        label={`Storage, ${currency} per GB`}
        description="A month on the disk of a device"
        value={sheet.storagePerGigabyteMonth}
        onChange={(storagePerGigabyteMonth) => onChange({ storagePerGigabyteMonth })}
      />
      <NumberInput
        label={`Budget, ${currency} a month`}
        description="Beyond it rollouts hold their offers"
        min={0}
        max={1_000_000_000}
        decimalScale={2}
        hideControls
        placeholder="none"
        value={sheet.monthlyBudget ?? ''}
        onChange={(value) => onChange({ monthlyBudget: value === '' ? null : Math.max(0, Number(value)) })}
      />
      <NumberInput
        label={`Value of 1,000 inferences, ${currency}`}
        description="What the answers are worth"
        min={0}
        max={1_000_000_000}
        decimalScale={9}
        hideControls
        placeholder="nobody has said"
        value={sheet.valuePerThousandInferences ?? ''}
        onChange={(value) => onChange({ valuePerThousandInferences: value === '' ? null : Math.max(0, Number(value)) })}
      />
    </div>
  )
}

function Price(props: { label: string; description: string; value: number; onChange(value: number): void }) {
  return (
    <NumberInput
      {...props}
      min={0}
      max={1_000_000_000}
      decimalScale={9}
      hideControls
      onChange={(value) => props.onChange(Math.max(0, Number(value)))}
    />
  )
}

/** What this month has used of the budget that is stored. */
function MonthBudget() {
  const answer = useQuery('costs.report', { ...spanOf('month', useNow()), by: 'link', limit: 1 }, { keepsPrevious: true })
  if (answer.data === undefined || answer.data.budget.monthly === null) return null
  return (
    <dl className={styles.budget}>
      <Budget budget={answer.data.budget} currency={answer.data.currency} />
    </dl>
  )
}
