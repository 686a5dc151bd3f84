import { Table } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { Answered } from '../../components/answered.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatCount, formatMs, formatNumber, formatPercent, plural } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import styles from './deployment.module.css'

type Comparison = OutputOf<'telemetry.shadow'>['comparisons'][number]
type Sums = Comparison['sums']

/** Devices that are listed of a comparison; those that agree least come first. */
const MOST_DEVICES = 50

/** How shadows compare with what was active, the one that was heard of last first. */
export function ShadowComparisons({ deployment, isExpected }: { deployment: string; isExpected: boolean }) {
  const answer = useQuery('telemetry.shadow', { deployment })
  const found = answer.data?.comparisons ?? []
  if (answer.data !== undefined && found.length === 0 && !isExpected) return null
  return (
    <Answered answer={answer}>
      {({ comparisons }) =>
        comparisons.length === 0 ? (
          <Section title="Shadow against active">
            <p className="dim">Nothing was compared yet: the first numbers come with the window that the device closes next.</p>
          </Section>
        ) : (
          comparisons.map((one) => <OneComparison key={`${one.digest} ${one.againstDigest}`} one={one} />)
        )
      }
    </Answered>
  )
}

function OneComparison({ one }: { one: Comparison }) {
  const { sums, pairs, difference } = one
  return (
    <Section
      title={`Shadow ${one.version} against ${one.againstVersion}`}
      actions={
        <span className="dim">
          <Ago at={one.lastAt} />
        </span>
      }
    >
      <Agreement one={one} />
      <div className={styles.compared}>
        <Facts
          rows={[
            ['Requests', `${formatCount(sums.offered)} seen by the active version`],
            ['Skipped', `${formatCount(sums.skipped)}${shareText(sums.skipped, sums.offered)}: share of computing spent, or queue full`],
            ['Failed', `${formatCount(sums.failed)}${shareText(sums.failed, sums.offered - sums.skipped)}`],
            ['NaN or infinity', formatCount(sums.notFinite)],
            ['Latency', <LatencyRow key="latency" shadow={sums.latencyMs} active={one.againstLatencyMs ?? null} />],
            [
              'Difference',
              difference === null
                ? null
                : `mean ${formatNumber(difference.mean)}, rms ${formatNumber(difference.rms)}, at most ${formatNumber(difference.max)}`,
            ],
          ]}
        />
        {pairs.length > 0 && <Pairs one={one} />}
      </div>
      <Devices one={one} />
    </Section>
  )
}

function Agreement({ one: { sums, isEnough, enoughRows, model, version } }: { one: Comparison }) {
  if (sums.agreement === null) return <p className="dim">No row has an answer of both yet.</p>
  return (
    <p className={styles.agreement}>
      <strong>{formatPercent(sums.agreement, 2)}</strong>
      <span>
        of {plural(sums.compared, 'row')} agree; 95 % interval {intervalText(sums)}
      </span>
      {!isEnough && <StateMark state="unsure" word={`not enough data: ${formatCount(enoughRows)} rows say something`} />}
      <RouteLink href={paths.version(model, version)}>
        {model} {version}
      </RouteLink>
    </p>
  )
}

function LatencyRow({ shadow, active }: { shadow: Sums['latencyMs']; active: Sums['latencyMs'] }) {
  return (
    <>
      shadow {latencyText(shadow)} <span className="dim">run alone</span>; active {latencyText(active)}{' '}
      <span className="dim">whole request</span>
    </>
  )
}

function Pairs({ one }: { one: Comparison }) {
  const differing = one.sums.compared - one.sums.agreed
  return (
    <Table className={styles.table} aria-label="Classes in which they differ">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{one.againstVersion} says</Table.Th>
          <Table.Th>{one.version} says</Table.Th>
          <Table.Th className="number">Rows</Table.Th>
          <Table.Th className="number">Of all that differ</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {one.pairs.slice(0, 8).map(({ active, shadow, rows }) => (
          <Table.Tr key={JSON.stringify([active, shadow])}>
            <Table.Td className="foreign">{active}</Table.Td>
            <Table.Td className="foreign">{shadow}</Table.Td>
            <Table.Td className="number">{formatCount(rows)}</Table.Td>
            <Table.Td className="number">{differing === 0 ? '' : formatPercent(Math.min(1, rows / differing))}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Devices({ one }: { one: Comparison }) {
  return (
    <Table className={styles.table} aria-label={`Devices with shadow ${one.version}`}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Device</Table.Th>
          <Table.Th className="number">Compared</Table.Th>
          <Table.Th>Agreement, 95 %</Table.Th>
          <Table.Th className="number">Skipped</Table.Th>
          <Table.Th className="number">Failed</Table.Th>
          <Table.Th className="number">NaN</Table.Th>
          <Table.Th>Run time</Table.Th>
          <Table.Th>Last</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {one.devices.slice(0, MOST_DEVICES).map((row) => (
          <Table.Tr key={row.device}>
            <Table.Td className="foreign">
              <RouteLink href={paths.device(row.device)}>{row.device}</RouteLink>
            </Table.Td>
            <Table.Td className="number">{formatCount(row.compared)}</Table.Td>
            <Table.Td>{row.agreement === null ? '–' : `${formatPercent(row.agreement, 2)} (${intervalText(row)})`}</Table.Td>
            <Table.Td className="number">{formatCount(row.skipped)}</Table.Td>
            <Table.Td className="number">{formatCount(row.failed)}</Table.Td>
            <Table.Td className="number">{formatCount(row.notFinite)}</Table.Td>
            <Table.Td>{row.latencyMs === null ? '–' : formatMs(row.latencyMs.p50)}</Table.Td>
            <Table.Td>
              <Ago at={row.lastAt} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
      {one.totalDevices > MOST_DEVICES && (
        <Table.Caption>
          The {MOST_DEVICES} that agree least of {plural(one.totalDevices, 'device')}.
        </Table.Caption>
      )}
    </Table>
  )
}

/** A latency as median and 99th percentile. */
export function latencyText(latency: Sums['latencyMs']): string {
  return latency === null ? 'unknown' : `${formatMs(latency.p50)} (p99 ${formatMs(latency.p99)})`
}

function intervalText({ agreementLow, agreementHigh }: Pick<Sums, 'agreementLow' | 'agreementHigh'>): string {
  if (agreementLow === null || agreementHigh === null) return 'unknown'
  return `${formatPercent(agreementLow, 2)} to ${formatPercent(agreementHigh, 2)}`
}

function shareText(part: number, whole: number): string {
  return part === 0 || whole <= 0 ? '' : ` (${formatPercent(part / whole)})`
}
