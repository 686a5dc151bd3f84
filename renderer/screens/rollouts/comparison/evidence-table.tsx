import { Table } from '@mantine/core'
import { formatCount } from '../../../components/format.ts'
import { StateMark } from '../../../components/state-mark.tsx'
import type { GateEvidence, MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import { judgedMetrics } from '../../../../shared/domain/rollout/judge.ts'
import { differenceText, metricText, metricTitle, sizeText, thingsText, unitOf, verdictMarks } from '../live/rollout-words.ts'
import { evidenceText, neededText } from './evidence-words.ts'
import { IntervalBar } from './interval-bar.tsx'
import styles from './comparison.module.css'

/** What each metric says of the version against the incumbent: both sides with their n, the difference with its interval, what is still needed. */
export function EvidenceTable({ evidence }: { evidence: GateEvidence }) {
  if (evidence.metrics.length === 0) return <p className="dim">No metric is judged: all of them are off in the plan.</p>
  return (
    <div className={styles.tableBox} tabIndex={0} role="group" aria-label="Evidence by metric">
      <Table className={styles.table} aria-label="Evidence by metric">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Metric</Table.Th>
            <Table.Th>Verdict</Table.Th>
            <Table.Th className="number">Incumbent</Table.Th>
            <Table.Th className="number">Candidate</Table.Th>
            <Table.Th>Difference, and what is accepted</Table.Th>
            <Table.Th title="Evidence that the version is worse, safe to look at any time, of what makes it fail">
              Evidence of worse
            </Table.Th>
            <Table.Th>Still needed</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {evidence.metrics.map((one) => (
            <MetricRow key={one.metric} one={one} evidence={evidence} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function MetricRow({ one, evidence }: { one: MetricEvidence; evidence: GateEvidence }) {
  const { metric, role, verdict, candidate, incumbent, difference, margin } = one
  const needed = neededText(one, evidence)
  const unit = unitOf(one)
  return (
    <Table.Tr title={`${one.sentence} ${one.method}`}>
      <Table.Td>
        <span title={judgedMetrics[metric].summary}>{metricTitle(metric, unit)}</span>
        <div className={styles.under}>{role}</div>
      </Table.Td>
      <Table.Td>
        <StateMark state={verdictMarks[verdict]} word={verdict === 'not enough evidence' ? 'not enough' : verdict} />
      </Table.Td>
      <ArmCell one={one} arm={incumbent} />
      <ArmCell one={one} arm={candidate} />
      <Table.Td>
        <div className={styles.difference}>
          <IntervalBar of={one} />
          <span>
            {differenceText(unit, difference)}
            <span className={styles.under}> of {sizeText(unit, margin)}</span>
          </span>
        </div>
      </Table.Td>
      <Table.Td className="number">{evidenceText(one)}</Table.Td>
      <Table.Td>
        {needed === null ? <span className="dim">{verdict === 'not enough evidence' ? 'not known' : 'nothing'}</span> : needed}
      </Table.Td>
    </Table.Tr>
  )
}

function ArmCell({ one, arm }: { one: MetricEvidence; arm: MetricEvidence['candidate'] }) {
  return (
    <Table.Td className="number">
      {metricText(unitOf(one), arm.value)}
      <div className={styles.under}>{arm.n === 0 ? 'no data' : `${formatCount(arm.n)} ${thingsText(one.metric, arm.n)}`}</div>
    </Table.Td>
  )
}
