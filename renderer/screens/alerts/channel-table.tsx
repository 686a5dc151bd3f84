import { Table } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { plural } from '../../components/format.ts'
import { paths } from '../../data/paths.ts'
import { useCommand } from '../../data/use-command.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import { channelWords, type Channel } from './channel-draft.ts'
import { SeverityMark } from './alert-marks.tsx'
import styles from './alerts.module.css'

/** Every channel with its state. */
export function ChannelTable({
  channels,
  onEdit,
  onDeliveries,
}: {
  channels: readonly Channel[]
  onEdit(channel: Channel): void
  onDeliveries(channel: string): void
}) {
  return (
    <Table className={styles.table} aria-label="Channels">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Channel</Table.Th>
          <Table.Th>Goes to</Table.Th>
          <Table.Th>Told from</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {channels.map((channel) => (
          <Table.Tr key={channel.channel}>
            <Table.Td>
              <button type="button" className={styles.open} onClick={() => onEdit(channel)}>
                {channel.name}
              </button>
              <div className={styles.under}>
                {channelWords[channel.kind].title}
                {channel.hasSecret ? (channel.kind === 'email' ? ', with a password' : ', signed') : ''}
              </div>
            </Table.Td>
            <Table.Td>
              <span className="foreign">{channel.target}</span>
            </Table.Td>
            <Table.Td>
              <SeverityMark severity={channel.leastSeverity} />
              <div className={styles.under}>{channel.tellsResolved ? 'also when over' : 'not when over'}</div>
            </Table.Td>
            <Table.Td>
              <ChannelState channel={channel} />
            </Table.Td>
            <Table.Td>
              <ChannelActs channel={channel} onDeliveries={onDeliveries} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function ChannelState({ channel }: { channel: Channel }) {
  const { kind, isEnabled, problem, lastDeliveredAt, waiting } = channel
  if (!isEnabled) return <StateMark state="offline" word="off" />
  return (
    <>
      {problem !== null ? (
        <>
          <StateMark state="failed" word="failing" />
          <div className={styles.under}>
            {problem.message} <Ago at={problem.at} />
          </div>
        </>
      ) : lastDeliveredAt === null ? (
        <StateMark state="offline" word="nothing told yet" />
      ) : (
        <StateMark state="ok" word="works" />
      )}
      {lastDeliveredAt !== null && (
        <div className={styles.under}>
          last told <Ago at={lastDeliveredAt} />
        </div>
      )}
      {waiting > 0 && (
        <div className={styles.under}>
          {plural(waiting, 'notice')} waiting
          {kind === 'desktop' && (
            <>
              {' '}
              for a window that may show them: <RouteLink href={`${paths.settings}?tab=notifications`}>allow notifications</RouteLink>
            </>
          )}
        </div>
      )}
    </>
  )
}

function ChannelActs({ channel, onDeliveries }: { channel: Channel; onDeliveries(channel: string): void }) {
  const test = useCommand('alerts.testChannel')
  return (
    <div className={styles.rowActs}>
      <MayButton
        method="alerts.testChannel"
        loading={test.isRunning}
        aria-label={`Send a test by ${channel.name}`}
        onClick={() =>
          void test.run({ channel: channel.channel }).then(
            () => {
              showDone(`A test is on its way by ${channel.name}.`)
              onDeliveries(channel.channel)
            },
            () => undefined,
          )
        }
      >
        Send a test
      </MayButton>
    </div>
  )
}
