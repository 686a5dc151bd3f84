import { Table } from '@mantine/core'
import type { ErasureShown } from '../../../../shared/rpc/contract/privacy.ts'
import { CopyAsCommand } from '../../../components/copy.tsx'
import table from '../../../components/plain-table.module.css'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'

const MOST_NAMED = 5

/** People who were erased, and what is not done yet. */
export function ErasureList({ erasures }: { erasures: readonly ErasureShown[] }) {
  const retry = useCommand('privacy.retry')
  const isOpen = erasures.some(({ doneAt }) => doneAt === null)
  return (
    <Section
      title="Erased"
      actions={
        <>
          {isOpen && (
            <MayButton method="privacy.retry" loading={retry.isRunning} onClick={() => void retry.run({}).catch(() => undefined)}>
              Try again now
            </MayButton>
          )}
          <CopyAsCommand command="npm run -s muster -- privacy pending" isIcon />
        </>
      }
    >
      <Table className={table['table']} aria-label="Erased people">
        <Table.Thead>
          <Table.Tr>
            {['Subject', 'Asked', 'Why', 'Console', 'Devices'].map((title) => (
              <Table.Th key={title}>{title}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {erasures.map((one) => (
            <Table.Tr key={one.subject}>
              <Table.Td className="mono">{one.subject.slice(0, 12)}…</Table.Td>
              <Table.Td>
                <Ago at={one.at} /> <span className="foreign dim">by {one.by}</span>
              </Table.Td>
              <Table.Td className="foreign">{one.reason}</Table.Td>
              <Table.Td>
                <ConsoleState erasure={one} />
              </Table.Td>
              <Table.Td>
                <DeviceState erasure={one} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  )
}

function ConsoleState({ erasure: { doneAt, problem } }: { erasure: ErasureShown }) {
  if (doneAt !== null) return <StateMark state="ok" word="Clean" />
  if (problem === null) return <StateMark state="working" word="Working" />
  return (
    <>
      <StateMark state="attention" word="Not done" />
      <div className="dim foreign">{problem}</div>
    </>
  )
}

function DeviceState({ erasure: { confirmed, pending } }: { erasure: ErasureShown }) {
  if (pending.length === 0) return <StateMark state="ok" word={confirmed === 0 ? 'None to ask' : `All ${confirmed} confirmed`} />
  const named = pending
    .slice(0, MOST_NAMED)
    .map(({ device, isOnline, isOld }) => `${device}${isOld ? ' (old agent)' : isOnline ? '' : ' (away)'}`)
  return (
    <>
      <StateMark state="attention" word={`${confirmed} of ${confirmed + pending.length} confirmed`} />
      <div className="dim foreign">
        {named.join(', ')}
        {pending.length > named.length && ` and ${pending.length - named.length} more`}
      </div>
    </>
  )
}
