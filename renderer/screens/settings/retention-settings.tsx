import { Group, NumberInput, Stack, Table } from '@mantine/core'
import { useState } from 'react'
import { retentionKinds, type RetentionKind } from '../../../shared/domain/retention.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { Answered } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatBytes, formatCount, formatExact } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './settings.module.css'

type Store = OutputOf<'telemetry.store'>
type Days = Partial<Record<RetentionKind, number>>

/** How much telemetry is stored, and how long each kind of it is kept. */
export function RetentionSettings() {
  const answer = useQuery('telemetry.store', {}, { keepsPrevious: true })
  return (
    <Section title="Stored telemetry" actions={<CopyAsCommand command="npm run -s muster -- telemetry retention" isIcon />}>
      <Answered answer={answer}>{(store) => <StoredTelemetry store={store} />}</Answered>
    </Section>
  )
}

function StoredTelemetry({ store }: { store: Store }) {
  const { windows, distributions, hoursOfLabels } = store.waiting
  const [days, setDays] = useState<Days>({})
  const update = useCommand('telemetry.setRetention')
  const changed = store.kinds.filter(({ kind, days: before }) => days[kind] !== undefined && days[kind] !== before)
  const save = async (): Promise<void> => {
    const before = Object.fromEntries(changed.map((one) => [one.kind, one.days])) as Days
    await update.run({ days: Object.fromEntries(changed.map(({ kind }) => [kind, days[kind]!])) as Days })
    setDays({})
    showDone('What is older than its days is taken away from now on.', { undo: () => void update.run({ days: before }) })
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (changed.length > 0) void save().catch(() => undefined)
      }}
    >
      <Stack gap="sm">
        <Facts
          rows={[
            ['Size', `${formatBytes(store.fileBytes)}, ${formatBytes(store.freeBytes)} of it free for what comes next`],
            [
              'Not summed up yet',
              `${formatCount(windows)} windows, ${formatCount(distributions)} distributions, ${formatCount(hoursOfLabels)} hours of labels`,
            ],
          ]}
        />
        <KindTable store={store} days={days} onChange={(kind, value) => setDays((before) => ({ ...before, [kind]: value }))} />
        <p className="dim">
          What was taken away cannot be had back. Questions about its time are answered from coarser sums; sums per day are kept for ever.
        </p>
        <Group>
          <MayButton
            method="telemetry.setRetention"
            type="submit"
            variant="filled"
            disabled={changed.length === 0}
            loading={update.isRunning}
          >
            Save days
          </MayButton>
        </Group>
      </Stack>
    </form>
  )
}

function KindTable({ store, days, onChange }: { store: Store; days: Days; onChange(kind: RetentionKind, days: number): void }) {
  const rows = retentionKinds.flatMap((kind) => store.kinds.filter((one) => one.kind === kind))
  return (
    <Table className={styles.table} aria-label="Days that telemetry is kept">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>What</Table.Th>
          <Table.Th>Days</Table.Th>
          <Table.Th>Rows</Table.Th>
          <Table.Th>Oldest</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((one) => (
          <Table.Tr key={one.kind}>
            <Table.Td>{one.what}</Table.Td>
            <Table.Td>
              <NumberInput
                aria-label={`Days: ${one.what}`}
                min={1}
                max={36_500}
                allowDecimal={false}
                placeholder={String(one.usualDays)}
                value={days[one.kind] ?? one.days}
                onChange={(value) => onChange(one.kind, value === '' ? one.usualDays : Math.max(1, Math.round(Number(value))))}
              />
            </Table.Td>
            <Table.Td>{one.rows === null ? null : formatCount(one.rows)}</Table.Td>
            <Table.Td>{one.oldestAt === null ? null : formatExact(one.oldestAt)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
