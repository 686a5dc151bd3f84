import { SegmentedControl, Table } from '@mantine/core'
import { Answered } from '../../components/answered.tsx'
import { formatCount, formatPercent } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { useNow } from '../../components/time.tsx'
import { useQuery } from '../../data/use-query.ts'
import { wilsonInterval } from '../../../shared/stats/proportion-interval.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { TelemetrySeries } from '../../../shared/rpc/contract/telemetry-series.ts'
import { latencyText } from './shadow-comparison.tsx'
import styles from './deployment.module.css'

type Beside = OutputOf<'deployments.list'>['deployments'][number]['beside']

const periods = { '1h': 3_600_000, '6h': 21_600_000, '24h': 86_400_000, '7d': 604_800_000 } as const
/** Periods of the comparison. */
export type Period = keyof typeof periods

/** With fewer, the interval of a share is wider than what could be decided by it. */
const ENOUGH = 100
/** The end of the period moves in whole minutes, so that the question stays the same within one. */
const STEP_MS = 60_000

/** What each version of a deployment did, side by side: traffic, errors, latency, accuracy where truth is known. */
export function VersionsBeside({
  deployment,
  beside,
  period,
  onPeriod,
}: {
  deployment: string
  beside: Beside
  period: Period
  onPeriod(period: Period): void
}) {
  const through = Math.ceil(useNow() / STEP_MS) * STEP_MS
  const answer = useQuery(
    'telemetry.fleetSeries',
    { deployment, from: through - periods[period], through, buckets: 1, by: 'version' },
    { keepsPrevious: true },
  )
  const isSplit = beside.some(({ role }) => role === 'split')
  return (
    <Section
      title={isSplit ? 'Split: both versions side by side' : 'Versions side by side'}
      actions={
        <SegmentedControl
          aria-label="Period of the comparison"
          data={Object.keys(periods)}
          value={period}
          onChange={(value) => onPeriod(value as Period)}
        />
      }
    >
      <Answered answer={answer}>
        {({ series }) =>
          series.length === 0 ? (
            <p className="dim">No version answered a request in this time.</p>
          ) : (
            <Table className={styles.table} aria-label="Versions side by side">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Version</Table.Th>
                  <Table.Th className="number">Requests</Table.Th>
                  <Table.Th>Errors, 95 %</Table.Th>
                  <Table.Th>Latency p50 (p99)</Table.Th>
                  <Table.Th>Accuracy, 95 %</Table.Th>
                  <Table.Th>Cache</Table.Th>
                  <Table.Th className="number">NaN</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {series.map((one) => (
                  <Row key={one.digest} one={one} roles={beside.filter(({ digest }) => digest === one.digest).map(({ role }) => role)} />
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Answered>
    </Section>
  )
}

function Row({ one, roles }: { one: TelemetrySeries; roles: readonly string[] }) {
  const { requests, errors, latencyMs, classified, correct, cacheHits, notFinite } = one.totals
  return (
    <Table.Tr>
      <Table.Td className="foreign">
        {one.model} {one.version} {roles.length > 0 && <span className="dim">{roles.join(', ')}</span>}
      </Table.Td>
      <Table.Td className="number">{formatCount(requests)}</Table.Td>
      <Table.Td>
        <Share part={errors} whole={requests} />
      </Table.Td>
      <Table.Td>{latencyMs === null ? '–' : latencyText(latencyMs)}</Table.Td>
      <Table.Td>{classified === 0 ? <span className="dim">no labels</span> : <Share part={correct} whole={classified} />}</Table.Td>
      <Table.Td>{cacheHits === 0 ? '–' : formatPercent(Math.min(1, cacheHits / Math.max(1, requests)))}</Table.Td>
      <Table.Td className="number">{formatCount(notFinite)}</Table.Td>
    </Table.Tr>
  )
}

function Share({ part, whole }: { part: number; whole: number }) {
  const interval = wilsonInterval(Math.min(part, whole), whole)
  if (interval === null) return <>–</>
  return (
    <span className={styles.share}>
      {formatPercent(Math.min(1, part / whole), 2)}{' '}
      <span className="dim">
        ({formatPercent(interval.low, 2)} to {formatPercent(interval.high, 2)})
      </span>
      {whole < ENOUGH && <StateMark state="unsure" word={`not enough data (${formatCount(whole)})`} />}
    </span>
  )
}
