import { Table } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { Answered } from '../../../components/answered.tsx'
import plain from '../../../components/plain-table.module.css'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago, Ahead } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { useQuery } from '../../../data/use-query.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import styles from './sources.module.css'

type Offer = OutputOf<'sources.offers'>['offers'][number]

/** What was found in the places, the newest first, with what became of it. */
export function OfferSection() {
  const answer = useQuery('sources.offers', { limit: 100 })
  return (
    <Section title="Found">
      <Answered answer={answer}>
        {({ offers }) =>
          offers.length === 0 ? (
            <p className="dim">Nothing was found yet. What is found becomes a draft: it is evaluated, approved and released by people.</p>
          ) : (
            <Table className={plain.table} aria-label="What was found">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Found</Table.Th>
                  <Table.Th>Source</Table.Th>
                  <Table.Th>What became of it</Table.Th>
                  <Table.Th>When</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {offers.map((one) => (
                  <Table.Tr key={one.offer}>
                    <Table.Td className={`${styles.place} foreign`}>{one.name}</Table.Td>
                    <Table.Td className={styles.place}>{one.source}</Table.Td>
                    <Table.Td>
                      <OfferState offer={one} />
                    </Table.Td>
                    <Table.Td className={styles.when}>
                      <Ago at={one.endedAt ?? one.foundAt} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Answered>
    </Section>
  )
}

function OfferState({ offer: { state, model, version, problem, nextAt, notes } }: { offer: Offer }) {
  if (state === 'waiting') return <StateMark state="working" word="waiting for its turn" />
  if (state === 'failed')
    return (
      <>
        <StateMark state="failed" word="not imported" />
        <div className={`${styles.under} foreign`}>{problem?.message}</div>
        <div className={styles.under}>
          {nextAt === null ? (
            'It is tried again when the files change, or when you ask.'
          ) : (
            <>
              Again <Ahead at={nextAt} />.
            </>
          )}
        </div>
      </>
    )
  return (
    <>
      <StateMark state="ok" word="imported as" />{' '}
      {model !== null && version !== null && <RouteLink href={paths.version(model, version)}>{`${model}@${version}`}</RouteLink>}
      {notes.map((note) => (
        <div key={note} className={styles.under}>
          {note}
        </div>
      ))}
    </>
  )
}
