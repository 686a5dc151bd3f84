import { Answered, EmptyState } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { formatBytes, formatCount, formatExact } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { StateMark, type State } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { useQuery } from '../../../data/use-query.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { CarryOutcomes } from './carry-outcomes.tsx'
import styles from './carry.module.css'

type Listed = OutputOf<'carry.list'>

const marks: Record<Listed['exports'][number]['state'], State> = { writing: 'working', written: 'ok', failed: 'failed' }

/** What was exported, how many devices answered, and the newest receipt of each. */
export function CarryHistory() {
  const answer = useQuery('carry.list', {})
  return (
    <Section title="Exports and receipts" actions={<CopyAsCommand command="npm run -s muster -- carry list" isIcon />}>
      <Answered answer={answer}>
        {({ exports, receipts }) =>
          exports.length === 0 ? (
            <EmptyState title="Nothing was exported yet">
              An export holds models and signed orders for devices that no network reaches.
            </EmptyState>
          ) : (
            <>
              <Exports exports={exports} />
              {receipts.length > 0 && <Receipts receipts={receipts} />}
            </>
          )
        }
      </Answered>
    </Section>
  )
}

function Exports({ exports }: { exports: Listed['exports'] }) {
  return (
    <table className={styles.table} aria-label="Exports">
      <thead>
        <tr>
          <th>Export</th>
          <th>State</th>
          <th>Answered</th>
          <th>Size</th>
          <th>Good until</th>
          <th>Folder</th>
        </tr>
      </thead>
      <tbody>
        {exports.map((one) => (
          <tr key={one.number}>
            <td>
              <Ago at={one.createdAt} /> by <span className="foreign">{one.actor}</span>
            </td>
            <td>
              <StateMark state={marks[one.state]} word={one.state} />
            </td>
            <td>
              {formatCount(one.answered)} of {formatCount(one.devices.length)}
            </td>
            <td>{one.state === 'written' ? formatBytes(one.bytes) : '–'}</td>
            <td>{formatExact(one.expiresAt)}</td>
            <td className="mono foreign">{one.folder}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Receipts({ receipts }: { receipts: Listed['receipts'] }) {
  return (
    <table className={styles.table} aria-label="Receipts">
      <thead>
        <tr>
          <th>Device</th>
          <th>Imported</th>
          <th>Records</th>
          <th>On the device</th>
        </tr>
      </thead>
      <tbody>
        {receipts.map((one) => (
          <tr key={one.device}>
            <td className="foreign">{one.device}</td>
            <td>
              <Ago at={one.importedAt} /> by <span className="foreign">{one.actor}</span>
            </td>
            <td>{formatCount(one.records)}</td>
            <td>
              <CarryOutcomes problem={one.applied} deployments={one.deployments} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
