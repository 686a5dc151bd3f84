import { Table } from '@mantine/core'
import { formatCount } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import styles from './comparison.module.css'

/** Pairs that there is room for. */
const MOST = 12

/** Classes in which a shadow says something else than the incumbent, most often first. */
export function ClassPairs({ comparison: { pairs } }: { comparison: OutputOf<'rollouts.comparison'> }) {
  if (pairs.length === 0) return null
  const most = Math.max(...pairs.map(({ rows }) => rows))
  return (
    <Section title="Where they differ">
      <Table className={styles.table} aria-label="Classes in which they differ">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Incumbent says</Table.Th>
            <Table.Th>Candidate says</Table.Th>
            <Table.Th className="number">Rows</Table.Th>
            <Table.Th>
              <span className="sr-only">As bars</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {pairs.slice(0, MOST).map(({ incumbent, candidate, rows }) => (
            <Table.Tr key={JSON.stringify([incumbent, candidate])}>
              <Table.Td className="foreign">{incumbent}</Table.Td>
              <Table.Td className="foreign">{candidate}</Table.Td>
              <Table.Td className="number">{formatCount(rows)}</Table.Td>
              <Table.Td aria-hidden="true" className={styles.bars}>
                <div className={styles.candidateBar} style={{ width: `${(rows / most) * 100}%` }} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
        {pairs.length > MOST && (
          <Table.Caption>
            The {MOST} most frequent of {formatCount(pairs.length)} pairs.
          </Table.Caption>
        )}
      </Table>
    </Section>
  )
}
