import { Table } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { formatExact, plural } from '../../components/format.ts'
import { Ahead, useNow } from '../../components/time.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { SilenceDialog } from './silence-dialog.tsx'
import { emptySilence } from './silence-draft.ts'
import styles from './alerts.module.css'

type Silence = OutputOf<'alerts.silences'>['silences'][number]

/** Silences in force, and those that begin later. */
export function Silences() {
  const answer = useQuery('alerts.silences', {})
  const [isMaking, setMaking] = useState(false)
  return (
    <div className={styles.scroll}>
      <div className={styles.ruleHead}>
        <p className={styles.intro}>
          A silence keeps alerts quiet for a time, before or after they fire. They are kept and shown all the same.
        </p>
        <MayButton method="alerts.silence" variant="filled" leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)}>
          New silence
        </MayButton>
      </div>
      <Answered answer={answer}>
        {({ silences }) =>
          silences.length === 0 ? (
            <EmptyState title="Nothing is silenced">Every alert that fires is told by the channels that take its severity.</EmptyState>
          ) : (
            <SilenceTable silences={silences} />
          )
        }
      </Answered>
      {isMaking && <SilenceDialog drafts={[emptySilence]} onClose={() => setMaking(false)} />}
    </div>
  )
}

function SilenceTable({ silences }: { silences: readonly Silence[] }) {
  const rules = useQuery('alerts.rules', {}).data?.rules ?? []
  const now = useNow()
  return (
    <Table className={styles.table} aria-label="Silences">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Rule</Table.Th>
          <Table.Th>Where</Table.Th>
          <Table.Th>Reason</Table.Th>
          <Table.Th>Until</Table.Th>
          <Table.Th>Keeps quiet</Table.Th>
          <Table.Th aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {silences.map((one) => (
          <Table.Tr key={one.silence}>
            <Table.Td>{one.rule === null ? 'Every rule' : (rules.find(({ rule }) => rule === one.rule)?.name ?? one.rule)}</Table.Td>
            <Table.Td>
              {one.query === '' ? 'all devices' : <span className="mono foreign">{one.query}</span>}
              {one.deployment !== null && <div className={styles.under}>deployment {one.deployment}</div>}
            </Table.Td>
            <Table.Td>
              <span className="foreign">{one.reason}</span>
              <div className={styles.under}>{one.by}</div>
            </Table.Td>
            <Table.Td>
              <Ahead at={one.until} />
              <div className={styles.under}>{one.from > now ? `from ${formatExact(one.from)}` : formatExact(one.until)}</div>
            </Table.Td>
            <Table.Td>{one.alerts === 0 ? <span className="dim">nothing now</span> : plural(one.alerts, 'alert')}</Table.Td>
            <Table.Td>
              <EndSilence silence={one} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function EndSilence({ silence }: { silence: Silence }) {
  const end = useCommand('alerts.unsilence')
  return (
    <div className={styles.rowActs}>
      <MayButton
        method="alerts.unsilence"
        loading={end.isRunning}
        onClick={() =>
          void end.run({ silence: silence.silence }).then(
            () => showDone('The silence is over.'),
            () => undefined,
          )
        }
      >
        End now
      </MayButton>
    </div>
  )
}
