import { SegmentedControl, Table } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { Link as RouteLink } from 'wouter'
import { EmptyState } from '../../components/answered.tsx'
import { StackChart } from '../../components/charts/stack-chart.tsx'
import { formatNumber, formatPercent } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { ActiveOfOrdered } from '../deployments/active-of-ordered.tsx'
import { stackParts } from './version-parts.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './overview.module.css'

type Overview = OutputOf<'overview.show'>

/** Rows of the table before the page of deployments has to be opened. */
const MOST_ROWS = 8

/** Which versions serve: over time by their requests, and now by the devices that are ordered to run them and do. */
export function Versions({
  overview,
  period,
  as,
  onChange,
}: {
  overview: Overview
  period: '1h' | '24h'
  as: 'requests' | 'share'
  onChange(change: { period?: '1h' | '24h'; as?: 'requests' | 'share' }): void
}) {
  const { from, bucketMs, buckets, series } = overview.versionsOverTime
  const isShare = as === 'share'
  const isTall = useMediaQuery('(min-height: 840px)')
  const isVeryTall = useMediaQuery('(min-height: 1200px)')
  return (
    <Section
      title="Versions in the field"
      actions={
        <>
          <SegmentedControl
            aria-label="Unit of the chart"
            value={as}
            onChange={(value) => onChange({ as: value })}
            data={[
              { value: 'requests', label: 'Requests' },
              { value: 'share', label: 'Share' },
            ]}
          />
          <SegmentedControl
            aria-label="Period of the chart"
            value={period}
            onChange={(value) => onChange({ period: value })}
            data={[
              { value: '1h', label: '1 h' },
              { value: '24h', label: '24 h' },
            ]}
          />
        </>
      }
    >
      <StackChart
        title={isShare ? 'Share of the requests' : 'Requests'}
        unit={isShare ? 'by version' : `by version, per ${Math.round(bucketMs / 60_000)} min`}
        height={isVeryTall ? 400 : isTall ? 220 : 140}
        times={Array.from({ length: buckets }, (_, i) => from + i * bucketMs)}
        from={from}
        through={from + buckets * bucketMs}
        parts={stackParts(series, as)}
        format={isShare ? (value) => formatPercent(value, 0) : formatNumber}
        emptyText="No device has answered a request in this period"
      />
      <VersionTable versions={overview.versions} />
    </Section>
  )
}

function VersionTable({ versions }: { versions: Overview['versions'] }) {
  if (versions.length === 0) {
    return (
      <EmptyState
        title="No version is deployed yet"
        actions={
          <MayButton method="deployments.apply" href={paths.deploy()}>
            Deploy a version
          </MayButton>
        }
      >
        Devices serve a model once a version is ordered for them.
      </EmptyState>
    )
  }
  return (
    <>
      <Table className={styles.versions} aria-label="Versions in the field">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Deployment</Table.Th>
            <Table.Th>Version</Table.Th>
            <Table.Th>Active of ordered</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {versions.slice(0, MOST_ROWS).map(({ deployment, model, version, digest, desired, active }) => (
            <Table.Tr key={`${deployment} ${digest}`}>
              <Table.Td>
                <RouteLink href={paths.deployment(deployment)} className="foreign">
                  {deployment}
                </RouteLink>
              </Table.Td>
              <Table.Td>
                <RouteLink href={paths.version(model, version)} className="foreign">
                  {model} {version}
                </RouteLink>
              </Table.Td>
              <Table.Td>
                <ActiveOfOrdered title={`${model} ${version}`} active={active} desired={desired} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {versions.length > MOST_ROWS && (
        <p className="dim">
          {versions.length - MOST_ROWS} more are on the page of <RouteLink href={paths.deployments}>deployments</RouteLink>.
        </p>
      )}
    </>
  )
}
