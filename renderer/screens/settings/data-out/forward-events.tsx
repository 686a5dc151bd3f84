import { Modal, Table } from '@mantine/core'
import type { ForwardEventShown, ForwardShown } from '../../../../shared/rpc/contract/forward.ts'
import { Answered } from '../../../components/answered.tsx'
import { plural } from '../../../components/format.ts'
import { StateMark, type State } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import styles from '../settings.module.css'

const marks: Record<ForwardEventShown['state'], State> = { waiting: 'working', delivered: 'ok', failed: 'failed' }

/** The events of a webhook with what became of them, the newest first. */
export function ForwardEvents({ forward, onClose }: { forward: ForwardShown; onClose(): void }) {
  const answer = useQuery('forward.events', { forward: forward.forward, limit: 100 })
  const retry = useCommand('forward.retry')
  return (
    <Modal opened onClose={onClose} title={`Events for ${forward.name}`} size="xl">
      <Answered answer={answer}>
        {({ events }) =>
          events.length === 0 ? (
            <p className="dim">No event yet. What happens from now on shows here, with every try.</p>
          ) : (
            <Table className={styles.table} aria-label="Events">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>When</Table.Th>
                  <Table.Th>Event</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th data-actions aria-label="Actions" />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {events.map((event) => (
                  <Table.Tr key={event.event}>
                    <Table.Td>
                      <Ago at={event.createdAt} />
                    </Table.Td>
                    <Table.Td>
                      <span className="foreign">{event.title}</span>
                      <div className="dim mono">{event.type}</div>
                    </Table.Td>
                    <Table.Td>
                      <StateMark state={marks[event.state]} word={event.state === 'failed' ? 'given up' : event.state} />
                      {event.attempts > 1 && <div className="dim">{plural(event.attempts, 'attempt')}</div>}
                      {event.problem !== null && <div className="dim">{event.problem}</div>}
                    </Table.Td>
                    <Table.Td>
                      {event.state === 'failed' && (
                        <MayButton method="forward.retry" onClick={() => void retry.run({ event: event.event }).catch(() => undefined)}>
                          Send again
                        </MayButton>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Answered>
    </Modal>
  )
}
