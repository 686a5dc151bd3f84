import { Table } from '@mantine/core'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { formatCount, formatPercent, plural } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { useQuery } from '../../data/use-query.ts'
import styles from './labelling.module.css'

type Agreement = OutputOf<'labelling.agreement'>

/** Fewer rows than this say little about how far people agree. */
const LEAST_ROWS = 20

/** Who labelled how much, and how far labellers agree with each other and with what was settled. */
export function AgreementTab({ scope }: { scope: InputOf<'labelling.agreement'> }) {
  const answer = useQuery('labelling.agreement', scope, { keepsPrevious: true })
  return (
    <Answered answer={answer}>
      {(agreement) =>
        agreement.labellers.length === 0 ? (
          <EmptyState title="Nobody has labelled yet">Who labelled how much stands here, and how far people agree.</EmptyState>
        ) : (
          <div className={styles.page}>
            <Headline agreement={agreement} />
            <Section title="Labellers">
              <Table className={styles.table} aria-label="Labellers">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Name</Table.Th>
                    <Table.Th>Labels</Table.Th>
                    <Table.Th>Skipped</Table.Th>
                    <Table.Th>As settled</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {agreement.labellers.map((one) => (
                    <Table.Tr key={one.by}>
                      <Table.Td className="foreign">{one.by}</Table.Td>
                      <Table.Td>{formatCount(one.labels)}</Table.Td>
                      <Table.Td>{formatCount(one.skipped)}</Table.Td>
                      <Table.Td>
                        {one.agreement === null ? <span className="dim">nothing settled</span> : formatPercent(one.agreement)}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Section>
            {agreement.pairs.length > 0 && <Pairs pairs={agreement.pairs} />}
          </div>
        )
      }
    </Answered>
  )
}

function Headline({ agreement: { rows, agreement, kappa } }: { agreement: Agreement }) {
  if (agreement === null)
    return <StateMark state="unsure" word="Insufficient data: no row has labels of two people. Set how many must agree under Rules." />
  return (
    <p className={styles.headline}>
      <strong>{formatPercent(agreement)}</strong> of the pairs of labels agree, on {plural(rows, 'row')}
      {kappa !== null && (
        <>
          ; beyond chance (Cohen’s kappa) <strong>{kappa.toFixed(2)}</strong>
        </>
      )}
      {rows < LEAST_ROWS && (
        <>
          {' '}
          <StateMark state="unsure" word="few rows" />
        </>
      )}
    </p>
  )
}

function Pairs({ pairs }: { pairs: Agreement['pairs'] }) {
  return (
    <Section title="Pairs of labellers">
      <Table className={styles.table} aria-label="Pairs of labellers">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Labellers</Table.Th>
            <Table.Th>Rows of both</Table.Th>
            <Table.Th>Agree</Table.Th>
            <Table.Th>Kappa</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {pairs.map((pair) => (
            <Table.Tr key={`${pair.a} ${pair.b}`}>
              <Table.Td className="foreign">
                {pair.a} and {pair.b}
              </Table.Td>
              <Table.Td>{formatCount(pair.rows)}</Table.Td>
              <Table.Td>{formatPercent(pair.agreement)}</Table.Td>
              <Table.Td>{pair.kappa === null ? <span className="dim">undefined</span> : pair.kappa.toFixed(2)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  )
}
