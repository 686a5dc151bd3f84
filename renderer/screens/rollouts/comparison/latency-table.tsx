import { Table } from '@mantine/core'
import { formatMs, formatPercent } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import styles from './comparison.module.css'

type Latency = OutputOf<'rollouts.comparison'>['latency']

/** Quantiles of the latency side by side: merged from all devices, not means of their quantiles. */
export function LatencyTable({ comparison, version }: { comparison: OutputOf<'rollouts.comparison'>; version: string }) {
  const { candidate, incumbent } = comparison.latency
  if (candidate === null && incumbent === null)
    return (
      <Section title="Latency">
        <p className="dim">No request was timed yet.</p>
      </Section>
    )
  return (
    <Section title="Latency, all devices together">
      <Table className={styles.table} aria-label="Latency">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Quantile</Table.Th>
            <Table.Th className="number">{comparison.evidence?.incumbent?.version ?? 'Incumbent'}</Table.Th>
            <Table.Th className="number">{version}</Table.Th>
            <Table.Th className="number">Change</Table.Th>
            <Table.Th>
              <span className="sr-only">As bars</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {(['p50', 'p95', 'p99'] as const).map((quantile) => (
            <Row key={quantile} quantile={quantile} latency={{ candidate, incumbent }} />
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  )
}

function Row({ quantile, latency: { candidate, incumbent } }: { quantile: 'p50' | 'p95' | 'p99'; latency: Latency }) {
  const most = Math.max(candidate?.p99 ?? 0, incumbent?.p99 ?? 0, 1e-9)
  const text = (side: Latency['candidate']): string => (side === null ? '–' : formatMs(side[quantile]))
  const change =
    candidate === null || incumbent === null || incumbent[quantile] === 0 ? null : candidate[quantile] / incumbent[quantile] - 1
  return (
    <Table.Tr>
      <Table.Td>{quantile}</Table.Td>
      <Table.Td className="number">{text(incumbent)}</Table.Td>
      <Table.Td className="number">{text(candidate)}</Table.Td>
      <Table.Td className="number">
        {change === null ? '–' : `${change > 0 ? '+' : change < 0 ? '−' : '±'}${formatPercent(Math.abs(change), 0)}`}
      </Table.Td>
      <Table.Td aria-hidden="true" className={styles.bars}>
        <div className={styles.incumbentBar} style={{ width: `${((incumbent?.[quantile] ?? 0) / most) * 100}%` }} />
        <div className={styles.candidateBar} style={{ width: `${((candidate?.[quantile] ?? 0) / most) * 100}%` }} />
      </Table.Td>
    </Table.Tr>
  )
}
