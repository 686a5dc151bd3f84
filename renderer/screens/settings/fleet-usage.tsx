import { SegmentedControl, Table } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatBytes, formatCount, formatDuration, formatExact, plural } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { useNow } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { causesText } from '../devices/device-usage.tsx'
import styles from './settings.module.css'

type Usage = OutputOf<'telemetry.usage'>

const DAY_MS = 86_400_000
const periods = { '1d': 1, '7d': 7, '30d': 30 } as const
type Period = keyof typeof periods

/** Devices that are listed, those with the most bytes first. */
const MOST_DEVICES = 50

/** What the devices of the fleet used: bytes by cause, inferences, computing time, disk. */
export function FleetUsage() {
  const [period, setPeriod] = useState<Period>('7d')
  // Whole days are summed: the question is the same for all of a day.
  const through = Math.ceil(useNow() / DAY_MS) * DAY_MS
  const answer = useQuery(
    'telemetry.usage',
    { from: through - periods[period] * DAY_MS, through, limit: MOST_DEVICES },
    { keepsPrevious: true },
  )
  return (
    <Section
      title="Use of the fleet"
      actions={
        <>
          <CopyAsCommand command={`npm run -s muster -- telemetry usage --since ${period}`} isIcon />
          <SegmentedControl
            aria-label="Period"
            data={Object.keys(periods)}
            value={period}
            onChange={(value) => setPeriod(value as Period)}
          />
        </>
      }
    >
      <Answered answer={answer}>
        {(usage) =>
          usage.totalDevices === 0 ? (
            <p className="dim">No device told anything of its use yet; each does so every five minutes.</p>
          ) : (
            <Rows usage={usage} />
          )
        }
      </Answered>
    </Section>
  )
}

function Rows({ usage }: { usage: Usage }) {
  return (
    <>
      <Facts
        rows={[
          ['Days (UTC)', `${formatExact(usage.from)} to ${formatExact(usage.through)}`],
          ['Received', causesText(usage.bytesIn)],
          ['Sent', causesText(usage.bytesOut)],
          ['Inferences', formatCount(usage.inferences)],
          ['Computing', formatDuration(usage.cpuSeconds * 1000)],
          ['Stored', `${formatBytes(usage.storedBytes)} on ${plural(usage.totalDevices, 'device')}`],
        ]}
      />
      <Table className={styles.table} aria-label="Devices with the most bytes">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Device</Table.Th>
            <Table.Th>Received</Table.Th>
            <Table.Th>Sent</Table.Th>
            <Table.Th>Inferences</Table.Th>
            <Table.Th>Computing</Table.Th>
            <Table.Th>Stored</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {usage.devices.map((one) => (
            <Table.Tr key={one.device}>
              <Table.Td className="foreign">
                <RouteLink href={paths.device(one.device)}>{one.device}</RouteLink>
              </Table.Td>
              <Table.Td>{formatBytes(one.bytesIn)}</Table.Td>
              <Table.Td>{formatBytes(one.bytesOut)}</Table.Td>
              <Table.Td>{formatCount(one.inferences)}</Table.Td>
              <Table.Td>{formatDuration(one.cpuSeconds * 1000)}</Table.Td>
              <Table.Td>{formatBytes(one.storedBytes)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {usage.totalDevices > usage.devices.length && (
        <p className="dim">
          The {usage.devices.length} with the most bytes of {plural(usage.totalDevices, 'device')}.
        </p>
      )}
    </>
  )
}
