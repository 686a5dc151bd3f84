import { Select, Table } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { Answered } from '../../components/answered.tsx'
import { Section } from '../../components/screen.tsx'
import { StateMark, type State } from '../../components/state-mark.tsx'
import { Ago, Ahead, useNow } from '../../components/time.tsx'
import { plural } from '../../components/format.ts'
import { paths } from '../../data/paths.ts'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { Channel } from './channel-draft.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './alerts.module.css'

type Delivery = OutputOf<'alerts.deliveries'>['deliveries'][number]

const marks: Record<Delivery['state'], State> = { waiting: 'working', delivered: 'ok', failed: 'failed', dropped: 'offline' }
const kinds: Record<Delivery['kind'], string> = { firing: 'fired', resolved: 'over', test: 'test' }

/** Notices with what became of them, the newest first. */
export function Deliveries({
  channels,
  channel,
  onChannel,
}: {
  channels: readonly Channel[]
  /** Empty: all. */
  channel: string
  onChannel(channel: string): void
}) {
  const answer = useQuery('alerts.deliveries', { ...(channel === '' ? {} : { channel }), limit: 100 }, { keepsPrevious: true })
  return (
    <Section
      title="Notices"
      actions={
        <Select
          aria-label="Notices of channel"
          value={channel}
          allowDeselect={false}
          onChange={(value) => onChannel(value ?? '')}
          data={[{ value: '', label: 'Every channel' }, ...channels.map((one) => ({ value: one.channel, label: one.name }))]}
        />
      }
    >
      <Answered answer={answer}>
        {({ deliveries }) =>
          deliveries.length === 0 ? (
            <p className="dim">No notice yet. What is told shows here, with every try.</p>
          ) : (
            <Table className={styles.table} aria-label="Notices">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>When</Table.Th>
                  <Table.Th>Notice</Table.Th>
                  <Table.Th>Channel</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th aria-label="Actions" />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {deliveries.map((one) => (
                  <Row
                    key={one.notice}
                    delivery={one}
                    isDesktop={channels.some((of) => of.channel === one.channel && of.kind === 'desktop')}
                  />
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Answered>
    </Section>
  )
}

function Row({ delivery, isDesktop }: { delivery: Delivery; isDesktop: boolean }) {
  const { alert, kind, title, channelName, state, attempts, createdAt, deliveredAt, nextAt, problem } = delivery
  return (
    <Table.Tr>
      <Table.Td>
        <Ago at={createdAt} />
      </Table.Td>
      <Table.Td>
        {alert === null ? <span className="foreign">{title}</span> : <RouteLink href={paths.alert(alert)}>{title}</RouteLink>}
        <div className={styles.under}>{kinds[kind]}</div>
      </Table.Td>
      <Table.Td>{channelName}</Table.Td>
      <Table.Td>
        <StateMark state={marks[state]} word={state} />
        <div className={styles.under}>
          {attempts > 1 && `${plural(attempts, 'try', 'tries')}. `}
          {state === 'delivered' && <Ago at={deliveredAt} />}
          {state === 'waiting' && <Wait nextAt={nextAt} isDesktop={isDesktop} />}
          {problem !== null && state !== 'delivered' && <div>{problem}</div>}
        </div>
      </Table.Td>
      <Table.Td>{state === 'failed' && <Retry notice={delivery.notice} />}</Table.Td>
    </Table.Tr>
  )
}

/** What a notice waits for: the desktop's for a window that may show it, others for their next try. */
function Wait({ nextAt, isDesktop }: { nextAt: number | null; isDesktop: boolean }) {
  const now = useNow()
  if (isDesktop) return 'until a window shows it'
  if (nextAt === null || nextAt <= now) return 'under way'
  return (
    <>
      next try <Ahead at={nextAt} />
    </>
  )
}

function Retry({ notice }: { notice: number }) {
  const retry = useCommand('alerts.retryDelivery')
  return (
    <div className={styles.rowActs}>
      <MayButton method="alerts.retryDelivery" loading={retry.isRunning} onClick={() => void retry.run({ notice }).catch(() => undefined)}>
        Try again
      </MayButton>
    </div>
  )
}
